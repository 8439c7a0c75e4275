from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from mobility.agreements import queries, rules, services
from mobility.agreements.enums import SLOTS, AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement
from mobility.audit.queries import entries_about
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import ExchangeStatus
from mobility.mail.queries import letters_about
from tests.agreements.pages import kinds, state
from tests.make.agreements import (
    make_agreed_exchange,
    make_commitment,
    make_financial,
    make_plan,
    plan_content,
    sign_all,
    sign_slot,
)

COMMITMENT, FINANCIAL = AgreementKind.COMMITMENT, AgreementKind.FINANCIAL


def test_a_plan_is_begun_once_with_the_working_days_of_the_stay(session: scoped_session[Session]) -> None:
    exchange = make_agreed_exchange()

    plan = services.begin_plan(exchange, actor=None)

    assert services.begin_plan(exchange, actor=None) is plan
    assert services.plan_of(exchange) is plan
    assert [row["day"] for row in plan.agenda] == [day.isoformat() for day in rules.days_of(exchange)]


def test_an_unchanged_plan_stays_as_it_is_and_voids_nothing(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    plan = services.plan_of(agreement.exchange)
    assert plan is not None
    version = plan.version

    changed = services.revise_plan(plan, plan_content(agreement.exchange), actor=None, version=version)

    session.flush()
    assert not changed
    assert plan.version == version
    assert agreement.status is AgreementStatus.SIGNING


def test_a_changed_plan_voids_what_was_drawn_up_and_tells_who_signed(
    session: scoped_session[Session],
) -> None:
    agreement = make_commitment()
    sign_slot(agreement, Slot.HO)
    plan = services.plan_of(agreement.exchange)
    assert plan is not None

    services.revise_plan(plan, plan_content(agreement.exchange, place="Braga"), actor=None)

    assert agreement.status is AgreementStatus.VOID
    voided = [letter for letter in letters_about(agreement) if letter.kind.startswith("agreements.voided")]
    assert [letter.kind for letter in voided] == ["agreements.voided_ho"]
    assert "The plan of the exchange was changed." in voided[0].body
    assert queries.in_force(agreement.exchange, COMMITMENT) is None


def test_a_plan_seen_in_another_version_is_not_revised(session: scoped_session[Session]) -> None:
    plan = make_plan()

    with pytest.raises(RuleBroken, match="stale"):
        services.revise_plan(
            plan, plan_content(plan.exchange, place="Braga"), actor=None, version=plan.version - 1
        )

    assert plan.place == "Test centre, Rua do Ouro 1, Porto"


@pytest.mark.parametrize(
    "status", [status for status in ExchangeStatus if status is not ExchangeStatus.AGREED]
)
def test_only_an_agreed_exchange_is_planned(session: scoped_session[Session], status: ExchangeStatus) -> None:
    plan = make_plan()
    exchange = plan.exchange
    exchange.status = status
    session.flush()

    for verb in (
        lambda: services.revise_plan(plan, plan_content(exchange, place="Braga"), actor=None),
        lambda: services.draw_up(exchange, actor=None),
        lambda: services.amend(exchange, "Other goals.", actor=None),
        lambda: services.move_dates(exchange, exchange.first_day, exchange.last_day, "Ill.", actor=None),
    ):
        with pytest.raises(RuleBroken, match="not-agreed"):
            verb()

    assert plan.place == "Test centre, Rua do Ouro 1, Porto"
    assert queries.all_in_force(exchange) == []


def test_the_text_says_all_and_is_hashed(session: scoped_session[Session]) -> None:
    exchange = make_agreed_exchange(days=4)

    agreement = make_commitment(exchange)

    content = agreement.content
    session.expire(agreement)
    assert agreement.content == content
    assert agreement.sha256 == rules.sha256_of(agreement.content)
    assert [party["slot"] for party in content["parties"]] == ["vo", "ho", "vop", "hop"]
    assert content["parties"][0] | {"name": "", "registration": "", "email": ""} == {
        "slot": "vo",
        "role": "Visiting organisation (VO)",
        "name": "",
        "country": "BE",
        "address": "Ghent, Belgium",
        "registration": "",
        "representative": "Ana Peeters",
        "position": "Engineer",
        "email": "",
    }
    assert content["stay"]["working_days"] == 4
    assert content["stay"]["host_country"] == "Portugal"
    assert content["objectives"]["host"].startswith("Show the test rig")
    assert len(content["agenda"]) == 4
    titles = [clause["title"] for clause in content["clauses"]]
    assert {"Insurance", "Confidentiality", "Health and safety", "Costs"} <= set(titles)


def test_the_four_parties_are_asked_to_sign(session: scoped_session[Session]) -> None:
    agreement = make_commitment()

    letters = letters_about(agreement)

    assert kinds(agreement) == [f"agreements.please_sign_{slot}" for slot in sorted(Slot)]
    assert all(f"/agreements/{agreement.number}" in letter.body for letter in letters)
    to = {letter.kind.rpartition("_")[2]: letter.to_email for letter in letters}
    assert to["vo"] == agreement.exchange.application.person_email
    assert to["ho"] == agreement.exchange.offer.contact_email
    assert to["vop"] == agreement.exchange.vop.email


def test_a_plan_that_lacks_something_is_not_drawn_up(session: scoped_session[Session]) -> None:
    exchange = make_plan(tasks="").exchange

    with pytest.raises(RuleBroken, match="plan-not-ready"):
        services.draw_up(exchange, actor=None)

    assert queries.all_in_force(exchange) == []
    assert session.query(Agreement).count() == 0


def test_a_visitor_who_is_away_elsewhere_is_not_drawn_up(session: scoped_session[Session]) -> None:
    plan, other = make_plan(), make_agreed_exchange(status=ExchangeStatus.CANCELLED)
    other.visiting_organisation = plan.exchange.visiting_organisation
    session.flush()
    assert not queries.has_visited(plan.exchange)
    session.execute(text("DROP INDEX uq_exchange_one_visit"))
    other.status = ExchangeStatus.CLOSED
    session.flush()

    with pytest.raises(RuleBroken, match="plan-not-ready"):
        services.draw_up(plan.exchange, actor=None)


def test_what_is_in_force_is_not_drawn_up_again(session: scoped_session[Session]) -> None:
    agreement = make_commitment()

    with pytest.raises(RuleBroken, match="already-drawn-up"):
        services.draw_up(agreement.exchange, actor=None)

    assert queries.all_in_force(agreement.exchange) == [agreement]


def test_what_is_drawn_up_anew_keeps_its_reference_as_the_next_revision(
    session: scoped_session[Session],
) -> None:
    first = make_commitment()
    services.amend(first.exchange, "Other goals.", actor=None)

    second = services.draw_up(first.exchange, actor=None)

    assert second.reference == first.reference
    assert (first.revision, second.revision) == (1, 2)
    assert second.sha256 != first.sha256


def test_taking_back_voids_everything_in_force_and_tells_who_signed(session: scoped_session[Session]) -> None:
    financial = make_financial()
    exchange = financial.exchange
    commitment = queries.in_force(exchange, COMMITMENT)
    assert commitment is not None
    sign_slot(financial, Slot.VO)

    services.amend(exchange, " The host moved house. ", actor=None)

    assert queries.all_in_force(exchange) == []
    assert commitment.void_reason == financial.void_reason == "The host moved house."
    assert [kind for kind in kinds(financial) if "voided" in kind] == ["agreements.voided_vo"]
    assert len([kind for kind in kinds(commitment) if "voided" in kind]) == 4


@pytest.mark.parametrize("reason", ["", "  "])
def test_nothing_is_taken_back_without_a_reason(session: scoped_session[Session], reason: str) -> None:
    agreement = make_commitment()

    with pytest.raises(RuleBroken, match="reason-needed"):
        services.amend(agreement.exchange, reason, actor=None)

    assert agreement.status is AgreementStatus.SIGNING


def test_where_nothing_is_in_force_nothing_is_taken_back(session: scoped_session[Session]) -> None:
    with pytest.raises(RuleBroken, match="nothing-in-force"):
        services.amend(make_plan().exchange, "Other goals.", actor=None)


def test_a_cancelled_exchange_takes_no_signature_and_its_agreements_are_void(
    session: scoped_session[Session],
) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    sign_slot(agreement, Slot.VO)
    exchanges.cancel(exchange, "Ill.", actor=None)

    with pytest.raises(RuleBroken, match="not-agreed"):
        sign_slot(agreement, Slot.HO)
    assert queries.void_for() == [exchange.id]
    services.void_cancelled(exchange)

    assert state(agreement) == (AgreementStatus.VOID, 1)
    assert queries.void_for() == []
    assert not [kind for kind in kinds(agreement) if "voided" in kind]


@pytest.mark.parametrize("days_left", [7, 5, 3, 1, 0])
def test_who_has_not_signed_is_reminded_once_for_each_time(
    session: scoped_session[Session], days_left: int
) -> None:
    agreement = make_commitment()
    sign_all(agreement, but=(Slot.VO, Slot.HOP))
    agreement.exchange.first_day = clock.today() + timedelta(days=days_left)
    session.flush()

    written = [services.remind(agreement), services.remind(agreement)]

    reminders = [letter for letter in letters_about(agreement) if "reminder" in letter.kind]
    assert written == [2, 0]
    assert sorted(letter.kind for letter in reminders) == [
        "agreements.reminder_hop",
        "agreements.reminder_vo",
    ]
    assert {letter.turn for letter in reminders} == {7 if days_left > 3 else 3}


@pytest.mark.parametrize("days_left", [8, -1])
def test_nobody_is_reminded_early_or_when_it_is_over(
    session: scoped_session[Session], days_left: int
) -> None:
    agreement = make_commitment()
    agreement.exchange.first_day = clock.today() + timedelta(days=days_left)
    session.flush()

    assert services.remind(agreement) == 0


def test_the_moved_stay_has_new_dates_and_nothing_in_force(
    session: scoped_session[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    sign_slot(agreement, Slot.VO)
    days = (exchange.first_day + timedelta(days=7), exchange.last_day + timedelta(days=7))
    monkeypatch.setattr(exchanges, "move_places", lambda *_args, **_named: None)

    services.move_dates(exchange, *days, "The host is ill.", actor=None)

    assert (exchange.first_day, exchange.last_day) == days
    assert agreement.status is AgreementStatus.VOID
    assert agreement.void_reason == "The host is ill."
    assert {kind for kind in kinds(exchange) if "moved" in kind} == {f"agreements.moved_{s}" for s in Slot}
    redrawn = services.draw_up(exchange, actor=None)
    assert redrawn.content["agenda"][0] == {"day": days[0].isoformat(), "text": "Test rig, part 1."}


@pytest.mark.parametrize(
    ("first", "last", "reason", "code"),
    [
        (0, 4, "Ill.", "stay-in-the-past"),
        (10, 9, "Ill.", "stay-too-long"),
        (10, 45, "Ill.", "stay-too-long"),
        (10, 14, " ", "reason-needed"),
    ],
)
def test_dates_that_cannot_be_are_refused(
    session: scoped_session[Session], first: int, last: int, reason: str, code: str
) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    before = (exchange.first_day, exchange.last_day)
    today = clock.today()

    with pytest.raises(RuleBroken, match=code):
        services.move_dates(
            exchange, today + timedelta(days=first), today + timedelta(days=last), reason, actor=None
        )

    assert (exchange.first_day, exchange.last_day) == before
    assert agreement.status is AgreementStatus.SIGNING


def test_a_stay_is_not_moved_to_the_dates_it_has(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange

    with pytest.raises(RuleBroken, match="same-dates"):
        services.move_dates(exchange, exchange.first_day, exchange.last_day, "No reason.", actor=None)

    assert agreement.status is AgreementStatus.SIGNING


def test_every_move_is_in_the_log(session: scoped_session[Session]) -> None:
    financial = make_financial()
    commitment = queries.in_force(financial.exchange, COMMITMENT)
    assert commitment is not None
    sign_all(financial)

    for agreement in (commitment, financial):
        verbs = [entry.verb for entry in entries_about(agreement)]
        slots = len(SLOTS[agreement.kind])
        assert verbs == ["agreement.drawn_up", *["agreement.signed"] * slots, "agreement.complete"]
