"""The first day: people, partnerships, the call and its money."""

from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.calls import questions
from mobility.calls import services as calls
from mobility.calls.enums import QuestionKind
from mobility.calls.models import Call
from mobility.calls.questions import QuestionDraft
from mobility.core import clock
from mobility.core.db import db
from mobility.demo import cast
from mobility.demo.stage import Stage, at
from mobility.demo.world.parts import PlannedPartnership
from mobility.organisations import services as organisations
from mobility.partnerships import services as partnerships
from mobility.partnerships.models import Partnership
from mobility.partnerships.queries import partnership_by_code

# Of ten who apply about three travel (domain.md 10.2), most of them for less than half of a full lump sum.
TRAVEL_SHARE = 0.3
USUAL_CENTS, LEAST_CENTS = 330_00, 800_00
# Those who found a host without a round travel for certain, some of them far and long.
MORE_CENTS = 700_00
# What the support office asks beside the scheme's own questions.
ASKED = QuestionDraft(
    QuestionKind.YES_NO,
    "Has your organisation worked with one from another country in the last two years?",
    "A contract, a joint project or a shared supplier.",
)


def open_scheme(stage: Stage) -> None:
    """Give everybody an account, found the partnerships, open the first call."""
    at(stage.world.calendar.opens_on)
    if not cast.is_engaged():
        cast.engage()
        db.session.commit()
    for planned in stage.world.partnerships:
        if partnership_by_code(planned.code) is None:
            _found(stage, planned)
            db.session.commit()
    if not db.session.scalar(select(Call.id).where(Call.reference == stage.first_reference)):
        _open_call(stage)
    db.session.commit()


def _found(stage: Stage, planned: PlannedPartnership) -> None:
    administrator = stage.login(Role.ADMINISTRATOR)
    partnership = partnerships.found(planned.content, actor=administrator)
    db.session.flush()
    cast.appoint(partnership, planned.coordinator, administrator)
    partnerships.set_account(partnership, planned.account, actor=stage.login(Role.FINANCE_INITIATOR))
    for party in stage.world.parties:
        if party.forms == planned.code and not party.part:
            organisations.register(party.content, partnership=partnership, actor=administrator)


def _open_call(stage: Stage) -> None:
    calendar, officer = stage.world.calendar, stage.login(Role.SUPPORT_OFFICER)
    content = calls.CallDraft(
        reference=stage.first_reference,
        title=f"ClusterXchange {calendar.opens_on.year}, first call",
        opens_at=clock.at_local(calendar.opens_on, 9),
        closes_at=clock.at_local(calendar.closes_on, 17),
        first_day=calendar.first_stay_on,
        last_day=calendar.last_stay_on,
        releases_together=False,
    )
    call = calls.draft(content, actor=officer)
    questions.add(call, ASKED, actor=officer)
    for partnership in db.session.scalars(select(Partnership).order_by(Partnership.code)).all():
        allot(stage, call, partnership, TRAVEL_SHARE)
    calls.open_call(call, actor=officer)


def allot(stage: Stage, call: Call, partnership: Partnership, share: float) -> None:
    """Give a partnership money for a share of those it looks after."""
    parties = stage.world.parties
    looked_after = sum(one.part == "visitor" and one.cared_for_by == partnership.code for one in parties)
    planned = max(1, round(looked_after * share))
    agreeing = sum(
        bool(one.agrees_with) and stage.world.party(one.visitor).cared_for_by == partnership.code
        for one in stage.world.applications
    )
    calls.allot(
        call,
        partnership,
        max(LEAST_CENTS, planned * USUAL_CENTS) + agreeing * MORE_CENTS,
        planned_exchanges=planned,
        own_rate_cents=780_00 if partnership.code in {"FRESHSEAL", "WARMWALL"} else None,
        actor=stage.login(Role.SUPPORT_OFFICER),
    )
