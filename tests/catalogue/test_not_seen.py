"""Applicants who are not seen any more: asked after half a year, at rest three weeks later, woken with one click."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import services
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.applications.resting import APPLICATIONS, say_over
from mobility.audit.queries import entries_about
from mobility.calls.models import Call
from mobility.catalogue import tasks, unused
from mobility.catalogue.enums import PairStatus, Side
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer
from mobility.hosts.resting import OFFERS
from mobility.mail.queries import letters_about
from mobility.rounds import entering
from tests.make.accounts import PASSWORD, make_user, sign_in
from tests.make.calls import make_call
from tests.make.catalogue import make_contact, make_pair
from tests.make.organisations import make_organisation
from tests.make.rounds import (
    PORTO_CLUSTER,
    SEVILLA,
    make_frozen_round,
    make_host,
    make_proposal,
    make_visitor,
    weeks,
)
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
HALF_A_YEAR, THREE_WEEKS = timedelta(days=183), timedelta(days=22)
# The clock goes on while a test runs.
A_LITTLE = timedelta(minutes=10)


@pytest.fixture
def call() -> Call:
    """A call of the next two years, so that half a year in it is not over."""
    today = clock.today()
    return make_call(first_day=today + timedelta(days=30), last_day=today + timedelta(days=700))


@pytest.fixture
def applicant() -> User:
    """Who visits."""
    return make_user(Role.APPLICANT)


@pytest.fixture
def host() -> User:
    """Who offers."""
    return make_user(Role.HOST)


@pytest.fixture
def application(call: Call, applicant: User) -> Application:
    """An accepted application whose dates are still ahead when somebody looks half a year from now."""
    made = make_visitor(
        call,
        windows=(weeks(call, 60),),
        organisation=make_organisation(member=applicant, **SEVILLA),
        author=applicant,
    )
    db.session.commit()
    return made


@pytest.fixture
def offer(call: Call, host: User) -> Offer:
    """A host that the visitor could meet."""
    made = make_host(
        call,
        windows=((*weeks(call, 60), 2),),
        organisation=make_organisation(member=host, **PORTO_CLUSTER),
        author=host,
    )
    db.session.commit()
    return made


def later(time: timedelta) -> None:
    """The clock goes on, and the night's task runs."""
    clock.move(clock.utcnow() + time)
    tasks.ask_about_unused(0)
    db.session.expire_all()


def link(application: Application) -> str:
    return f"/applications/still/{APPLICATIONS.token_of(application)}"


def kinds(application: Application) -> list[str]:
    return [letter.kind.removeprefix("applications.") for letter in letters_about(application)]


def verbs(application: Application) -> list[str]:
    return [entry.verb.removeprefix("application.") for entry in entries_about(application)]


def test_after_half_a_year_unseen_the_applicant_is_asked_once(application: Application) -> None:
    later(timedelta(days=182) - A_LITTLE)
    assert application.asked_at is None

    later(A_LITTLE)
    later(timedelta(days=1))

    assert kinds(application).count("still_looking") == 1
    [letter] = [one for one in letters_about(application) if one.kind == "applications.still_looking"]
    assert link(application) in letter.body
    assert letter.to_email == application.person_email
    assert APPLICATIONS.token_of(application) not in str(application.still_sha256)
    assert application.status is Status.ACCEPTED


def test_without_an_answer_it_rests_greyed_out_and_in_no_round(
    client: Visitor, call: Call, application: Application, offer: Offer, host: User
) -> None:
    other = make_visitor(call, windows=(weeks(call, 60),))
    later(HALF_A_YEAR)
    later(timedelta(days=21) - A_LITTLE)
    assert verbs(application)[-1] == "asked"

    later(A_LITTLE)

    assert application.status is Status.RESTED
    assert verbs(application)[-2:] == ["asked", "rested"]
    assert "rested" in kinds(application)
    # They rested with it.
    APPLICATIONS.say_valid(other, actor=None)
    OFFERS.say_valid(offer, actor=None)
    assert entering.inputs_of(call, call.first_day).applications == [other]
    db.session.commit()
    assert (make_frozen_round(call).picture or {})["left_out"] == {application.reference: "rested"}
    sign_in(client, host)
    assert "the application rests" in client.get("/catalogue").text
    seen = client.get(f"/catalogue/{application.reference}").text
    assert "the application rests" in seen
    assert "You can write once" not in seen


