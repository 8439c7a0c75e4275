"""What happens to an offer, and to its places."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.audit.queries import entries_about
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts import queries, reservations, services
from mobility.hosts.draft import WindowDraft
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer, PlaceDay, Reservation
from mobility.mail.queries import letters_about
from tests.hosts.places import open_places
from tests.make.accounts import make_user
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import PORTO, make_offer, offer_content
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def a_week(offer: Offer, days: int = 3) -> tuple[date, date]:
    """The first and last of the first open days of an offer."""
    open_days = list(open_places(offer))
    return open_days[0], open_days[days - 1]


def a_record() -> Any:
    """Something that can hold a reservation."""
    return make_user()


def test_a_draft_gets_a_reference_and_an_entry_in_the_log() -> None:
    offer = make_offer(status=OfferStatus.DRAFT)

    assert offer.reference.startswith("OFF-")
    assert [entry.verb for entry in entries_about(offer)] == ["offer.drafted"]


def test_without_a_partnership_the_nearest_one_is_found() -> None:
    call = make_call()
    wind = make_allotment(call, make_partnership(ecosystems=("renewables",), country="DE")).partnership
    make_allotment(call, make_partnership(ecosystems=("agrifood",), country="PT"))
    session_call = call

    offer = services.draft(session_call, make_organisation(**PORTO), offer_content(call), actor=None)

    assert offer.partnership is wind


def test_without_any_partnership_in_the_call_no_offer_begins(session: Db) -> None:
    call, host = make_call(), make_organisation(**PORTO)

    with pytest.raises(RuleBroken, match="no-partnership"):
        services.draft(call, host, offer_content(call), actor=None)

    session.flush()
    assert session.scalar(select(func.count()).select_from(Offer)) == 0


def test_a_revision_replaces_windows_and_moves_the_version() -> None:
    offer = make_offer(status=OfferStatus.DRAFT)
    before = offer.version
    first_day = offer.call.first_day
    content = replace(offer_content(offer.call), windows=(WindowDraft(first_day, first_day, 7),))

    services.revise(offer, content, actor=None, version=before)

    assert [window.places for window in offer.windows] == [7]
    assert offer.version > before


def test_a_revision_of_an_older_version_is_refused() -> None:
    offer = make_offer(status=OfferStatus.DRAFT)
    content = replace(offer_content(offer.call), title="Late")

    with pytest.raises(RuleBroken, match="stale"):
        services.revise(offer, content, actor=None, version=offer.version - 1)

    assert offer.title != "Late"


def test_a_submitted_offer_cannot_be_revised() -> None:
    offer = make_offer(status=OfferStatus.SUBMITTED)

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.revise(offer, replace(offer_content(offer.call), title="Late"), actor=None)

    assert offer.title != "Late"


def test_submitting_stores_the_findings_and_writes_the_receipt() -> None:
    offer = make_offer(status=OfferStatus.SUBMITTED)

    (letter,) = letters_about(offer)
    assert letter.kind == "hosts.received"
    assert letter.to_email == offer.contact_email
    assert offer.reference in letter.subject
    assert {key: offer.findings[-1][key] for key in ("code", "passed")} == {"code": "places", "passed": True}


def test_an_incomplete_offer_is_not_submitted() -> None:
    with pytest.raises(RuleBroken, match="not-complete") as refused:
        make_offer(status=OfferStatus.SUBMITTED, title="", windows=())

    assert refused.value.values["missing"] == ["title", "windows"]


def test_after_the_call_nothing_is_submitted() -> None:
    offer = make_offer(status=OfferStatus.DRAFT)
    offer.call.closes_at = clock.utcnow() - timedelta(seconds=121)

    with pytest.raises(RuleBroken, match="call-closed"):
        services.submit(offer, actor=None)

    assert offer.status is OfferStatus.DRAFT
    assert letters_about(offer) == []


def test_accepting_opens_a_row_for_each_open_day() -> None:
    offer = make_offer(status=OfferStatus.ACCEPTED)

    places = open_places(offer)
    assert set(places.values()) == {2}
    assert all(day.weekday() < 5 for day in places)
    assert letters_about(offer)[0].kind == "hosts.accepted"


def test_an_offer_that_fails_a_rule_is_not_accepted(session: Db) -> None:
    day = make_call().first_day
    offer = make_offer(status=OfferStatus.SUBMITTED, windows=(WindowDraft(day, day, 1),))

    with pytest.raises(RuleBroken, match="findings-fail") as refused:
        services.assess(offer, accepted=True, actor=None)

    assert refused.value.values["codes"] == ["places"]
    assert offer.status is OfferStatus.SUBMITTED
    assert session.scalar(select(func.count()).select_from(PlaceDay)) == 0


def test_a_host_that_needs_proof_may_be_accepted() -> None:
    host = make_organisation(**PORTO, cluster_has_profile=False)

    offer = make_offer(organisation=host)

    assert offer.status is OfferStatus.ACCEPTED


def test_a_rejection_needs_a_reason_and_writes_it() -> None:
    offer = make_offer(status=OfferStatus.SUBMITTED)

    with pytest.raises(RuleBroken, match="reason-needed"):
        services.assess(offer, accepted=False, reason="  ", actor=None)
    services.assess(offer, accepted=False, reason="Too far from the topic.", actor=None)

    assert offer.status is OfferStatus.REJECTED
    assert "Too far from the topic." in letters_about(offer)[0].body


@pytest.mark.parametrize("status", [OfferStatus.DRAFT, OfferStatus.REJECTED, OfferStatus.CLOSED])
def test_only_a_submitted_offer_is_assessed(status: OfferStatus) -> None:
    offer = make_offer(status=status)

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.assess(offer, accepted=True, actor=None)

    assert offer.status is status


def test_a_reservation_takes_one_place_on_each_open_day() -> None:
    offer = make_offer()
    first_day, last_day = a_week(offer, days=5)

    reservations.reserve(offer, first_day, last_day, for_record=a_record())

    free = open_places(offer)
    taken = [day for day, places in free.items() if places == 1]
    assert (taken[0], taken[-1], len(taken)) == (first_day, last_day, 5)


def test_a_full_day_refuses_the_whole_reservation() -> None:
    offer = make_offer()
    first_day, _ = a_week(offer)
    one_day_in = list(open_places(offer))[1:4]
    for _turn in range(2):
        reservations.reserve(offer, one_day_in[0], one_day_in[-1], for_record=a_record())

    with pytest.raises(RuleBroken, match="host-full") as refused:
        reservations.reserve(offer, first_day, one_day_in[0], for_record=a_record())

    assert refused.value.values["days"] == [one_day_in[0].isoformat()]
    assert open_places(offer)[first_day] == 2
    assert queries.visits_taken([offer]) == {offer.id: 2}


def test_a_stay_begins_and_ends_on_open_days_of_one_window() -> None:
    offer = make_offer()
    first_day, last_day = a_week(offer)
    saturday = first_day + timedelta(days=(5 - first_day.weekday()) % 7)
    after = offer.windows[-1].last_day + timedelta(days=1)

    for days in [(saturday, saturday + timedelta(days=3)), (first_day, saturday), (last_day, after)]:
        with pytest.raises(RuleBroken, match="host-closed"):
            reservations.reserve(offer, *days, for_record=a_record())

    assert queries.visits_taken([offer]) == {offer.id: 0}


def test_a_host_takes_no_more_visits_than_it_said() -> None:
    offer = make_offer(max_visits=1)
    week = a_week(offer)
    reservations.reserve(offer, *week, for_record=a_record())

    with pytest.raises(RuleBroken, match="host-visits"):
        reservations.reserve(offer, *week, for_record=a_record())

    assert open_places(offer)[week[0]] == 1


def test_one_record_holds_one_reservation() -> None:
    offer, record = make_offer(), a_record()
    week = a_week(offer)
    reservations.reserve(offer, *week, for_record=record)

    with pytest.raises(RuleBroken, match="already-reserved"):
        reservations.reserve(offer, *week, for_record=record)

    assert open_places(offer)[week[0]] == 1


@pytest.mark.parametrize("status", [OfferStatus.SUBMITTED, OfferStatus.CLOSED])
def test_only_an_accepted_offer_is_reserved(status: OfferStatus) -> None:
    offer = make_offer(status=status)
    day = offer.windows[0].first_day

    with pytest.raises(RuleBroken, match="offer-not-open"):
        reservations.reserve(offer, day, day, for_record=a_record())

    assert queries.visits_taken([offer]) == {offer.id: 0}


def test_freeing_gives_the_places_back_once() -> None:
    offer = make_offer()
    week = a_week(offer)
    reservation = reservations.reserve(offer, *week, for_record=a_record())

    assert reservations.free(reservation) is True
    assert reservations.free(reservation) is False

    assert set(open_places(offer).values()) == {2}


def test_a_record_can_reserve_again_after_it_freed() -> None:
    offer, record = make_offer(), a_record()
    week = a_week(offer)
    reservations.reserve(offer, *week, for_record=record)

    assert reservations.free_for(record) is True
    reservations.reserve(offer, *week, for_record=record)

    assert reservations.free_for(a_record()) is False
    assert open_places(offer)[week[0]] == 1


def test_closing_keeps_the_visits_that_hold_places(session: Db) -> None:
    offer = make_offer()
    reservations.reserve(offer, *a_week(offer), for_record=a_record())

    services.close(offer, actor=None)

    assert offer.status is OfferStatus.CLOSED
    assert session.scalar(select(func.count()).where(Reservation.freed_at.is_(None))) == 1


def test_a_shorter_visit_gives_back_its_last_days_once() -> None:
    offer = make_offer()
    days = list(open_places(offer))
    reservation = reservations.reserve(offer, days[0], days[4], for_record=offer)

    assert reservations.shorten(offer, days[2])
    assert not reservations.shorten(offer, days[2])
    assert not reservations.shorten(offer, days[0] - timedelta(days=1))

    assert reservation.last_day == days[2]
    assert taken_days(offer) == days[:3]
    assert reservations.free(reservation)
    assert taken_days(offer) == []
    assert not reservations.shorten(offer, days[1])


def test_places_move_also_at_an_offer_closed_meanwhile_but_none_are_taken_there_anew() -> None:
    offer = make_offer()
    days = list(open_places(offer))
    reservations.reserve(offer, days[0], days[2], for_record=offer)
    services.close(offer, actor=None)

    reservations.move_for(offer, offer, days[5], days[6])

    assert taken_days(offer) == days[5:7]
    with pytest.raises(RuleBroken, match="offer-not-open"):
        reservations.move_for(offer.call, offer, days[0], days[1])
    assert taken_days(offer) == days[5:7]


def taken_days(offer: Offer) -> list[date]:
    held = select(PlaceDay.day).where(PlaceDay.offer_id == offer.id, PlaceDay.taken == 1)
    return list(db.session.scalars(held.order_by(PlaceDay.day)))
