"""Agreed pairs, verb by verb."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.applications.enums import ApplicationStatus
from mobility.applications.services import withdraw
from mobility.audit.models import Entry
from mobility.calls.models import Allotment
from mobility.calls.queries import allotment_of
from mobility.catalogue import services
from mobility.catalogue.enums import PairStatus, Side
from mobility.catalogue.models import AgreedPair, Contact
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import PlaceDay, Reservation
from mobility.hosts.services import close
from mobility.mail.queries import letters_about
from tests.make.calls import make_call
from tests.make.catalogue import five_days, make_pair
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import SEVILLA, make_host, make_proposals, make_visitor, weeks

Db = scoped_session[Session]
pytestmark = pytest.mark.usefixtures("session")


def refused(verb: Callable[[], object]) -> str:
    with pytest.raises(RuleBroken) as error:
        verb()
    return error.value.code


def budget_of(pair: AgreedPair) -> Allotment:
    allotment = allotment_of(pair.application.call, pair.application.partnership)
    assert allotment is not None
    db.session.refresh(allotment)
    return allotment


def taken_by(pair: AgreedPair) -> int:
    taken = select(func.coalesce(func.sum(PlaceDay.taken), 0)).where(PlaceDay.offer_id == pair.offer_id)
    return int(db.session.scalar(taken) or 0)


def kinds(about: Contact | AgreedPair) -> list[str]:
    return sorted(letter.kind.removeprefix("catalogue.") for letter in letters_about(about))


def test_an_entered_pair_keeps_its_length_distance_and_lump_sum_with_the_trace() -> None:
    pair = make_pair()

    assert (pair.status, pair.days, pair.lump_sum_cents) == (PairStatus.ENTERED, 5, 78_000)
    assert pair.trace[-1]["cents"] == 78_000
    assert pair.distance_km == pair.trace[-1]["values"]["km"]
    assert kinds(pair) == ["pair_entered_host"]


def test_entering_reserves_nothing() -> None:
    pair = make_pair(status=PairStatus.CONFIRMED)

    assert (taken_by(pair), budget_of(pair).committed_cents) == (0, 0)


def test_a_visitor_has_one_pair_under_way() -> None:
    pair = make_pair()
    other = make_host(pair.application.call)

    assert refused(lambda: make_pair(pair.application, other)) == "pair-paired"

    services.decline_pair(pair, "Changed plans.", actor=None, side=Side.HOST)
    assert make_pair(pair.application, other).status is PairStatus.ENTERED


def test_the_index_is_the_last_word_on_a_second_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = make_pair()
    other = make_host(pair.application.call)
    monkeypatch.setattr(services, "_refuse_unfit", lambda *_args, **_more: None)

    assert refused(lambda: make_pair(pair.application, other)) == "pair-paired"


def test_the_days_must_suit_both_sides() -> None:
    call = make_call()
    first, last = weeks(call, 4, 4)
    visitor = make_visitor(call, windows=((first, first + timedelta(days=11)),))
    host = make_host(call, windows=((first, last, 1),))
    day = timedelta(days=1)

    def enter(start: int, end: int) -> str:
        return refused(lambda: make_pair(visitor, host, days=(first + start * day, first + end * day)))

    assert enter(14, 18) == "pair-visitor-dates"
    assert enter(5, 9) == "pair-host-dates"  # a Saturday
    assert enter(0, 1) == "pair-stay-length"
    assert enter(0, 9) == "pair-stay-length"
    assert enter(4, 0) == "pair-visitor-dates"


def test_a_stay_begins_after_today() -> None:
    today = clock.today()
    call = make_call(first_day=today - timedelta(days=40))
    monday = today - timedelta(days=today.weekday() + 14)
    window = (monday, monday + timedelta(days=60))
    visitor, host = make_visitor(call, windows=(window,)), make_host(call, windows=((*window, 1),))

    code = refused(lambda: make_pair(visitor, host, days=(monday, monday + timedelta(days=4))))

    assert code == "pair-future"


def test_a_full_host_is_refused_at_once() -> None:
    call = make_call()
    host = make_host(call, windows=((*weeks(call), 1),))
    make_pair(make_visitor(call), host, status=PairStatus.VALIDATED)

    assert refused(lambda: make_pair(make_visitor(call), host)) == "pair-full"


def test_an_organisation_that_visited_enters_no_pair() -> None:
    call, organisation = make_call(), make_organisation(**SEVILLA)
    visitor, host = make_visitor(call, organisation=organisation), make_host(call)
    make_visitor(make_call(), organisation=organisation, status=ApplicationStatus.MATCHED)

    assert refused(lambda: make_pair(visitor, host)) == "second-visit"


def test_who_has_a_proposal_to_answer_enters_no_pair() -> None:
    call = make_call()
    make_host(call)
    visitor = make_visitor(call)
    make_proposals(call)

    assert refused(lambda: make_pair(visitor, make_host(call))) == "pair-proposed"


def test_both_partnerships_are_asked_to_validate_a_confirmed_pair() -> None:
    pair = make_pair(status=PairStatus.CONFIRMED)

    asked = [letter for letter in letters_about(pair) if letter.kind == "catalogue.pair_to_validate"]
    assert pair.status is PairStatus.CONFIRMED
    assert {letter.to_email for letter in asked} == {"office@green.example"}
    assert "pair_confirmed_visitor" in kinds(pair)


def test_a_pair_is_confirmed_once() -> None:
    pair = make_pair(status=PairStatus.CONFIRMED)

    assert refused(lambda: services.confirm_pair(pair, actor=None)) == "wrong-state"


def test_a_pair_that_became_unfit_is_not_confirmed() -> None:
    pair = make_pair()
    close(pair.offer, actor=None)

    assert refused(lambda: services.confirm_pair(pair, actor=None)) == "pair-offer"
    assert pair.status is PairStatus.ENTERED


@pytest.mark.parametrize("slots", [("vop", "hop"), ("hop", "vop")])
def test_the_second_validation_reserves_place_and_money(slots: tuple[str, str]) -> None:
    pair = make_pair(status=PairStatus.CONFIRMED)

    services.validate_pair(pair, slots[0], actor=None)
    assert (pair.status, taken_by(pair), budget_of(pair).committed_cents) == (PairStatus.CONFIRMED, 0, 0)

    services.validate_pair(pair, slots[1], actor=None)
    assert (pair.status, taken_by(pair)) == (PairStatus.VALIDATED, 5)
    assert budget_of(pair).committed_cents == pair.lump_sum_cents == 78_000
    assert {"pair_validated_host", "pair_validated_visitor"} <= set(kinds(pair))


def test_a_partnership_validates_once() -> None:
    pair = make_pair(status=PairStatus.CONFIRMED)
    services.validate_pair(pair, "vop", actor=None)

    assert refused(lambda: services.validate_pair(pair, "vop", actor=None)) == "pair-validated"
    assert (pair.status, pair.hop_validated_at) == (PairStatus.CONFIRMED, None)


def test_what_the_other_side_has_not_confirmed_is_not_validated() -> None:
    pair = make_pair()

    assert refused(lambda: services.validate_pair(pair, "vop", actor=None)) == "wrong-state"
    assert pair.vop_validated_at is None


def test_a_pair_of_a_withdrawn_application_is_not_validated() -> None:
    pair = make_pair(status=PairStatus.CONFIRMED)
    services.validate_pair(pair, "hop", actor=None)
    withdraw(pair.application, actor=None)

    assert refused(lambda: services.validate_pair(pair, "vop", actor=None)) == "pair-application"
    assert (taken_by(pair), budget_of(pair).committed_cents) == (0, 0)


def test_without_budget_nothing_is_validated_and_no_place_taken() -> None:
    call = make_call()
    pair = make_pair(make_visitor(call, budget_cents=77_999), make_host(call), status=PairStatus.CONFIRMED)
    services.validate_pair(pair, "vop", actor=None)
    db.session.commit()

    assert refused(lambda: services.validate_pair(pair, "hop", actor=None)) == "over-budget"
    db.session.rollback()

    assert (pair.status, taken_by(pair), budget_of(pair).committed_cents) == (PairStatus.CONFIRMED, 0, 0)
    assert db.session.scalar(select(func.count(Reservation.id))) == 0


def test_without_a_place_nothing_is_validated_and_no_money_promised() -> None:
    call = make_call()
    host = make_host(call, windows=((*weeks(call), 1),))
    one, other = (make_pair(make_visitor(call), host, status=PairStatus.CONFIRMED) for _ in range(2))
    for slot in services.SLOTS:
        services.validate_pair(one, slot, actor=None)
    services.validate_pair(other, "vop", actor=None)
    db.session.commit()

    assert refused(lambda: services.validate_pair(other, "hop", actor=None)) == "host-full"
    db.session.rollback()

    assert (other.status, budget_of(other).committed_cents) == (PairStatus.CONFIRMED, 0)


def test_of_two_pairs_of_an_organisation_in_two_calls_one_is_validated() -> None:
    organisation = make_organisation(**SEVILLA)
    calls = [make_call(), make_call()]
    one, other = (
        make_pair(make_visitor(call, organisation=organisation), make_host(call), status=PairStatus.CONFIRMED)
        for call in calls
    )
    for slot in services.SLOTS:
        services.validate_pair(one, slot, actor=None)

    assert refused(lambda: services.validate_pair(other, "vop", actor=None)) == "second-visit"


def test_withdrawing_a_validated_pair_gives_place_and_money_back() -> None:
    pair = make_pair(status=PairStatus.VALIDATED)

    services.withdraw_pair(pair, "Illness.", actor=None, side=Side.VISITOR)

    assert (pair.status, taken_by(pair), budget_of(pair).committed_cents) == (PairStatus.WITHDRAWN, 0, 0)
    told = [letter for letter in letters_about(pair) if "withdrawn" in letter.kind]
    assert [letter.kind for letter in told] == ["catalogue.pair_withdrawn_host"]
    assert "Illness." in told[0].body


def test_a_partnership_that_declines_writes_to_both_sides() -> None:
    pair = make_pair(status=PairStatus.CONFIRMED)

    services.decline_pair(pair, "Not our topic.", actor=None)

    assert pair.status is PairStatus.DECLINED
    assert {"pair_declined_host", "pair_declined_visitor"} <= set(kinds(pair))


def test_ending_a_pair_needs_a_reason() -> None:
    pair = make_pair()

    assert refused(lambda: services.decline_pair(pair, " ", actor=None)) == "reason-needed"
    assert refused(lambda: services.withdraw_pair(pair, "", actor=None)) == "reason-needed"
    assert pair.status is PairStatus.ENTERED


def test_a_validated_pair_is_withdrawn_not_declined() -> None:
    pair = make_pair(status=PairStatus.VALIDATED)

    assert refused(lambda: services.decline_pair(pair, "No.", actor=None)) == "wrong-state"
    assert taken_by(pair) == 5


def test_a_pair_lapses_with_its_application() -> None:
    pair = make_pair(status=PairStatus.VALIDATED)
    withdraw(pair.application, actor=None)

    assert services.lapse() == 1

    assert (pair.status, pair.decline_reason) == (PairStatus.WITHDRAWN, "application-gone")
    assert (taken_by(pair), budget_of(pair).committed_cents) == (0, 0)
    assert services.lapse() == 0


def test_a_pair_lapses_when_its_day_has_come() -> None:
    pair = make_pair(status=PairStatus.CONFIRMED)
    later = make_pair()
    pair.first_day = clock.today()
    db.session.flush()

    assert services.lapse() == 1

    assert (pair.status, later.status) == (PairStatus.WITHDRAWN, PairStatus.ENTERED)


def test_every_move_is_in_the_log() -> None:
    pair = make_pair(status=PairStatus.VALIDATED)
    services.withdraw_pair(pair, "Illness.", actor=None)

    verbs = db.session.scalars(select(Entry.verb).where(Entry.about_ref == pair.reference).order_by(Entry.id))
    assert list(verbs) == [
        "pair.entered",
        "pair.confirmed",
        "pair.validated",
        "pair.validated",
        "pair.reserved",
        "pair.withdrawn",
    ]


def test_a_partnerships_own_rate_counts() -> None:
    call = make_call()
    partnership = make_partnership()
    visitor, host = make_visitor(call, partnership=partnership), make_host(call)
    allotment = allotment_of(call, partnership)
    assert allotment is not None
    allotment.own_rate_cents = 40_000

    pair = make_pair(visitor, host, days=five_days(host, 1))

    assert pair.lump_sum_cents == 40_000