def test_the_link_says_still_looking_and_a_look_says_nothing(
    client: Visitor, application: Application
) -> None:
    later(HALF_A_YEAR)
    asked = client.get(link(application)).text
    assert "Still looking" in asked
    assert "Not any more" in asked
    db.session.expire_all()
    assert application.asked_at is not None

    client.submit(link(application), {"answer": "yes"})
    assert "Thank you" in client.get(link(application)).text
    later(THREE_WEEKS)

    assert application.status is Status.ACCEPTED
    assert verbs(application)[-1] == "still-valid"


def test_not_any_more_lets_it_rest_at_once_and_the_same_link_wakes_it(
    client: Visitor, application: Application
) -> None:
    later(HALF_A_YEAR)

    client.submit(link(application), {"answer": "over"})

    db.session.expire_all()
    assert (application.status, verbs(application)[-1]) == (Status.RESTED, "not-looking")
    page = client.get(link(application)).text
    assert "Wake it" in page
    assert "Not any more" not in page
    client.submit(link(application), {"answer": "yes"})
    db.session.expire_all()
    assert (application.status, verbs(application)[-1]) == (Status.ACCEPTED, "woken")


def test_its_applicant_wakes_it_on_its_page_and_a_peer_does_not(
    client: Visitor, applicant: User, application: Application
) -> None:
    later(HALF_A_YEAR)
    later(THREE_WEEKS)
    page, sent = f"/applications/{application.reference}", {"version": str(application.version)}
    sign_in(client, make_user(Role.APPLICANT))
    assert client.submit("/account/password", sent, to=f"{page}/wake").status_code == 404
    assert client.get("/applications/still/no-such-token").status_code == 404

    sign_in(client, applicant)
    assert "Wake it" in client.get(page).text
    client.submit(page, sent, to=f"{page}/wake")

    db.session.expire_all()
    assert application.status is Status.ACCEPTED


def test_who_signs_in_is_seen(client: Visitor, applicant: User, application: Application) -> None:
    clock.move(clock.utcnow() + timedelta(days=100))
    client.submit("/login", {"email": applicant.email, "password": PASSWORD})
    db.session.expire_all()
    assert applicant.signed_in_at is not None

    later(timedelta(days=182) - A_LITTLE)
    assert application.asked_at is None

    later(A_LITTLE)
    assert application.asked_at is not None


def _contact(application: Application, offer: Offer) -> None:
    make_contact(application, offer, side=Side.HOST)


def _pair(application: Application, offer: Offer) -> None:
    make_pair(application, offer, status=PairStatus.VALIDATED)


def _colleague(application: Application, _offer: Offer) -> None:
    colleague = make_user(Role.APPLICANT, email=application.person_email)
    colleague.signed_in_at = clock.utcnow()


def _freed(application: Application, _offer: Offer) -> None:
    services.mark_matched(application, actor=None)
    services.mark_free(application, actor=None)


@pytest.mark.parametrize("use", [_contact, _pair, _colleague, _freed])
def test_what_is_used_meanwhile_is_not_asked_about_and_does_not_rest(
    application: Application, offer: Offer, use: Callable[[Application, Offer], None]
) -> None:
    clock.move(clock.utcnow() + timedelta(days=100))
    use(application, offer)
    db.session.commit()

    later(timedelta(days=100))

    assert application.asked_at is None


@pytest.mark.parametrize("promise", ["pair", "proposal"])
def test_who_is_promised_to_a_host_neither_rests_nor_says_that_it_is_over(
    application: Application, offer: Offer, promise: str
) -> None:
    if promise == "pair":
        later(HALF_A_YEAR)
        _pair(application, offer)
    else:
        application = make_proposal().application
        application.asked_at = clock.utcnow()
    db.session.commit()

    with pytest.raises(RuleBroken, match="promised"):
        say_over(application)
    with pytest.raises(RuleBroken, match="promised"):
        APPLICATIONS.rest(application)


def test_nothing_rests_under_a_frozen_round(call: Call, application: Application, offer: Offer) -> None:
    make_frozen_round(call)
    clock.move(clock.utcnow() + HALF_A_YEAR)

    assert unused.to_ask(Application) == unused.to_ask(Offer) == []


def test_whoever_travels_with_one_that_rests_waits(call: Call) -> None:
    one, other = (make_visitor(call, group_key="G", windows=(weeks(call, 60),)) for _ in range(2))
    APPLICATIONS.rest(one)

    assert dict(entering.left_out(call)) == {one: "rested", other: "group-waits"}
