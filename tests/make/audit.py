"""Makers of entries of the log."""

from itertools import count

from mobility.accounts.models import User
from mobility.audit.models import Entry
from mobility.audit.services import record, seal
from mobility.core.db import db
from tests.make.accounts import make_user

_numbers = count(1)


def make_entries(number: int, about: User | None = None) -> list[Entry]:
    """So many entries about one account, each with values of its own."""
    user = about or make_user()
    made = [record("account.renamed", user, actor=user, before=f"A{n}", after=n) for n in range(number)]
    db.session.flush()
    return made


def make_chain(*runs: int) -> list[Entry]:
    """Entries sealed in runs of these lengths, on top of what the makers themselves logged."""
    user = make_user()
    seal()
    made = []
    for length in runs:
        made += make_entries(length, user)
        seal()
    return made
