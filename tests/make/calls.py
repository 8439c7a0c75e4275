"""Makers of calls and their money."""

from dataclasses import fields, replace
from datetime import timedelta
from itertools import count
from typing import Any

from mobility.calls.models import Allotment, Call
from mobility.calls.services import CallDraft, allot, draft, open_call
from mobility.core import clock
from mobility.core.db import db
from mobility.partnerships.models import Partnership
from tests.make.partnerships import make_partnership

_numbers = count(1)


def make_call(*, is_open: bool = True, **changes: Any) -> Call:
    """A call with the seeded rules that is open today and tells each decision; stays in the year after it closes.

    `changes` are fields of `CallDraft` or, set after the draft, columns of `Call`.
    """
    today = clock.today()
    content = CallDraft(
        reference=f"CXC-TEST-{next(_numbers)}",
        title="Test call",
        opens_at=clock.at_local(today - timedelta(days=10)),
        closes_at=clock.at_local(today + timedelta(days=10)),
        first_day=today + timedelta(days=30),
        last_day=today + timedelta(days=395),
        releases_together=False,
    )
    typed = {field.name for field in fields(CallDraft)}
    call = draft(replace(content, **{name: changes[name] for name in changes.keys() & typed}), actor=None)
    for name in changes.keys() - typed:
        setattr(call, name, changes[name])
    if is_open:
        open_call(call, actor=None)
    db.session.flush()
    return call


def make_allotment(
    call: Call | None = None,
    partnership: Partnership | None = None,
    *,
    budget_cents: int = 1_000_000,
    own_rate_cents: int | None = None,
) -> Allotment:
    """A partnership's budget in a call; makes the missing ones."""
    made = allot(
        call or make_call(),
        partnership or make_partnership(),
        budget_cents,
        actor=None,
        own_rate_cents=own_rate_cents,
    )
    db.session.flush()
    return made
