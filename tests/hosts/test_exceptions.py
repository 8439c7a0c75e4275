"""Exceptions from rules for offers: asked by an officer, answered by somebody else, and what they let pass."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.admin.counts import counts
from mobility.audit.queries import entries_about
from mobility.calls.models import Call
from mobility.catalogue.rules import rules_against
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts import services
from mobility.hosts.draft import PlacesDraft, WindowDraft
from mobility.hosts.enums import ExceptionStatus, OfferStatus
from mobility.hosts.exceptions import OFFERS
from mobility.hosts.models import Offer, OfferException
from mobility.organisations.enums import OrganisationType
from mobility.organisations.queries import members_of
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import PORTO_CLUSTER, make_visitor
from tests.pages import queries_for
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]
WHY, BECAUSE = "Its cluster joins the platform this month.", "The agency approved it on 3 May."


@pytest.fixture
def call() -> Call:
    """A call that lets no cluster host."""
    made = make_call()
    made.roles_by_type = made.roles_by_type | {OrganisationType.CLUSTER.value: ["visitor"]}
    return made


@pytest.fixture
def offer(call: Call) -> Offer:
    """A submitted offer of a type of organisation that may not host in its call."""
    organisation = make_organisation(member=make_user(Role.HOST), **PORTO_CLUSTER)
    made = make_offer(
        call=call,
        organisation=organisation,
        partnership=make_allotment(call).partnership,
        status=OfferStatus.SUBMITTED,
    )
    db.session.commit()
    return made


@pytest.fixture
def officer(offer: Offer) -> User:
    """An officer of its partnership."""
    return make_user(Role.PARTNERSHIP_OFFICER, partnership=offer.partnership)


@pytest.fixture
def support() -> User:
    """Somebody of the support office."""
    return make_user(Role.SUPPORT_OFFICER)


def against(offer: Offer) -> list[str]:
    return [found["code"] for found in offer.findings if found["passed"] is False]


def test_a_granted_exception_lets_the_offer_be_accepted_met_by_visitors_and_changed(
    call: Call, offer: Offer, officer: User, support: User
) -> None:
    visitor = make_visitor(call)

    def apart() -> list[str]:
        return [*rules_against(visitor, offer, call=call, has_visited=False, first_day=call.first_day)]

    assert (against(offer), apart()) == (["type"], ["type"])
    asked = OFFERS.ask(offer, "type", WHY, actor=officer)
    with pytest.raises(RuleBroken, match="findings-fail"):
        services.assess(offer, accepted=True, actor=officer)

    OFFERS.answer(asked, granted=True, reason=BECAUSE, actor=support)

    assert [one.verb for one in entries_about(offer)][2:4] == ["exception.asked", "exception.granted"]
    services.assess(offer, accepted=True, actor=officer)
    windows = tuple(WindowDraft(one.first_day, one.last_day, 4) for one in offer.windows)
    services.change_places(offer, PlacesDraft(windows, (), 5), actor=None, version=offer.version)
    [waived] = [one["values"]["waived"] for one in offer.findings if one["code"] == "type"]
    assert (waived["by"], waived["why"]) == (support.name, BECAUSE)
    assert (offer.status, against(offer), apart()) == (OfferStatus.ACCEPTED, [], [])


def test_a_refused_exception_changes_nothing_and_may_be_asked_again(
    offer: Offer, officer: User, support: User
) -> None:
    asked = OFFERS.ask(offer, "type", WHY, actor=officer)

    OFFERS.answer(asked, granted=False, reason="Not in time.", actor=support)

    assert against(offer) == ["type"]
    with pytest.raises(RuleBroken, match="wrong-state"):
        OFFERS.answer(asked, granted=True, reason=BECAUSE, actor=support)
    assert OFFERS.ask(offer, "type", WHY, actor=officer).status is ExceptionStatus.ASKED
    with pytest.raises(RuleBroken, match="asked-already"):
        OFFERS.ask(offer, "type", WHY, actor=officer)


def test_nobody_answers_what_they_asked_for_not_even_in_the_database(offer: Offer, support: User) -> None:
    asked = OFFERS.ask(offer, "type", WHY, actor=support)

    with pytest.raises(RuleBroken, match="same-person"):
        OFFERS.answer(asked, granted=True, reason=BECAUSE, actor=support)
    alone = {"status": ExceptionStatus.GRANTED, "decided_by_id": support.id, "decided_at": asked.asked_at}
    with pytest.raises(IntegrityError, match="four_eyes"), db.session.begin_nested():
        db.session.execute(update(OfferException).values(**alone))


@pytest.mark.parametrize("rule", ["country", "sme", "call-open", "places", "profile", "no-such"])
def test_no_exception_is_made_from_what_is_met_or_holds_for_everybody(
    offer: Offer, officer: User, rule: str
) -> None:
    with pytest.raises(RuleBroken, match="not-waivable"):
        OFFERS.ask(offer, rule, WHY, actor=officer)


def test_an_exception_is_neither_asked_nor_granted_once_the_offer_is_decided(
    offer: Offer, officer: User, support: User
) -> None:
    asked = OFFERS.ask(offer, "type", WHY, actor=officer)
    services.assess(offer, accepted=False, reason="No.", actor=officer)

    with pytest.raises(RuleBroken, match="wrong-state"):
        OFFERS.answer(asked, granted=True, reason=BECAUSE, actor=support)
    with pytest.raises(RuleBroken, match="wrong-state"):
        OFFERS.ask(offer, "type", WHY, actor=officer)


def test_an_officer_asks_and_the_support_office_answers_by_page(
    new_client: NewClient, offer: Offer, officer: User, support: User
) -> None:
    address = f"/hosts/{offer.reference}"
    asking, answering, host, stranger = new_client(), new_client(), new_client(), new_client()
    sign_in(asking, officer)
    sign_in(answering, support)
    sign_in(host, members_of(offer.organisation)[0].user)
    sign_in(stranger, make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership()))
    before = queries_for(asking, address)

    sent = {"version": offer.version, "rule": "type", "reason": WHY}
    assert stranger.get(f"{address}/exception").status_code == 404
    assert "Ask for an exception…" in asking.get(address).text
    assert asking.submit(f"{address}/exception", sent).status_code == 302
    assert WHY in asking.get(address).text
    assert asking.get(f"{address}/exception/type").status_code == 403
    assert offer.reference in answering.get("/hosts?exception=asked").text
    assert counts(support)["offer_exceptions"][0] == 1
    assert WHY not in host.get(address).text
    given = {"version": 1, "decision": "grant", "reason": BECAUSE}
    assert answering.submit(f"{address}/exception/type", given).status_code == 302
    assert "offer_exceptions" not in counts(support)
    assert offer.reference not in answering.get("/hosts?exception=asked").text

    for client in (asking, answering, host):
        page = client.get(address).text
        assert BECAUSE in page
        assert "Exception granted by" in page
    assert queries_for(asking, address) <= max(before, 12)
    assert answering.get(f"{address}/exception/type").status_code == 404
