"""Offers that nobody uses: asked after half a year, at rest three weeks later, woken with one click."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.audit.queries import entries_about
from mobility.calls.models import Call
from mobility.catalogue import tasks, unused
from mobility.catalogue.enums import Side
from mobility.catalogue.near import hosts_for
from mobility.core import clock
from mobility.core.crypto import link_token
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts import queries, reservations, services
from mobility.hosts.draft import PlacesDraft, WindowDraft
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.hosts.resting import OFFERS
from mobility.mail.queries import letters_about
from mobility.rounds import entering
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.catalogue import make_contact
from tests.make.organisations import make_organisation
from tests.make.rounds import PORTO_CLUSTER, make_host, make_visitor, weeks
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]
HALF_A_YEAR, THREE_WEEKS = timedelta(days=183), timedelta(days=22)


@pytest.fixture
def call() -> Call:
    """A call of the next two years, so that half a year in it is not over."""
    today = clock.today()
    return make_call(first_day=today + timedelta(days=30), last_day=today + timedelta(days=700))


@pytest.fixture
def host() -> User:
    """Who offers."""
    return make_user(Role.HOST)


@pytest.fixture
def offer(call: Call, host: User) -> Offer:
    """An accepted offer, and somebody it could suit."""
    # Late enough to be still ahead when somebody looks at it half a year from now.
    late = weeks(call, 60)
    make_visitor(call, windows=(late,))
    offer = make_host(
        call, windows=((*late, 2),), organisation=make_organisation(member=host, **PORTO_CLUSTER), author=host
    )
    db.session.commit()
    return offer


def later(time: timedelta) -> None:
    """The clock goes on, and the night's task runs."""
    clock.move(clock.utcnow() + time)
    tasks.ask_about_unused(0)
    db.session.expire_all()


def link(offer: Offer) -> str:
    return f"/hosts/still/{link_token('still', str(offer.id))}"


def test_after_half_a_year_without_use_the_host_is_asked_once(offer: Offer) -> None:
    later(timedelta(days=181))
    assert offer.asked_at is None

    later(timedelta(days=2))
    later(timedelta(days=1))

    letters = [letter for letter in letters_about(offer) if letter.kind == "hosts.still_valid"]
    assert len(letters) == 1
    assert link(offer) in letters[0].body
    assert link_token("still", str(offer.id)) not in str(offer.still_sha256)
    assert offer.status is OfferStatus.ACCEPTED


def test_without_an_answer_it_rests_and_is_in_no_catalogue_and_no_round(
    client: Visitor, call: Call, offer: Offer
) -> None:
    application = make_visitor(call)
    later(HALF_A_YEAR)
    assert [one.id for one in hosts_for(application, ())] == [offer.id]

    later(THREE_WEEKS)

    assert offer.status is OfferStatus.RESTED
    assert hosts_for(application, ()) == []
    assert entering.inputs_of(call, call.first_day).offers == []
    assert offer.reference not in client.get("/hosts").text
    with pytest.raises(RuleBroken, match="offer-not-open"):
        reservations.reserve(offer, call.first_day, call.first_day, for_record=make_user())
    assert [entry.verb for entry in entries_about(offer)][-2:] == ["offer.asked", "offer.rested"]


def test_the_link_says_that_it_still_holds_and_a_look_says_nothing(client: Visitor, offer: Offer) -> None:
    later(HALF_A_YEAR)
    asked = client.get(link(offer)).text
    assert "It still holds" in asked
    db.session.expire_all()
    assert offer.asked_at is not None

    client.submit(link(offer), {})
    thanked = client.get(link(offer)).text
    later(THREE_WEEKS)

    assert "Thank you" in thanked
    assert offer.status is OfferStatus.ACCEPTED
    assert db.session.scalar(select(Offer.asked_at)) is None


def test_half_a_year_after_its_answer_the_host_is_asked_again(offer: Offer) -> None:
    later(HALF_A_YEAR)
    OFFERS.say_valid(offer, actor=None)
    db.session.commit()

    later(HALF_A_YEAR)

    assert offer.asked_at is not None
    assert [letter.kind for letter in letters_about(offer)].count("hosts.still_valid") == 2


def test_the_link_wakes_what_rests(client: Visitor, offer: Offer) -> None:
    later(HALF_A_YEAR)
    later(THREE_WEEKS)

    assert "Wake it" in client.get(link(offer)).text
    client.submit(link(offer), {})

    db.session.expire_all()
    assert offer.status is OfferStatus.ACCEPTED
    assert queries.place_days([offer])[offer.id]
    assert [entry.verb for entry in entries_about(offer)][-1] == "offer.woken"


def test_its_host_wakes_it_on_its_page_with_one_click(client: Visitor, host: User, offer: Offer) -> None:
    later(HALF_A_YEAR)
    later(THREE_WEEKS)
    sign_in(client, host)
    page = f"/hosts/{offer.reference}"

    assert "Wake it" in client.get(page).text
    client.submit(page, {"version": str(offer.version)}, to=f"{page}/wake")

    db.session.expire_all()
    assert offer.status is OfferStatus.ACCEPTED


def test_a_peer_wakes_nothing_and_another_link_opens_nothing(client: Visitor, offer: Offer) -> None:
    later(HALF_A_YEAR)
    later(THREE_WEEKS)
    sign_in(client, make_user(Role.HOST))

    answer = client.submit(
        "/account/password", {"version": str(offer.version)}, to=f"/hosts/{offer.reference}/wake"
    )

    assert answer.status_code == 404
    assert client.get("/hosts/still/no-such-token").status_code == 404
    db.session.expire_all()
    assert offer.status is OfferStatus.RESTED


def _contact(offer: Offer) -> None:
    application = db.session.scalars(select(Application).limit(1)).one()
    make_contact(application, offer, side=Side.VISITOR)


def _visit(offer: Offer) -> None:
    day = next(iter(queries.place_days([offer])[offer.id])).day
    reservations.reserve(offer, day, day, for_record=make_user())


def _change(offer: Offer) -> None:
    windows = tuple(WindowDraft(one.first_day, one.last_day, 4) for one in offer.windows)
    services.change_places(offer, PlacesDraft(windows, (), 5), actor=None, version=offer.version)


@pytest.mark.parametrize("use", [_contact, _visit, _change])
def test_what_is_used_meanwhile_is_not_asked_about_and_does_not_rest(
    offer: Offer, use: Callable[[Offer], None]
) -> None:
    clock.move(clock.utcnow() + timedelta(days=100))
    use(offer)
    db.session.commit()

    later(timedelta(days=100))

    assert offer.asked_at is None


def test_what_is_used_after_it_was_asked_about_does_not_rest(offer: Offer) -> None:
    later(HALF_A_YEAR)
    _contact(offer)
    db.session.commit()

    later(THREE_WEEKS)

    assert offer.status is OfferStatus.ACCEPTED


def test_nobody_is_asked_when_the_call_is_over(offer: Offer) -> None:
    offer.call.last_day = offer.call.first_day + timedelta(days=100)
    db.session.commit()

    later(HALF_A_YEAR)

    assert unused.to_ask(Offer) == []
    assert db.session.scalar(select(Offer.asked_at)) is None


def test_the_letter_names_the_last_day_to_answer(offer: Offer) -> None:
    later(HALF_A_YEAR)

    letter = next(letter for letter in letters_about(offer) if letter.kind == "hosts.still_valid")
    by: date = clock.today() + timedelta(days=21)
    assert f"{by.day} " in letter.body
    assert f"{by.year}" in letter.body
