"""What tests look at in agreements, and the forms they fill."""

import re
from typing import Any

from mobility.accounts.models import User
from mobility.agreements.enums import AgreementStatus, Slot
from mobility.agreements.models import Agreement
from mobility.agreements.rules import days_of
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.mail.queries import letters_about
from tests.make.accounts import sign_in
from tests.make.agreements import (
    signer,
)
from tests.visitor import Visitor

PLAN = {
    "objectives_visitor": "Learn to weave.",
    "objectives_host": "Show the looms.",
    "outcomes_visitor": "A sample.",
    "outcomes_host": "A buyer.",
    "tasks": "Both bring yarn.",
    "place": "Porto",
}


def kinds(record: Any) -> list[str]:
    """The kinds of letters about a record, sorted."""
    return sorted(letter.kind for letter in letters_about(record))


def state(agreement: Agreement) -> tuple[AgreementStatus, int]:
    return agreement.status, len(agreement.signatures)


def enter(client: Visitor, user: User) -> User:
    """Sign in; what the test arranged is committed first."""
    db.session.commit()
    sign_in(client, user)
    return user


def enter_as(client: Visitor, exchange: Exchange, slot: Slot) -> User:
    return enter(client, signer(exchange, slot))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def plan_path(exchange: Exchange) -> str:
    return f"/exchanges/{exchange.reference}/plan"


def plan_fields(exchange: Exchange, page: str, **changes: str) -> dict[str, str]:
    agenda = {f"agenda-{n}": f"Part {n}." for n, _day in enumerate(days_of(exchange))}
    versions = {name: hidden(page, name) for name in ("version", "exchange_version")}
    return PLAN | agenda | versions | changes


def signing(agreement: Agreement, party: Slot, **changes: str) -> dict[str, str]:
    usual = {
        "sha256": agreement.sha256,
        "slot": party.value,
        "name": "Vera Visitor",
        "position": "Director",
        "has_read": "y",
    }
    return usual | changes
