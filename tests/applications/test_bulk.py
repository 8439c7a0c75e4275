"""Several applications at once: preview, confirm, undo."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.services import revoke
from mobility.applications import bulk, services
from mobility.applications.bulk import Act, Order
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.audit.queries import entries_about
from mobility.bulk.models import BulkStep
from mobility.bulk.steps import WINDOW
from mobility.calls.models import Call
from mobility.catalogue.enums import Side
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.mail.models import Letter
from mobility.mail.queries import letters_about
from mobility.partnerships.models import Partnership
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application, make_change_request
from tests.make.calls import make_allotment, make_call
from tests.make.catalogue import make_contact
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import make_host
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]
ACCEPT = Order(Act.ACCEPT)


@pytest.fixture
def officer() -> User:
    """A support officer."""
    user = make_user(Role.SUPPORT_OFFICER)
    db.session.commit()
    return user


@pytest.fixture
def call() -> Call:
    """A call with a partnership."""
    call = make_call()
    make_allotment(call)
    return call


def waiting(call: Call, number: int) -> list[Application]:
    partnership = call.allotments[0].partnership
    found = [
        make_application(call=call, partnership=partnership, status=Status.SUBMITTED) for _ in range(number)
    ]
    db.session.commit()
    return found


def seen(applications: list[Application]) -> dict[str, int]:
    return {one.reference: one.version for one in applications}


def address(act: str, *applications: Application) -> str:
    return f"/applications/bulk?act={act}&" + "&".join(f"pick={one.reference}" for one in applications)


def hidden(page: str) -> str:
    found = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    assert found
    return found[1]


def test_the_preview_says_who_changes_and_who_not_with_why(
    new_client: NewClient, officer: User, call: Call
) -> None:
    good, changed = waiting(call, 1)[0], make_application(call=call)
    failing = make_application(
        call=call, status=Status.SUBMITTED, organisation=make_organisation(cluster_name="")
    )
    own = make_application(call=call, status=Status.SUBMITTED, author=officer)
    client = new_client()
    db.session.commit()
    sign_in(client, officer)

    page = client.get(address("accept", good, changed, failing, own))

    text = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
    assert "Accept 1 application" in text
    assert "1 will change" in text
    assert "3 stay as they are" in text
    assert f"{changed.reference} it does not wait for its decision" in text
    assert f"{failing.reference} a rule is not met" in text
    assert f"{own.reference} it is not yours to assess" in text


def test_what_the_preview_says_stays_is_not_in_its_form(client: Visitor, officer: User, call: Call) -> None:
    good, late = waiting(call, 2)
    request = make_change_request(late, days=2)
    request.answer_by = clock.today() - timedelta(days=1)
    db.session.commit()
    sign_in(client, officer)

    page = client.get(f"/applications/bulk?act=accept&pick={good.reference}&pick={late.reference}").text

    assert f'name="seen" type="hidden" value="{good.reference}:{good.version}"' in page
    assert late.reference in page


def test_giving_to_the_same_partnership_changes_nothing(officer: User, call: Call) -> None:
    [application] = waiting(call, 1)
    order = Order(Act.GIVE, call.allotments[0].partnership, "Again")

    with pytest.raises(RuleBroken, match="nothing-changed"):
        bulk.do(order, [application], {application.reference: application.version}, actor=officer)


def test_whoever_has_lost_the_role_takes_nothing_back(call: Call) -> None:
    partnership = call.allotments[0].partnership
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership)
    [application] = waiting(call, 1)
    step = bulk.do(ACCEPT, [application], {application.reference: application.version}, actor=officer)
    revoke(
        officer,
        Role.PARTNERSHIP_OFFICER,
        partnership_id=partnership.id,
        actor=make_user(Role.ADMINISTRATOR),
    )
    db.session.flush()
    db.session.expire_all()

    stay = bulk.undo(step, actor=officer)

    assert [one.code for one in stay] == ["not-yours"]
    assert application.standing is Status.ACCEPTED


def test_ticked_applications_are_accepted_once_confirmed(
    new_client: NewClient, officer: User, call: Call
) -> None:
    applications = waiting(call, 3)
    client = new_client()
    sign_in(client, officer)
    page = client.get(address("accept", *applications[:2])).text

    answer = client.submit(
        address("accept", *applications[:2]), {"seen": hidden(page)}, to="/applications/bulk?act=accept"
    )
    result = client.get(answer.headers["Location"]).text

    db.session.expire_all()
    assert [one.status for one in applications] == [Status.ACCEPTED, Status.ACCEPTED, Status.SUBMITTED]
    assert "2 applications changed" in result
    assert "Take 2 back" in result


def test_ticked_applications_are_taken_and_filtered_by_officer(
    new_client: NewClient, officer: User, call: Call
) -> None:
    mine, other = waiting(call, 2)
    client = new_client()
    sign_in(client, officer)
    page = client.get(address("take", mine)).text

    client.submit(address("take", mine), {"seen": hidden(page)}, to="/applications/bulk?act=take")

    db.session.expire_all()
    assert (mine.assessor_id, other.assessor_id) == (officer.id, None)
    listed = client.get("/applications?officer=mine").text
    assert mine.reference in listed
    assert other.reference not in listed
    assert mine.reference not in client.get("/applications?officer=nobody").text


def test_ticked_applications_go_to_a_partnership_with_a_reason(
    new_client: NewClient, officer: User, call: Call
) -> None:
    application, to = waiting(call, 1)[0], make_allotment(call).partnership
    client = new_client()
    db.session.commit()
    sign_in(client, officer)
    page = client.get(address("give", application)).text
    fields = {"seen": hidden(page), "partnership": to.code}

    without = client.submit(address("give", application), fields, to="/applications/bulk?act=give")
    answer = client.submit(
        address("give", application), fields | {"reason": "Theirs."}, to="/applications/bulk?act=give"
    )

    assert (without.status_code, answer.status_code) == (422, 302)
    db.session.expire_all()
    assert application.partnership is to


def test_what_moved_after_the_preview_stays_and_is_named(officer: User, call: Call) -> None:
    moved, still = waiting(call, 2)
    versions = seen([moved, still])
    services.take(moved, officer.id, actor=officer)
    db.session.flush()

    step = bulk.do(ACCEPT, [moved, still], versions, actor=officer)

    assert (moved.status, still.status) == (Status.SUBMITTED, Status.ACCEPTED)
    assert step.kept == [{"reference": moved.reference, "code": "stale"}]
    assert [row["reference"] for row in step.done] == [still.reference]


def test_what_fails_a_rule_by_now_stays_and_nothing_of_it_is_left(officer: User, call: Call) -> None:
    failing, good = waiting(call, 2)
    make_application(organisation=failing.organisation, status=Status.MATCHED)

    step = bulk.do(ACCEPT, [failing, good], seen([failing, good]), actor=officer)

    assert (failing.status, good.status) == (Status.SUBMITTED, Status.ACCEPTED)
    assert step.kept == [{"reference": failing.reference, "code": "findings-fail"}]
    assert [letter.kind for letter in letters_about(failing)] == ["applications.received"]


def test_where_nothing_can_change_nothing_is_done(officer: User, call: Call) -> None:
    application = make_application(call=call)

    with pytest.raises(RuleBroken, match="nothing-changed"):
        bulk.do(ACCEPT, [application], seen([application]), actor=officer)

    assert db.session.scalar(select(BulkStep.id)) is None


def test_letters_of_acceptances_wait_until_nothing_can_be_taken_back(officer: User, call: Call) -> None:
    (application,) = waiting(call, 1)

    step = bulk.do(ACCEPT, [application], seen([application]), actor=officer)

    assert letters_about(application)[0].try_at >= step.made_at + WINDOW


@pytest.mark.parametrize("act", list(Act))
def test_a_step_is_taken_back_with_its_letters_and_a_line_in_the_log(
    officer: User, call: Call, act: Act
) -> None:
    (application,) = waiting(call, 1)
    before: Partnership = application.partnership
    order = Order(act, make_allotment(call).partnership, "Theirs.")
    step = bulk.do(order, [application], seen([application]), actor=officer)

    stay = bulk.undo(step, actor=officer)

    assert stay == []
    assert (application.status, application.partnership) == (Status.SUBMITTED, before)
    assert (application.assessor_id, application.decided_at) == (None, None)
    assert [letter.kind for letter in letters_about(application)] == ["applications.received"]
    assert [entry.verb for entry in entries_about(step)] == ["bulk.done", "bulk.undone"]


def test_what_has_changed_since_stays_when_a_step_is_taken_back(officer: User, call: Call) -> None:
    withdrawn, other = waiting(call, 2)
    step = bulk.do(ACCEPT, [withdrawn, other], seen([withdrawn, other]), actor=officer)
    services.withdraw(withdrawn, actor=None)

    stay = bulk.undo(step, actor=officer)

    assert [(one.reference, one.code) for one in stay] == [(withdrawn.reference, "stale")]
    assert (withdrawn.status, other.status) == (Status.WITHDRAWN, Status.SUBMITTED)


def test_what_something_was_built_upon_stays(officer: User, call: Call) -> None:
    (application,) = waiting(call, 1)
    step = bulk.do(ACCEPT, [application], seen([application]), actor=officer)
    make_contact(application, make_host(call), side=Side.VISITOR)

    stay = bulk.undo(step, actor=officer)

    assert [one.code for one in stay] == ["built-upon"]
    assert application.status is Status.ACCEPTED


def test_what_the_applicant_was_told_stays(officer: User, call: Call) -> None:
    (application,) = waiting(call, 1)
    step = bulk.do(ACCEPT, [application], seen([application]), actor=officer)
    db.session.execute(update(Letter).values(sent_at=clock.utcnow()))

    stay = bulk.undo(step, actor=officer)

    assert [one.code for one in stay] == ["letter-left"]
    assert application.status is Status.ACCEPTED


def test_a_step_is_taken_back_once_and_in_time(officer: User, call: Call) -> None:
    (application,) = waiting(call, 1)
    late = bulk.do(Order(Act.TAKE), [application], seen([application]), actor=officer)
    late.made_at -= WINDOW + timedelta(seconds=1)
    with pytest.raises(RuleBroken, match="undo-over"):
        bulk.undo(late, actor=officer)
    assert application.assessor_id == officer.id

    step = bulk.do(ACCEPT, [application], seen([application]), actor=officer)
    bulk.undo(step, actor=officer)
    with pytest.raises(RuleBroken, match="undo-over"):
        bulk.undo(step, actor=officer)


def test_a_step_is_shown_and_taken_back_by_its_officer_alone(
    new_client: NewClient, officer: User, call: Call
) -> None:
    (application,) = waiting(call, 1)
    step = bulk.do(ACCEPT, [application], seen([application]), actor=officer)
    client, other = new_client(), make_user(Role.SUPPORT_OFFICER)
    db.session.commit()
    sign_in(client, other)

    answer = client.submit("/account/password", {}, to=f"/applications/bulk/{step.id}/undo")

    assert (client.get(f"/applications/bulk/{step.id}").status_code, answer.status_code) == (404, 404)
    db.session.expire_all()
    assert application.status is Status.ACCEPTED


def test_another_partnerships_applications_stay(new_client: NewClient, call: Call) -> None:
    application, client = waiting(call, 1)[0], new_client()
    elsewhere = make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership())
    db.session.commit()
    sign_in(client, elsewhere)

    page = client.get(address("accept", application)).text
    answer = client.submit(
        "/account/password",
        {"seen": f"{application.reference}:{application.version}"},
        to="/applications/bulk?act=accept",
    )

    assert application.organisation.name not in page
    assert answer.status_code == 409
    db.session.expire_all()
    assert application.status is Status.SUBMITTED


@pytest.mark.parametrize("value", ["", "x", ":", "APP-1:", "APP-1:-1", "APP-1:" + "9" * 30, "a:1 " * 500])
def test_odd_ticks_do_no_harm(new_client: NewClient, officer: User, value: str) -> None:
    client = new_client()
    sign_in(client, officer)

    answer = client.submit("/account/password", {"seen": value}, to="/applications/bulk?act=accept")

    assert answer.status_code == 409
