"""The list of hosts, and an offer from its beginning to its decision."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.db import db
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.hosts.queries import offers_to_assess
from mobility.mail.queries import letters_about
from mobility.organisations.enums import MemberRight
from mobility.organisations.services import join
from tests.hosts.filled import page_of, typed
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_organisation
from tests.pages import error_beside, next_on, queries_for, version_on
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]


def officer_of(offer: Offer, client: Visitor) -> User:
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=offer.partnership)
    db.session.commit()
    sign_in(client, officer)
    return officer


def test_a_host_begins_fills_checks_and_sends(client: Visitor, person: User) -> None:
    call = make_call(title="Spring call")
    make_allotment(call)
    host = make_organisation(member=person, **PORTO)
    db.session.commit()

    assert "Spring call" in client.get("/hosts").text
    begun = client.submit(f"/hosts/new?call={call.reference}", {"organisation": str(host.id)})
    offer = db.session.scalars(select(Offer)).one()
    checked = client.submit(page_of(offer, "/edit"), typed(offer, next="check"))
    version = {"version": version_on(client.get(page_of(offer)).text)}
    client.submit(page_of(offer), version, to=page_of(offer, "/submit"))

    assert begun.location.endswith(page_of(offer, "/edit"))
    assert checked.location.endswith(page_of(offer))
    page = client.get(page_of(offer)).text
    assert f"We have received your offer {offer.reference}" in page


def test_two_clicks_on_begin_make_one_offer(
    client: Visitor, person: User, session: scoped_session[Session]
) -> None:
    call = make_call()
    make_allotment(call)
    host = make_organisation(member=person, **PORTO)
    db.session.commit()

    for _click in range(2):
        client.submit(f"/hosts/new?call={call.reference}", {"organisation": str(host.id)})

    assert session.scalar(select(func.count()).select_from(Offer)) == 1


def test_everybody_sees_accepted_offers_without_their_contact(client: Visitor) -> None:
    offer = make_offer(
        title="Blades and bearings", contact_name="Rui Secreto", contact_email="rui@secret.example"
    )
    hidden = make_offer(title="Not yet", status=OfferStatus.SUBMITTED)
    db.session.commit()

    for path in ("/hosts", page_of(offer), "/hosts?format=csv"):
        page = client.get(path)
        assert page.status_code == 200
        assert "Blades and bearings" in page.text
        assert "Porto" in page.text
        assert hidden.reference not in page.text
        assert "Secreto" not in page.text
        assert "secret.example" not in page.text
    assert client.get(page_of(hidden)).status_code == 404


def test_the_list_is_searched_and_filtered_by_its_address(client: Visitor) -> None:
    call = make_call()
    porto = make_offer(call=call)
    berlin = make_organisation(country="DE", town="Berlin", latitude=52.5, longitude=13.4)
    other = make_offer(call=call, organisation=berlin, ecosystems=("health",))
    db.session.commit()

    for query in ("q=porto", "country=PT", "topic=renewables"):
        page = client.get(f"/hosts?{query}").text
        assert porto.reference in page
        assert other.reference not in page


@pytest.mark.parametrize(
    "query", ["sort=x", "page=²", "country=%27", "topic=%22%5D", "status=gone", "q=%25%5C"]
)
def test_odd_questions_to_the_list_do_no_harm(client: Visitor, query: str) -> None:
    assert client.get(f"/hosts?{query}").status_code == 200


@pytest.mark.parametrize("role", [None, Role.HOST, Role.SUPPORT_OFFICER])
def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(
    new_client: NewClient, role: Role | None
) -> None:
    call, client = make_call(), new_client()
    make_offer(call=call)
    if role is not None:
        user = make_user(role)
        db.session.commit()
        sign_in(client, user)
    db.session.commit()
    client.get("/hosts")
    one = queries_for(client, "/hosts")
    for _number in range(2):
        make_offer(call=call)
    db.session.commit()

    assert queries_for(client, "/hosts") == one


def test_sending_twice_sends_once(client: Visitor, draft: Offer) -> None:
    fields = {"version": str(draft.version)}

    for _click in range(2):
        assert client.submit(page_of(draft), fields, to=page_of(draft, "/submit")).status_code == 302

    db.session.expire_all()
    assert draft.status is OfferStatus.SUBMITTED
    assert len(letters_about(draft)) == 1


def test_a_submitted_offer_opens_no_form_and_takes_no_change(client: Visitor, person: User) -> None:
    offer = make_offer(author=person, status=OfferStatus.SUBMITTED)
    db.session.commit()

    sent = client.submit(page_of(offer), typed(offer, title="Late"), to=page_of(offer, "/edit"))

    assert client.get(page_of(offer, "/edit")).location.endswith(page_of(offer))
    assert sent.status_code == 409
    db.session.expire_all()
    assert offer.title != "Late"


def test_a_host_closes_the_offer(client: Visitor, person: User) -> None:
    offer = make_offer(author=person)
    db.session.commit()

    client.submit(page_of(offer), {"version": str(offer.version)}, to=page_of(offer, "/close"))

    db.session.expire_all()
    assert offer.status is OfferStatus.CLOSED


@pytest.mark.parametrize("end", ["", "/edit", "/submit", "/close"])
def test_a_peers_draft_is_not_there(client: Visitor, draft: Offer, new_client: NewClient, end: str) -> None:
    peer, user = new_client(), make_user(Role.HOST)
    own = make_offer(author=user, status=OfferStatus.DRAFT)
    db.session.commit()
    sign_in(peer, user)

    if end in {"", "/edit"}:
        assert peer.get(page_of(draft, end)).status_code == 404
        assert peer.get(f"/hosts/OFF-1-1{end}").status_code == 404
    if end:
        fields = typed(own, version=str(draft.version), title="Taken over")
        assert peer.submit(page_of(own), fields, to=page_of(draft, end)).status_code == 404
    db.session.expire_all()
    assert (draft.status, draft.title) == (OfferStatus.DRAFT, "A week in the wind test hall")


def test_an_accepted_offer_of_a_peer_is_seen_and_not_changed(
    client: Visitor, person: User, draft: Offer
) -> None:
    peers = make_offer()
    db.session.commit()

    answer = client.submit(page_of(draft), {"version": str(peers.version)}, to=page_of(peers, "/close"))

    assert client.get(page_of(peers)).status_code == 200
    assert answer.status_code == 404
    db.session.expire_all()
    assert peers.status is OfferStatus.ACCEPTED


@pytest.mark.parametrize("reference", ["%00", "%ED%A0%80", "%3Cscript%3E", "9223372036854775808", "a'--"])
def test_odd_references_are_not_there(client: Visitor, reference: str) -> None:
    assert client.get(f"/hosts/{reference}").status_code == 404


def test_an_officer_accepts_beside_the_findings(new_client: NewClient) -> None:
    offer, client = make_offer(status=OfferStatus.SUBMITTED), new_client()
    officer_of(offer, client)

    page = client.get(page_of(offer)).text
    fields = {"version": str(offer.version), "decision": "accept"}
    answer = client.submit(page_of(offer), fields, to=page_of(offer, "/assess"))

    assert 'data-finding="places"' in page
    assert offer.reference in client.get("/hosts?status=accepted").text
    assert answer.status_code == 302
    db.session.expire_all()
    assert offer.status is OfferStatus.ACCEPTED


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"decision": "reject"}, "reason"), ({}, "decision"), ({"decision": "perhaps"}, "decision")],
)
def test_a_decision_with_a_gap_is_answered_beside_its_field(
    new_client: NewClient, fields: dict[str, str], field: str
) -> None:
    offer, client = make_offer(status=OfferStatus.SUBMITTED), new_client()
    officer_of(offer, client)

    answer = client.submit(
        page_of(offer), {"version": str(offer.version), **fields}, to=page_of(offer, "/assess")
    )

    assert answer.status_code == 422
    assert error_beside(answer.text, field)
    db.session.expire_all()
    assert offer.status is OfferStatus.SUBMITTED


def test_a_decision_on_an_older_version_is_refused(new_client: NewClient) -> None:
    offer, client = make_offer(status=OfferStatus.SUBMITTED), new_client()
    officer_of(offer, client)

    fields = {"version": str(offer.version - 1), "decision": "accept"}
    answer = client.submit(page_of(offer), fields, to=page_of(offer, "/assess"))

    assert answer.status_code == 409
    db.session.expire_all()
    assert offer.status is OfferStatus.SUBMITTED


def test_another_partnerships_officer_finds_nothing(new_client: NewClient) -> None:
    offer, client = make_offer(status=OfferStatus.SUBMITTED), new_client()
    elsewhere = make_offer(status=OfferStatus.SUBMITTED)
    officer_of(elsewhere, client)

    fields = {"version": str(offer.version), "decision": "accept"}
    answer = client.submit(page_of(elsewhere), fields, to=page_of(offer, "/assess"))

    assert (client.get(page_of(offer)).status_code, answer.status_code) == (404, 404)
    assert page_of(offer) not in client.get("/hosts").text
    db.session.expire_all()
    assert offer.status is OfferStatus.SUBMITTED


@pytest.mark.parametrize("part", ["author", "contact", "looks on"])
def test_nobody_assesses_an_offer_they_take_part_in(new_client: NewClient, part: str) -> None:
    offer, client = make_offer(status=OfferStatus.SUBMITTED), new_client()
    officer = officer_of(offer, client)
    if part == "author":
        offer.author_id = officer.id
    elif part == "contact":
        offer.contact_email = officer.email
    else:
        join(offer.organisation, officer, right=MemberRight.VIEW, actor=None)
    db.session.commit()
    assert 'name="decision"' not in client.get(page_of(offer)).text
    assert offers_to_assess(officer, [offer.reference]) == []

    fields = {"version": str(offer.version), "decision": "accept"}
    answer = client.submit("/hosts?status=submitted", fields, to=page_of(offer, "/assess"))

    assert answer.status_code == 403
    db.session.expire_all()
    assert offer.status is OfferStatus.SUBMITTED


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (None, "Wish for this host in your application Register"),
        (Role.APPLICANT, "Wish for this host in your application Your applications"),
        (Role.HOST, "Nothing for now"),
        (Role.SUPPORT_OFFICER, "Nothing for now"),
    ],
)
def test_only_who_may_apply_is_told_to_wish_for_a_host(client: Visitor, role: Role | None, told: str) -> None:
    offer = make_offer()
    if role is not None:
        sign_in(client, make_user(role))

    assert next_on(client.get(page_of(offer)).text) == told


def test_nobody_is_told_to_wish_for_a_host_of_a_call_that_closed(client: Visitor) -> None:
    offer = make_offer()
    offer.call.closes_at = clock.utcnow() - timedelta(days=1)
    db.session.commit()

    assert next_on(client.get(page_of(offer)).text) == "Nothing for now"


def test_of_several_open_calls_the_list_of_calls_leads_to_each(client: Visitor, person: User) -> None:
    first = make_call(title="Spring call")
    assert f"/hosts/new?call={first.reference}" in client.get("/hosts").text
    make_call(title="Autumn call")

    page = client.get("/hosts").text

    assert "/hosts/new?call=" not in page
    assert '<a class="button" href="/calls?status=open">Offer places…</a>' in page
