"""Several offers at once: preview, accept, take back."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.audit.queries import entries_about
from mobility.bulk.steps import WINDOW
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts import bulk, queries, reservations, services
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.mail.models import Letter
from mobility.mail.queries import letters_about
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import make_visitor
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]


@pytest.fixture
def officer() -> User:
    """A support officer."""
    user = make_user(Role.SUPPORT_OFFICER)
    db.session.commit()
    return user


@pytest.fixture
def call() -> Call:
    """A call."""
    return make_call()


def waiting(call: Call, number: int) -> list[Offer]:
    found = [make_offer(call=call, status=OfferStatus.SUBMITTED) for _ in range(number)]
    db.session.commit()
    return found


def seen(offers: list[Offer]) -> dict[str, int]:
    return {one.reference: one.version for one in offers}


def address(*offers: Offer) -> str:
    return "/hosts/bulk?" + "&".join(f"pick={one.reference}" for one in offers)


def test_the_preview_says_who_is_accepted_and_who_not_and_the_button_does_it(
    new_client: NewClient, officer: User, call: Call
) -> None:
    good, accepted = waiting(call, 1)[0], make_offer(call=call)
    failing = make_offer(
        call=call, status=OfferStatus.SUBMITTED, organisation=make_organisation(cluster_name="", **PORTO)
    )
    own = make_offer(call=call, status=OfferStatus.SUBMITTED, author=officer)
    client = new_client()
    db.session.commit()
    sign_in(client, officer)

    assert 'name="pick"' in client.get("/hosts?status=submitted").text
    page = client.get(address(good, accepted, failing, own)).text
    hidden = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    assert hidden
    answer = client.submit(address(good), {"seen": hidden[1]}, to="/hosts/bulk")
    result = client.get(answer.headers["Location"]).text

    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Accept 1 offer" in text
    assert f"{accepted.reference} it does not wait for its decision" in text
    assert f"{failing.reference} a rule is not met" in text
    assert f"{own.reference} it is not yours to assess" in text
    assert "1 offer changed" in result
    db.session.expire_all()
    assert (good.status, failing.status, own.status) == (
        OfferStatus.ACCEPTED,
        OfferStatus.SUBMITTED,
        OfferStatus.SUBMITTED,
    )


def test_a_step_is_taken_back_with_its_places_and_letters(officer: User, call: Call) -> None:
    offers = waiting(call, 2)
    step = bulk.accept(offers, seen(offers), actor=officer)
    assert queries.place_days(offers)[offers[0].id]
    assert letters_about(offers[0])[0].try_at >= step.made_at + WINDOW

    stay = bulk.undo(step, actor=officer)

    assert stay == []
    assert {one.status for one in offers} == {OfferStatus.SUBMITTED}
    assert queries.place_days(offers) == {one.id: [] for one in offers}
    assert [letter.kind for letter in letters_about(offers[0])] == ["hosts.received"]
    assert [entry.verb for entry in entries_about(step)] == ["bulk.done", "bulk.undone"]
    bulk.accept(offers, seen(offers), actor=officer)


def _visit(offer: Offer) -> None:
    day = queries.place_days([offer])[offer.id][0].day
    reservations.reserve(offer, day, day, for_record=make_user())


def _wish(offer: Offer) -> None:
    make_visitor(offer.call, wishes={offer: 1})


def _tell(_offer: Offer) -> None:
    db.session.execute(update(Letter).values(sent_at=clock.utcnow()))


def _close(offer: Offer) -> None:
    services.close(offer, actor=None)


@pytest.mark.parametrize(
    ("since", "code"),
    [(_visit, "built-upon"), (_wish, "built-upon"), (_tell, "letter-left"), (_close, "stale")],
)
def test_what_was_built_upon_told_or_changed_since_stays(
    officer: User, call: Call, since: Callable[[Offer], None], code: str
) -> None:
    offers = waiting(call, 2)
    step = bulk.accept(offers, seen(offers), actor=officer)
    since(offers[0])
    db.session.flush()

    stay = bulk.undo(step, actor=officer)

    assert (offers[0].reference, code) in [(one.reference, one.code) for one in stay]
    assert offers[0].status is not OfferStatus.SUBMITTED
    assert queries.place_days(offers)[offers[0].id]


def test_a_step_is_taken_back_once_and_in_time(officer: User, call: Call) -> None:
    offers = waiting(call, 1)
    step = bulk.accept(offers, seen(offers), actor=officer)
    step.made_at -= WINDOW + timedelta(seconds=1)

    with pytest.raises(RuleBroken, match="undo-over"):
        bulk.undo(step, actor=officer)
    assert offers[0].status is OfferStatus.ACCEPTED


def test_what_moved_after_the_preview_stays(officer: User, call: Call) -> None:
    moved, still = waiting(call, 2)
    versions = seen([moved, still])
    services.close(moved, actor=None)

    step = bulk.accept([moved, still], versions, actor=officer)

    assert step.kept == [{"reference": moved.reference, "code": "stale"}]
    assert still.status is OfferStatus.ACCEPTED


def test_a_step_is_shown_and_taken_back_by_its_officer_alone_and_at_its_own_address(
    new_client: NewClient, officer: User, call: Call
) -> None:
    offers = waiting(call, 1)
    step = bulk.accept(offers, seen(offers), actor=officer)
    mine, other = new_client(), new_client()
    peer = make_user(Role.SUPPORT_OFFICER)
    db.session.commit()
    sign_in(mine, officer)
    sign_in(other, peer)

    assert other.get(f"/hosts/bulk/{step.id}").status_code == 404
    assert other.submit("/account/password", {}, to=f"/hosts/bulk/{step.id}/undo").status_code == 404
    assert mine.get(f"/applications/bulk/{step.id}").status_code == 404
    undone = mine.submit(f"/hosts/bulk/{step.id}", {}, to=f"/hosts/bulk/{step.id}/undo")

    assert undone.status_code == 302
    assert "1 offer is as it was." in mine.get(f"/hosts/bulk/{step.id}").text
    db.session.expire_all()
    assert offers[0].status is OfferStatus.SUBMITTED


def test_another_partnerships_offers_stay(new_client: NewClient, call: Call) -> None:
    (offer,) = waiting(call, 1)
    client, elsewhere = new_client(), make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership())
    db.session.commit()
    sign_in(client, elsewhere)

    answer = client.submit(
        "/account/password", {"seen": f"{offer.reference}:{offer.version}"}, to="/hosts/bulk"
    )

    assert answer.status_code == 409
    assert db.session.scalar(select(Offer.status)) is OfferStatus.SUBMITTED


def test_an_accepted_offer_is_not_sent_again(call: Call) -> None:
    offer = make_offer(call=call)

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.submit(offer, actor=None)
