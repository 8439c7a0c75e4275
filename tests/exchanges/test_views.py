"""The pages of proposals and exchanges."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges import queries, services
from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.models import Exchange
from mobility.mail.queries import letters_about
from mobility.organisations.services import join
from mobility.rounds.enums import ProposalStatus, Reply
from mobility.rounds.models import Proposal
from tests.catalogue.people import NewClient, entered
from tests.make.accounts import make_user
from tests.make.exchanges import make_ended_exchange
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import make_proposal
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]


@pytest.fixture
def proposal(session: Db) -> Proposal:
    return make_proposal()


@pytest.fixture
def visitor(new_client: NewClient, proposal: Proposal) -> Visitor:
    """The person named in the imported application, who registered with that address."""
    return entered(new_client, make_user(Role.APPLICANT, email=proposal.application.person_email.upper()))


@pytest.fixture
def host(new_client: NewClient, proposal: Proposal) -> Visitor:
    """The contact named in the imported offer, who registered with that address."""
    return entered(new_client, make_user(Role.HOST, email=proposal.offer.contact_email))


def path_of(proposal: Proposal) -> str:
    return f"/exchanges/proposals/{proposal.reference}"


def test_both_sides_answer_on_their_page_and_meet_in_an_exchange(
    visitor: Visitor, host: Visitor, proposal: Proposal, session: Db
) -> None:
    page = path_of(proposal)

    first = visitor.submit(page, {}, to=f"{page}/accept/visitor")
    second = host.submit(page, {}, to=f"{page}/accept/host")

    exchange = session.scalars(select(Exchange)).one()
    assert (first.status_code, first.location) == (302, page)
    assert (second.status_code, second.location) == (302, f"/exchanges/{exchange.reference}")
    assert exchange.status is ExchangeStatus.AGREED
    for client in (visitor, host):
        shown = client.get(f"/exchanges/{exchange.reference}")
        assert shown.status_code == 200
        assert "The exchange is agreed" in shown.text


def test_the_visitors_page_says_why_this_host_what_it_pays_and_until_when(
    visitor: Visitor, proposal: Proposal
) -> None:
    page = visitor.get(path_of(proposal)).text

    assert f"A host for you: {proposal.offer.organisation.name}" in page
    assert "Why this host" in page
    assert "Topics in common" in page
    assert "€780.00" in page
    assert "Accept or decline" in page
    assert "17:00" in page


def test_the_hosts_page_says_why_this_visitor_and_nothing_of_money(host: Visitor, proposal: Proposal) -> None:
    page = host.get(path_of(proposal)).text

    assert f"A visitor for you: {proposal.application.organisation.name}" in page
    assert "Why this visitor" in page
    assert "€" not in page


def test_declining_asks_for_a_reason_beside_the_field(
    visitor: Visitor, proposal: Proposal, session: Db
) -> None:
    page = path_of(proposal)

    answer = visitor.submit(page, {"reason": " "}, to=f"{page}/decline/visitor")

    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    session.refresh(proposal)
    assert (proposal.status, proposal.visitor_reply) == (ProposalStatus.OPEN, None)


@pytest.mark.parametrize("reason", ["a\0b", "x" * 5001])
def test_a_hostile_reason_is_refused_and_kept(
    visitor: Visitor, proposal: Proposal, session: Db, reason: str
) -> None:
    page = path_of(proposal)

    answer = visitor.submit(page, {"reason": reason}, to=f"{page}/decline/visitor")

    assert answer.status_code == 422
    session.refresh(proposal)
    assert proposal.status is ProposalStatus.OPEN


def test_a_declined_proposal_tells_the_other_side_why(
    visitor: Visitor, host: Visitor, proposal: Proposal, session: Db
) -> None:
    page = path_of(proposal)

    answer = host.submit(page, {"reason": "<b>Moved</b> & gone"}, to=f"{page}/decline/host")

    assert answer.status_code == 302
    assert "&lt;b&gt;Moved&lt;/b&gt; &amp; gone" in visitor.get(page).text
    letter = next(letter for letter in letters_about(proposal) if letter.kind == "exchanges.declined_visitor")
    assert "<b>Moved</b> & gone" in letter.body


def test_nobody_answers_for_the_other_side(visitor: Visitor, proposal: Proposal, session: Db) -> None:
    page = path_of(proposal)

    answers = [
        visitor.submit(page, {"reason": "x"}, to=f"{page}/{verb}/host") for verb in ("accept", "decline")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    session.refresh(proposal)
    assert proposal.host_reply is None


def test_a_side_that_is_no_side_is_not_found(visitor: Visitor, proposal: Proposal) -> None:
    page = path_of(proposal)

    assert visitor.submit(page, {}, to=f"{page}/accept/judge").status_code == 404


def test_after_the_deadline_there_is_nothing_to_press_and_an_answer_is_a_conflict(
    visitor: Visitor, proposal: Proposal, session: Db
) -> None:
    page = path_of(proposal)

    proposal.answer_by = clock.utcnow() - timedelta(seconds=1)
    session.commit()

    shown = visitor.get(page)
    answer = visitor.submit("/exchanges", {}, to=f"{page}/accept/visitor")

    assert "Your answer cannot be changed" not in shown.text
    assert answer.status_code == 409
    assert "The time to answer is over" in answer.text
    session.refresh(proposal)
    assert proposal.visitor_reply is None


def test_answering_twice_is_a_conflict(visitor: Visitor, proposal: Proposal, session: Db) -> None:
    page = path_of(proposal)
    visitor.submit(page, {}, to=f"{page}/accept/visitor")

    answer = visitor.submit("/exchanges", {}, to=f"{page}/accept/visitor")

    assert answer.status_code == 409
    session.refresh(proposal)
    assert proposal.visitor_reply is Reply.ACCEPTED


def test_a_proposal_is_not_found_for_anybody_else(
    new_client: NewClient, proposal: Proposal, session: Db
) -> None:
    stranger = entered(new_client, make_user(Role.APPLICANT))
    officer = entered(new_client, make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership()))

    assert stranger.get(path_of(proposal)).status_code == 404
    assert officer.get(path_of(proposal)).status_code == 404
    accept = stranger.submit("/exchanges", {}, to=f"{path_of(proposal)}/accept/visitor")
    assert accept.status_code == 404
    session.refresh(proposal)
    assert proposal.visitor_reply is None


def test_officers_of_both_partnerships_and_support_see_a_proposal_but_do_not_answer(
    new_client: NewClient, proposal: Proposal
) -> None:
    people = [
        make_user(Role.PARTNERSHIP_OFFICER, partnership=proposal.application.partnership),
        make_user(Role.PARTNERSHIP_OFFICER, partnership=proposal.offer.partnership),
        make_user(Role.SUPPORT_OFFICER),
    ]

    for person in people:
        client = entered(new_client, person)
        assert client.get(path_of(proposal)).status_code == 200
        assert client.submit("/exchanges", {}, to=f"{path_of(proposal)}/accept/visitor").status_code == 403


def test_a_member_of_the_organisation_answers_for_it(new_client: NewClient, proposal: Proposal) -> None:
    member = make_user(Role.APPLICANT)
    join(proposal.application.organisation, member, actor=None)

    client = entered(new_client, member)

    assert "Accept or decline" in client.get(path_of(proposal)).text


def test_an_address_that_was_not_confirmed_opens_nothing(new_client: NewClient, proposal: Proposal) -> None:
    person = make_user(Role.APPLICANT, email=proposal.application.person_email)
    person.confirmed_at = None
    db.session.flush()

    assert queries.sides_of(person, proposal) == frozenset()


def test_one_person_can_stand_on_both_sides(proposal: Proposal) -> None:
    person = make_user(Role.APPLICANT)
    join(proposal.application.organisation, person, actor=None)
    join(proposal.offer.organisation, person, actor=None)
    db.session.flush()

    assert queries.sides_of(person, proposal) == {Side.VISITOR, Side.HOST}


def test_what_waits_for_an_answer_stands_on_the_list(visitor: Visitor, proposal: Proposal) -> None:
    page = path_of(proposal)
    assert page in visitor.get("/exchanges").text

    visitor.submit(page, {}, to=f"{page}/accept/visitor")

    assert page not in visitor.get("/exchanges").text


def test_the_list_shows_each_person_their_own_exchanges(new_client: NewClient, session: Db) -> None:
    mine, other = make_ended_exchange(), make_ended_exchange()
    people = [
        make_user(Role.APPLICANT, email=mine.application.person_email),
        make_user(Role.PARTNERSHIP_OFFICER, partnership=mine.vop),
        make_user(Role.PARTNERSHIP_OFFICER, partnership=mine.hop),
    ]

    for person in people:
        client = entered(new_client, person)
        page = client.get("/exchanges").text
        assert mine.reference in page
        assert other.reference not in page
        assert client.get(f"/exchanges/{other.reference}").status_code == 404


def test_a_host_sees_no_money_while_visitor_and_staff_do(new_client: NewClient, session: Db) -> None:
    exchange = make_ended_exchange(lump_sum_cents=78_000)
    people = {
        make_user(Role.HOST, email=exchange.offer.contact_email): False,
        make_user(Role.APPLICANT, email=exchange.application.person_email): True,
        make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.vop): True,
        make_user(Role.SUPPORT_OFFICER): True,
    }

    for person, sees_money in people.items():
        client = entered(new_client, person)
        for page in ("/exchanges", f"/exchanges/{exchange.reference}"):
            shown = client.get(page).text
            assert exchange.reference in shown
            assert ("€780.00" in shown, "€" in shown) == (sees_money, sees_money)


def test_a_host_who_sorts_by_the_lump_sum_learns_nothing(new_client: NewClient, session: Db) -> None:
    host = make_organisation()
    small = make_ended_exchange(host=host, lump_sum_cents=10_000)
    large = make_ended_exchange(host=host, lump_sum_cents=90_000)
    person = make_user(Role.HOST)
    join(host, person, actor=None)
    client = entered(new_client, person)

    for sort in ("lump_sum", "-lump_sum"):
        page = client.get(f"/exchanges?sort={sort}").text
        assert page.index(small.reference) < page.index(large.reference)


def test_support_sees_all_exchanges_and_narrows_them_by_the_address(
    new_client: NewClient, session: Db
) -> None:
    ended, cancelled = make_ended_exchange(), make_ended_exchange(status=ExchangeStatus.CANCELLED)
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))

    everything = support.get("/exchanges").text
    narrowed = support.get(f"/exchanges?status=ended&q={ended.visiting_organisation.name}&sort=host").text

    assert ended.reference in everything
    assert cancelled.reference in everything
    assert ended.reference in narrowed
    assert cancelled.reference not in narrowed


def test_the_list_takes_as_many_queries_for_three_exchanges_as_for_one(
    new_client: NewClient, session: Db
) -> None:
    make_ended_exchange()
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))
    for_one = statements_of(support, "/exchanges")
    make_ended_exchange()
    make_ended_exchange()
    session.commit()

    assert statements_of(support, "/exchanges") == for_one


def test_the_officer_of_the_vop_cancels_an_exchange_with_a_reason(
    new_client: NewClient, proposal: Proposal, session: Db
) -> None:
    services.accept(proposal, Side.VISITOR, actor=None)
    exchange = services.accept(proposal, Side.HOST, actor=None)
    assert exchange
    officer = entered(new_client, make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.vop))
    page = f"/exchanges/{exchange.reference}"

    assert f"{page}/cancel" in officer.get(page).text
    refused = officer.submit(f"{page}/cancel", {"reason": ""})
    done = officer.submit(
        f"{page}/cancel", {"reason": "The host has closed.", "version": str(exchange.version)}
    )

    assert (refused.status_code, done.status_code) == (422, 302)
    session.refresh(exchange)
    assert exchange.status is ExchangeStatus.CANCELLED
    assert "The host has closed." in officer.get(page).text


def test_an_exchange_that_moved_on_meanwhile_is_not_cancelled(
    new_client: NewClient, proposal: Proposal, session: Db
) -> None:
    services.accept(proposal, Side.VISITOR, actor=None)
    exchange = services.accept(proposal, Side.HOST, actor=None)
    assert exchange
    officer = entered(new_client, make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.vop))
    stale = {"reason": "The host has closed.", "version": str(exchange.version - 1)}

    answer = officer.submit(f"/exchanges/{exchange.reference}/cancel", stale)

    assert answer.status_code == 409
    session.refresh(exchange)
    assert exchange.status is ExchangeStatus.AGREED


def test_the_officer_of_the_hop_does_not_cancel(
    new_client: NewClient, proposal: Proposal, session: Db
) -> None:
    services.accept(proposal, Side.VISITOR, actor=None)
    exchange = services.accept(proposal, Side.HOST, actor=None)
    assert exchange
    officer = entered(new_client, make_user(Role.PARTNERSHIP_OFFICER, partnership=exchange.hop))
    page = f"/exchanges/{exchange.reference}"

    assert "/cancel" not in officer.get(page).text
    assert officer.submit("/exchanges", {"reason": "x"}, to=f"{page}/cancel").status_code == 404
    session.refresh(exchange)
    assert exchange.status is ExchangeStatus.AGREED


def test_an_absent_exchange_or_proposal_is_not_found(visitor: Visitor) -> None:
    assert visitor.get("/exchanges/EXC-1999-0001").status_code == 404
    assert visitor.get("/exchanges/proposals/PRP-1999-0001").status_code == 404
