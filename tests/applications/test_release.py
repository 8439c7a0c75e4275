"""Decisions that applicants are told of in one step: who sees what before and after."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import bulk, queries, release, services
from mobility.applications.bulk import Act, Order
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.audit.queries import entries_about
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.mail.models import Letter
from mobility.mail.queries import letters_about
from mobility.organisations.enums import MemberRight
from mobility.organisations.services import join
from mobility.rounds import services as rounds
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application, make_change_request
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation
from tests.make.rounds import PORTO_CLUSTER, make_host, make_solved_run
from tests.pages import queries_for, version_on
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]
REASON = "The purpose is not one of the scheme."
# What differs each time a page is opened, or with any change of the record.
ONCE = re.compile(r'(name="(csrf_token|version|once)"[^>]*value=|nonce=)"[^"]*"')


@pytest.fixture
def call() -> Call:
    """A call that tells its applicants together."""
    call = make_call(releases_together=True)
    make_allotment(call)
    return call


@pytest.fixture
def officer() -> User:
    """A support officer."""
    return make_user(Role.SUPPORT_OFFICER)


def submitted(call: Call, number: int = 1, member: User | None = None) -> list[Application]:
    partnership = call.allotments[0].partnership
    made = [
        make_application(
            call=call,
            partnership=partnership,
            organisation=make_organisation(member=member) if member else None,
            status=Status.SUBMITTED,
        )
        for _number in range(number)
    ]
    db.session.commit()
    return made


def decide(application: Application, *, accepted: bool = True) -> None:
    services.assess(application, accepted=accepted, reason="" if accepted else REASON, actor=None)
    db.session.commit()


def tell(call: Call, accepted: int, rejected: int) -> None:
    release.release(call, accepted=accepted, rejected=rejected, actor=None)
    db.session.commit()


def pages(app: Flask, client: Visitor) -> list[str]:
    """The addresses that somebody can open: those without a record, the list by status, and what they link to."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    ahead = [rule for rule in rules if "<" not in rule and not rule.startswith(("/login", "/logout"))]
    ahead += [f"/applications?status={status}" for status in (*Status, "held")] + ["/applications?format=csv"]
    found: list[str] = []
    for path in ahead:
        answer = client.get(path)
        if answer.status_code == 200:
            found.append(path)
            ahead += {*re.findall(r'<a[^>]* href="(/[^"#?]+)"', answer.text)} - {*ahead, "/logout"}
    return found


def seen(client: Visitor, paths: list[str]) -> dict[str, str]:
    """What stands there, without what differs each time."""
    return {path: ONCE.sub("", client.get(path).text) for path in paths}


def test_nobody_outside_finds_a_trace_of_a_decision_before_it_is_told(
    app: Flask, new_client: NewClient, call: Call
) -> None:
    applicant, host, onlooker = make_user(Role.APPLICANT), make_user(Role.HOST), make_user(Role.APPLICANT)
    yes, no = submitted(call, member=applicant)[0], submitted(call, member=applicant)[0]
    offer = make_host(call, organisation=make_organisation(**PORTO_CLUSTER, member=host))
    join(no.organisation, onlooker, right=MemberRight.VIEW, actor=None)
    db.session.commit()
    clients = [new_client() for _person in range(3)]
    for client, person in zip(clients, (applicant, host, onlooker), strict=True):
        sign_in(client, person)
    of_host = ["/catalogue", "/dashboard", "/pairs", f"/hosts/{offer.reference}"]
    looked_on = ["/applications", "/dashboard", f"/applications/{no.reference}"]
    open_to = [pages(app, clients[0]), of_host, looked_on]
    before = [seen(client, paths) for client, paths in zip(clients, open_to, strict=True)]

    decide(yes)
    decide(no, accepted=False)

    for client, was in zip(clients, before, strict=True):
        now = seen(client, [*was])
        assert [path for path in was if now[path] != was[path]] == []
    assert {f"/applications/{one.reference}" for one in (yes, no)} <= before[0].keys()
    tell(call, 1, 1)
    assert REASON in clients[0].get(f"/applications/{no.reference}").text
    assert "Accepted" in clients[0].get("/applications").text


