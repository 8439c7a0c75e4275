"""Group visits: fixed days, seats and an agenda."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

import matching
from mobility.accounts.models import User
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts import reservations, rules
from mobility.hosts.enums import OfferKind, OfferStatus
from mobility.hosts.models import Offer
from mobility.public.queries import offers_ahead
from mobility.rounds import entering
from mobility.rounds.problem import build
from tests.hosts.filled import page_of, typed
from tests.hosts.places import open_places
from tests.make.accounts import make_user
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import PORTO, make_group_visit
from tests.make.organisations import make_organisation
from tests.make.rounds import make_visitor, weeks
from tests.pages import error_beside
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def call() -> Call:
    """A call whose days have no public holiday where it matters."""
    return make_call(first_day=date(2027, 4, 1), last_day=date(2027, 12, 31))


def of_july(call: Call, seats: int = 8) -> Offer:
    """From Monday to Thursday."""
    return make_group_visit(call, date(2027, 7, 5), date(2027, 7, 8), seats=seats)


def test_its_length_is_that_of_its_working_days(call: Call) -> None:
    over_a_holiday = make_group_visit(call, date(2027, 6, 8), date(2027, 6, 11))

    assert (of_july(call).min_days, of_july(call).max_days) == (4, 4)
    assert (over_a_holiday.min_days, over_a_holiday.max_days) == (3, 3)


def test_one_of_two_days_does_not_meet_the_shortest_stay(call: Call) -> None:
    short = make_group_visit(call, date(2027, 7, 5), date(2027, 7, 6), status=OfferStatus.SUBMITTED)

    assert rules.stay_length(short).passed is False


def test_without_an_agenda_it_is_not_complete(call: Call) -> None:
    with pytest.raises(RuleBroken, match="agenda"):
        make_group_visit(call, date(2027, 7, 5), date(2027, 7, 8), agenda="")


def test_the_database_refuses_one_whose_length_is_not_fixed(call: Call) -> None:
    offer = of_july(call)

    with pytest.raises(IntegrityError, match="fixed_length"), db.session.begin_nested():
        db.session.execute(text("UPDATE offer SET max_days = 5 WHERE id = :id"), {"id": offer.id})


def test_a_visit_is_for_all_of_its_days(call: Call) -> None:
    offer = of_july(call)

    with pytest.raises(RuleBroken, match="group-days"):
        reservations.reserve(offer, date(2027, 7, 5), date(2027, 7, 7), for_record=make_user())

    assert reservations.reserve(offer, date(2027, 7, 5), date(2027, 7, 8), for_record=make_user()).id


def test_a_round_gives_as_many_visits_as_there_are_seats_and_each_its_days(call: Call) -> None:
    offer = of_july(call, seats=2)
    for _number in range(3):
        make_visitor(call, windows=((date(2027, 6, 14), date(2027, 8, 13)),), min_days=3, max_days=10)
    only_shorter = make_visitor(
        call, windows=((date(2027, 6, 14), date(2027, 8, 13)),), min_days=3, max_days=3
    )
    db.session.flush()

    problem = build(entering.inputs_of(call, call.first_day)).problem
    found = matching.solve(problem, time_limit_s=10, deterministic=True)

    assert only_shorter.reference not in {match.application for match in found.assignments}
    assert [(match.host, match.first_day, match.last_day) for match in found.assignments] == [
        (offer.reference, date(2027, 7, 5), date(2027, 7, 8))
    ] * 2


def test_a_host_begins_fills_and_sends_one(client: Visitor, person: User) -> None:
    call = make_call()
    make_allotment(call)
    host = make_organisation(member=person, **PORTO)
    db.session.commit()
    first, last = weeks(call, 6, 1)

    client.submit(f"/hosts/new?call={call.reference}", {"organisation": str(host.id), "is_group_visit": "y"})
    offer = db.session.scalars(select(Offer)).one()
    days = {"first_day": f"{first}", "last_day": f"{last}", "seats": "6", "agenda": "Mon 9:00 Welcome"}
    client.submit(page_of(offer, "/edit"), typed(offer, **days, next="check"))
    page = client.get(page_of(offer)).text

    db.session.expire_all()
    assert (offer.kind, offer.min_days, offer.max_visits) == (OfferKind.GROUP_VISIT, offer.max_days, 6)
    assert [(one.first_day, one.last_day, one.places) for one in offer.windows] == [(first, last, 6)]
    assert "Mon 9:00 Welcome" in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("seats", "0", "Write a number from 1 to 1000."),
        ("seats", "", "Write how many may come."),
        ("last_day", "2001-01-01", "Write a day on or after the first day."),
        ("agenda", "x" * 6000, "Write at most 5000 characters."),
    ],
)
def test_bad_input_is_answered_beside_its_field(
    client: Visitor, person: User, call: Call, field: str, value: str, words: str
) -> None:
    make_allotment(call)
    offer = make_group_visit(
        call,
        date(2027, 7, 5),
        date(2027, 7, 8),
        organisation=make_organisation(member=person, **PORTO),
        status=OfferStatus.DRAFT,
    )
    db.session.commit()
    days = {"first_day": "2027-07-05", "last_day": "2027-07-08", "seats": "6", "agenda": "Welcome"}

    answer = client.submit(page_of(offer, "/edit"), typed(offer, **days | {field: value}))

    assert answer.status_code == 422
    assert words in error_beside(answer.text, field)


def test_everybody_sees_the_seats_left_and_no_person(client: Visitor) -> None:
    call = make_call()
    first, last = weeks(call, 6, 1)
    offer = make_group_visit(
        call, first, last, seats=3, contact_name="Rui Secret", contact_email="rui@secret.example"
    )
    days = sorted(open_places(offer))
    reservations.reserve(offer, days[0], days[-1], for_record=make_user())
    db.session.commit()

    home, listed, shown = (client.get(path).text for path in ("/", "/hosts?kind=group_visit", page_of(offer)))

    (one,) = offers_ahead().group_visits
    assert (one.reference, one.places, offers_ahead().places) == (offer.reference, 2, [])
    assert "Group visits on offer" in home
    assert "2 of 3 seats left" in listed
    assert "2 of 3 seats left" in shown
    assert "The water works" in shown
    assert not [page for page in (home, listed, shown) if "Rui Secret" in page or "secret.example" in page]
    assert offer.reference not in client.get("/hosts?kind=places").text


def test_one_that_has_begun_is_on_offer_no_more(client: Visitor) -> None:
    call = make_call()
    offer = make_group_visit(call, *weeks(call, 6, 1))
    db.session.execute(
        text("UPDATE place_day SET day = day - 400 WHERE offer_id = :id AND day = :day"),
        {"id": offer.id, "day": sorted(open_places(offer))[1]},
    )

    assert offers_ahead().group_visits == []
