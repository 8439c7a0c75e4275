"""What happens to a call, and to the money it allots."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from mobility.audit.services import record
from mobility.calls import seed
from mobility.calls.enums import LIFECYCLE, CallStatus, CvAsked
from mobility.calls.models import Allotment, Call
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.partnerships.models import Partnership


@dataclass(frozen=True)
class CallDraft:
    """An edition of the scheme: when one applies, and when the stays are."""

    reference: str
    title: str
    opens_at: datetime
    closes_at: datetime
    first_day: date
    last_day: date
    answer_days: int = 5
    releases_together: bool = True


def draft(content: CallDraft, *, actor: Actor | None) -> Call:
    """Write a call with the scheme's usual rules, countries and rates; from then on they are its own."""
    call = Call(
        reference=content.reference,
        title=content.title,
        status=CallStatus.DRAFT,
        opens_at=content.opens_at,
        closes_at=content.closes_at,
        first_day=content.first_day,
        last_day=content.last_day,
        answer_days=content.answer_days,
        releases_together=content.releases_together,
        rules_version=seed.RULES_VERSION,
        roles_by_type=dict(seed.ROLES_BY_TYPE),
        membership_types=list(seed.MEMBERSHIP_TYPES),
        profile_types=list(seed.PROFILE_TYPES),
        priority_weights=dict(seed.PRIORITY_WEIGHTS),
        score_weights=dict(seed.SCORE_WEIGHTS),
        created_at=clock.utcnow(),
        countries=seed.countries(),
        rates=seed.rates(),
    )
    db.session.add(call)
    record("call.drafted", call, actor=actor, rules=call.rules_version)
    return call


def open_call(call: Call, *, actor: Actor | None) -> None:
    """Publish a call, or take up a closed one again; applications count between its dates."""
    LIFECYCLE.move(call, to=CallStatus.OPEN)
    record("call.opened", call, actor=actor, opens_at=call.opens_at, closes_at=call.closes_at)


def close(call: Call, *, actor: Actor | None) -> None:
    """Take no more applications and offers; closed early, the call closed now."""
    now = clock.utcnow()
    closed_at = now if call.opens_at < now < call.closes_at else call.closes_at
    LIFECYCLE.move(call, to=CallStatus.CLOSED, closes_at=closed_at)
    record("call.closed", call, actor=actor, closes_at=closed_at)


def set_payer(call: Call, partnership: Partnership | None, *, actor: Actor | None) -> bool:
    """Say who pays the lump sums of all partnerships, such as the support office; None: each its own.

    Orders that stand keep their payer. False if it is so already.
    """
    if call.payer is partnership:
        return False
    call.payer = partnership
    record("call.payer-set", call, actor=actor, partnership=partnership.code if partnership else None)
    return True


def choose_release(call: Call, *, together: bool, actor: Actor | None) -> None:
    """Say whether applicants are told of all decisions in one step, or of each as it is made.

    Raises `RuleBroken("released-already")`.
    """
    _set_unreleased(call, releases_together=together)
    record("call.release-chosen", call, actor=actor, together=together)


def note_release(call: Call) -> None:
    """Say that applicants are told of the call's decisions, once. Raises `RuleBroken("released-already")`."""
    _set_unreleased(call, Call.releases_together, released_at=clock.utcnow())


def holds_decisions(call: Call) -> bool:
    """Whether decisions wait to be told; that does not change before the end of the transaction."""
    of_release = ["releases_together", "released_at"]
    db.session.refresh(call, attribute_names=of_release, with_for_update={"read": True, "of": Call})
    return call.holds_decisions


def ask_for_cv(call: Call, asked: CvAsked, *, actor: Actor | None) -> None:
    """Say whether visitors send a CV; what was sent without one lacks it from then on where it is needed."""
    before, call.cv_asked = call.cv_asked, asked
    if before is not asked:
        record("call.cv-asked", call, actor=actor, before=before, now=asked)


def allot(
    call: Call,
    partnership: Partnership,
    budget_cents: int,
    *,
    actor: Actor | None,
    own_rate_cents: int | None = None,
    planned_exchanges: int = 0,
) -> Allotment:
    """Say what a partnership may spend in a call, for the first time or anew.

    Raises `RuleBroken("budget-below-committed")` for less than it has promised already.
    """
    allotment = _locked(call, partnership)
    if allotment is None:
        allotment = Allotment(call=call, partnership=partnership, committed_cents=0)
        db.session.add(allotment)
    elif budget_cents < allotment.committed_cents:
        raise RuleBroken(
            "budget-below-committed", partnership=partnership.code, committed_cents=allotment.committed_cents
        )
    allotment.budget_cents = budget_cents
    allotment.own_rate_cents = own_rate_cents
    allotment.planned_exchanges = planned_exchanges
    record("call.allotted", call, actor=actor, partnership=partnership.code, budget_cents=budget_cents)
    return allotment


def reserve(call: Call, partnership: Partnership, cents: int) -> None:
    """Promise an amount of the partnership's budget. Raises `RuleBroken("over-budget")` if it is not free."""
    promised = _move_committed(
        call, partnership, cents, Allotment.committed_cents + cents <= Allotment.budget_cents
    )
    if not promised:
        raise RuleBroken("over-budget", partnership=partnership.code, cents=cents)


def free(call: Call, partnership: Partnership, cents: int) -> None:
    """Take a promise back. Raises `RuleBroken("nothing-committed")` for more than was promised."""
    if not _move_committed(call, partnership, -cents, Allotment.committed_cents >= cents):
        raise RuleBroken("nothing-committed", partnership=partnership.code, cents=cents)


def _set_unreleased(call: Call, *where: InstrumentedAttribute[bool], **changes: Any) -> None:
    db.session.flush()
    unreleased = update(Call).where(Call.id == call.id, Call.released_at.is_(None), *where)
    moved = unreleased.values(version=Call.version + 1, **changes).returning(Call.id)
    if db.session.scalar(moved.execution_options(synchronize_session=False)) is None:
        raise RuleBroken("released-already")
    db.session.refresh(call)


def _locked(call: Call, partnership: Partnership) -> Allotment | None:
    db.session.flush()
    found = select(Allotment).where(Allotment.call_id == call.id, Allotment.partnership_id == partnership.id)
    return db.session.scalar(found.with_for_update().execution_options(populate_existing=True))


def _move_committed(call: Call, partnership: Partnership, cents: int, condition: object) -> bool:
    # One conditional UPDATE: two promises at once cannot both take the last of a budget.
    if cents == 0:
        return True
    db.session.flush()
    moved = db.session.scalar(
        update(Allotment)
        .where(Allotment.call_id == call.id, Allotment.partnership_id == partnership.id, condition)  # type: ignore[arg-type]
        .values(committed_cents=Allotment.committed_cents + cents, version=Allotment.version + 1)
        .returning(Allotment.id)
        .execution_options(synchronize_session=False)
    )
    if moved is not None:
        known = db.session.identity_map.get(db.session.identity_key(Allotment, moved))
        if known is not None:
            db.session.expire(known)
    return moved is not None