def test_staff_see_a_held_decision_at_once_but_not_of_their_own(
    new_client: NewClient, call: Call, officer: User
) -> None:
    own, other = submitted(call, member=officer)[0], submitted(call)[0]
    decide(own, accepted=False)
    decide(other, accepted=False)
    client = new_client()
    sign_in(client, officer)

    assert "Rejected, not told yet" in client.get(f"/applications/{other.reference}").text
    assert REASON in client.get(f"/applications/{other.reference}").text
    of_own = client.get(f"/applications/{own.reference}").text
    assert "not told yet" not in of_own
    assert REASON not in of_own
    assert client.get("/applications").text.count("Rejected, not told yet") == 1
    held, waiting = (
        client.get(f"/applications?format=csv&status={one}").text for one in ("held", "submitted")
    )
    assert (other.reference in held, own.reference in held) == (True, False)
    assert (other.reference in waiting, own.reference in waiting) == (False, True)


def test_telling_moves_all_and_writes_to_each_once(call: Call, officer: User) -> None:
    yes, no, later = submitted(call, 3)
    decide(yes)
    decide(no, accepted=False)
    assert [one.accepted + one.rejected + one.undecided for one in release.held_in(call)] == [3]
    before = db.session.scalar(select(func.count(Letter.id)))

    tell(call, 1, 1)

    assert [one.status for one in (yes, no, later)] == [Status.ACCEPTED, Status.REJECTED, Status.SUBMITTED]
    assert (no.decision_reason, no.held, no.held_reason) == (REASON, None, "")
    assert [one.decided_at is not None for one in (yes, no, later)] == [True, True, False]
    assert db.session.scalar(select(func.count(Letter.id))) == (before or 0) + 2
    assert [letters_about(one)[0].kind for one in (yes, no)] == [
        "applications.accepted",
        "applications.rejected",
    ]
    assert entries_about(call)[-1].verb == "call.released"
    with pytest.raises(RuleBroken, match="released-already"):
        release.release(call, accepted=0, rejected=0, actor=officer)
    decide(later)
    assert later.status is Status.ACCEPTED
    assert letters_about(later)[0].kind == "applications.accepted"


def test_where_nothing_is_decided_nobody_is_told_and_decisions_go_on_waiting(
    client: Visitor, call: Call, officer: User
) -> None:
    submitted(call)
    sign_in(client, officer)

    page = client.get(f"/applications/decisions?call={call.reference}").text

    assert "Tell 0 applicants" not in page
    with pytest.raises(RuleBroken, match="nobody-to-tell"):
        release.release(call, accepted=0, rejected=0, actor=officer)
    db.session.rollback()
    assert call.holds_decisions


def test_the_preview_of_a_step_in_bulk_says_when_applicants_are_told(
    client: Visitor, call: Call, officer: User
) -> None:
    at_once = make_call()
    make_allotment(at_once)
    sign_in(client, officer)

    held, told = (
        client.get(f"/applications/bulk?act=accept&pick={submitted(one)[0].reference}").text
        for one in (call, at_once)
    )

    sentences = ("The letters leave after that.", "nobody is told before.")
    assert [[one in page for one in sentences] for page in (held, told)] == [[False, True], [True, False]]


def test_telling_other_numbers_than_were_seen_tells_nobody(call: Call) -> None:
    yes, no = submitted(call, 2)
    decide(yes)
    decide(no, accepted=False)

    with pytest.raises(RuleBroken, match="decided-since"):
        release.release(call, accepted=1, rejected=0, actor=None)
    db.session.rollback()

    assert (yes.status, yes.held, call.released_at) == (Status.SUBMITTED, Status.ACCEPTED, None)


def test_a_held_decision_is_taken_back_alone_or_with_its_bulk_step(
    new_client: NewClient, call: Call, officer: User
) -> None:
    alone, together = submitted(call, 2)
    decide(alone, accepted=False)
    step = bulk.do(Order(Act.ACCEPT), [together], {together.reference: together.version}, actor=officer)
    db.session.commit()
    assert together.held is Status.ACCEPTED
    client = new_client()
    sign_in(client, officer)
    page = client.get(f"/applications/{alone.reference}").text

    address = f"/applications/{alone.reference}"
    assert client.submit(address, {"version": version_on(page)}, to=f"{address}/reopen").status_code == 302
    assert bulk.undo(step, actor=officer) == []

    for one in (alone, together):
        db.session.refresh(one)
        assert (one.status, one.held, one.held_reason) == (Status.SUBMITTED, None, "")
    assert client.submit(address, {"version": alone.version}, to=f"{address}/reopen").status_code == 409


def test_what_changes_an_application_refuses_while_a_decision_is_held(call: Call) -> None:
    [application] = submitted(call)
    decide(application)

    for verb in (
        lambda: make_change_request(application),
        lambda: services.take(application, None, actor=make_user()),
        lambda: services.assign(application, call.allotments[0].partnership, "Nearer.", actor=None),
    ):
        with pytest.raises(RuleBroken, match="wrong-state"):
            verb()
    services.withdraw(application, actor=None)
    assert (application.status, application.held) == (Status.WITHDRAWN, None)


def test_what_was_sent_is_decided_on_though_its_changes_never_came(call: Call) -> None:
    [application] = submitted(call)
    make_change_request(application, days=1)
    db.session.commit()
    clock.move(clock.utcnow() + timedelta(days=3))

    decide(application)

    assert (application.status, application.held) == (Status.SUBMITTED, Status.ACCEPTED)
    assert [one.ended_at is not None for one in [queries.last_request(application)] if one] == [True]


def test_a_round_takes_in_who_is_accepted_and_is_published_when_they_are_told(
    client: Visitor, call: Call
) -> None:
    [application] = submitted(call)
    decide(application)
    make_host(call)
    db.session.commit()
    round_ = rounds.open_round(call, actor=None)
    rounds.freeze(round_, actor=None)
    assert [one.reference for one in queries.accepted_applications(call)] == [application.reference]
    run = make_solved_run(round_)
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    db.session.commit()
    pages = [f"/rounds/{round_.reference}", f"/rounds/{round_.reference}/runs/{run.number}"]
    ways = (f"/applications/decisions?call={call.reference}", f"/runs/{run.number}/publish")

    assert [[way in client.get(page).text for way in ways] for page in pages] == [[True, False]] * 2
    with pytest.raises(RuleBroken, match="decisions-held"):
        rounds.publish(run, actor=None)

    tell(call, 1, 0)
    assert [[way in client.get(page).text for way in ways] for page in pages] == [[False, True]] * 2
    assert rounds.changed_inputs(round_) == []
    rounds.refuse_unpublishable(round_, run)


def test_a_call_that_holds_decisions_goes_on_holding_them(call: Call) -> None:
    [application] = submitted(call)
    decide(application)

    with pytest.raises(RuleBroken, match="decisions-wait"):
        release.choose(call, at_once=True, actor=None)
    db.session.rollback()

    services.reopen(application, actor=make_user())
    release.choose(call, at_once=True, actor=None)
    decide(application)
    assert application.status is Status.ACCEPTED


def test_the_support_office_tells_by_page_and_others_do_not(
    new_client: NewClient, call: Call, officer: User
) -> None:
    yes, no = submitted(call, 2)
    decide(yes)
    decide(no, accepted=False)
    client, address = new_client(), f"/applications/decisions?call={call.reference}"
    sign_in(client, officer)
    page = client.get(address).text
    statements = queries_for(client, address)

    assert "Tell 2 applicants" in page
    assert statements <= 12
    chosen = client.submit(
        address, {"version": version_on(page), "each": "y"}, to=address.replace("?", "/telling?")
    )
    assert chosen.status_code == 409
    assert client.submit(address, {"accepted": "1", "rejected": "1"}).status_code == 302
    assert "The applicants are told" in client.get(address).text
    assert client.submit(address, {"accepted": "0", "rejected": "0"}).status_code == 409
    stranger = new_client()
    sign_in(stranger, make_user(Role.PARTNERSHIP_OFFICER, partnership=yes.partnership))
    assert stranger.get(address).status_code == 403
