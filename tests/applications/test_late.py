"""Late entries: who has a link may still apply in a closed call, once and until its day; staff read why."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.admin.invariants import broken
from mobility.applications import late, queries, services
from mobility.applications.columns import content_of
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.late import LateDraft
from mobility.applications.models import Application, LateEntry
from mobility.audit.models import Entry
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.uploads import Upload
from mobility.mail.models import Letter
from tests.applications.filled import fill, officer_of, page_of
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application, make_closed_call, make_late_entry
from tests.make.calls import make_call
from tests.make.organisations import make_organisation
from tests.make.reporting import make_pdf
from tests.pages import error_beside
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
NewClient = Callable[[], Visitor]
REASON = "The site was down in Ghent."
# Seven are savepoints of the test and the word that a GET only reads.
MOST_STATEMENTS = 12 + 7


@pytest.fixture
def call() -> Call:
    """A call that closed yesterday."""
    return make_closed_call()


def given(call: Call, person: User, **changes: Any) -> tuple[LateEntry, str]:
    """A link for the person, committed."""
    entry, token = make_late_entry(call, person.email, reason=REASON, **changes)
    db.session.commit()
    return entry, f"/applications/late/{token}"


def begun(client: Visitor, link: str, person: User, organisation: Any = None) -> Application:
    """What the person begins by the link."""
    organisation = organisation or make_organisation(member=person)
    db.session.commit()
    answer = client.submit(link, {"organisation": str(organisation.id)})
    assert answer.status_code == 302, answer.text
    return db.session.scalars(select(Application).order_by(Application.id.desc())).first()  # type: ignore[return-value]


def send(client: Visitor, application: Application) -> int:
    db.session.expire_all()
    version = {"version": str(application.version)}
    return client.submit(page_of(application), version, to=page_of(application, "/submit")).status_code


def typed(call: Call, **changes: str) -> dict[str, str]:
    day = (clock.today() + timedelta(days=3)).isoformat()
    return {"email": "Ana@Visitor.example", "reason": REASON, "last_on": day, "uses": "1"} | changes


def test_the_support_office_sends_a_link_to_one_address(client: Visitor, call: Call) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    page = f"/applications/late-entries/{call.reference}"

    sent = client.submit(page, typed(call))
    again = client.submit(page, typed(call))

    letter = db.session.scalars(select(Letter).where(Letter.kind == "applications.late_entry")).one()
    entry = db.session.scalars(select(LateEntry)).one()
    assert (sent.status_code, letter.to_email, entry.uses) == (302, "ana@visitor.example", 1)
    assert re.search(r"/applications/late/[\w-]{40,}", letter.body)
    assert "late-entry.given" in db.session.scalars(select(Entry.verb)).all()
    assert REASON in client.get(page).text
    assert (again.status_code, "Take it back first" in error_beside(again.text, "email")) == (422, True)


@pytest.mark.parametrize("days", [-1, 500])
def test_the_last_day_is_to_come_and_not_after_the_last_stay(client: Visitor, call: Call, days: int) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    day = (clock.today() + timedelta(days=days)).isoformat()

    answer = client.submit(f"/applications/late-entries/{call.reference}", typed(call, last_on=day))

    assert error_beside(answer.text, "last_on")
    assert db.session.scalars(select(LateEntry)).all() == []


def test_nobody_is_late_in_an_open_call(client: Visitor) -> None:
    officer, call = make_user(Role.SUPPORT_OFFICER), make_call()
    content = LateDraft("ana@visitor.example", REASON, clock.today())

    with pytest.raises(RuleBroken, match="call-not-over"):
        late.give(call, content, actor=officer)


def test_what_is_begun_by_a_link_is_sent_although_the_call_is_closed_and_staff_read_why(
    client: Visitor, new_client: NewClient, person: User, call: Call
) -> None:
    entry, link = given(call, person)

    application = begun(client, link, person)
    fill(client, application)
    home = client.get("/dashboard").text
    sent = send(client, application)

    db.session.expire_all()
    officer = new_client()
    officer_of(application, officer)
    seen, own = officer.get(page_of(application)).text, client.get(page_of(application)).text
    assert (sent, application.status, entry.used) == (302, Status.SUBMITTED, 1)
    assert application.reference in home
    assert {finding["passed"] for finding in application.findings} == {True}
    assert (REASON in seen, REASON in own) == (True, False)
    assert "applications were submitted before the call closed, or by a late entry" not in broken()


def test_a_draft_from_before_the_call_closed_goes_on_by_the_link(
    client: Visitor, person: User, call: Call
) -> None:
    organisation = make_organisation(member=person)
    draft = make_application(call=call, organisation=organisation, author=person, status=Status.DRAFT)
    _entry, link = given(call, person)

    refused = send(client, draft)
    same = begun(client, link, person, organisation)
    sent = send(client, draft)

    assert (refused, same.id, sent) == (409, draft.id, 302)


def test_a_second_click_finds_what_was_begun(client: Visitor, person: User, call: Call) -> None:
    entry, link = given(call, person, uses=2)
    organisation = make_organisation(member=person)

    first = begun(client, link, person, organisation)
    second = begun(client, link, person, organisation)

    db.session.expire_all()
    assert (first.id, entry.used) == (second.id, 1)


def over(entry: LateEntry) -> None:
    entry.last_on = clock.today() - timedelta(days=1)


def revoked(entry: LateEntry) -> None:
    late.revoke(entry, actor=make_user(Role.SUPPORT_OFFICER))


@pytest.mark.parametrize("end", [over, revoked])
def test_after_its_day_or_taken_back_a_link_begins_nothing_and_sends_nothing(
    client: Visitor, person: User, call: Call, end: Callable[[LateEntry], None]
) -> None:
    entry, link = given(call, person, uses=2)
    application = begun(client, link, person)
    services.revise(application, content_of(make_application()), actor=person)
    end(entry)
    db.session.commit()

    page = client.get(link)
    with pytest.raises(RuleBroken, match="late-over"):
        late.begin(entry, make_organisation(member=person), content_of(application), actor=person)

    assert send(client, application) == 409
    assert "opens nothing more" in page.text
    assert (application.status, entry.used) == (Status.DRAFT, 1)


def test_what_was_sent_in_time_is_still_in_time_when_the_link_is_taken_back(person: User, call: Call) -> None:
    entry, _link = given(call, person)
    organisation = make_organisation(member=person)
    application = late.begin(entry, organisation, content_of(make_application()), actor=person)
    services.submit(application, actor=person)
    application.submitted_at = clock.utcnow() - timedelta(minutes=5)

    revoked(entry)
    services.assess(application, accepted=True, actor=None)

    assert application.status is Status.ACCEPTED


def test_a_link_is_used_up(client: Visitor, person: User, call: Call) -> None:
    _entry, link = given(call, person)
    begun(client, link, person)
    other = make_organisation(member=person)
    db.session.commit()
    page = client.get("/organisations/mine").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]

    answer = client.post(link, data={"csrf_token": token, "organisation": str(other.id)})

    assert answer.status_code == 409
    assert queries.live_application(call, other) is None


def test_a_link_works_for_the_owner_of_its_address_only(
    client: Visitor, new_client: NewClient, person: User, call: Call
) -> None:
    friend = make_user(Role.APPLICANT)
    entry, link = given(call, friend)
    organisation = make_organisation(member=person)
    db.session.commit()
    unconfirmed = make_user(Role.APPLICANT)
    unconfirmed.confirmed_at = None

    shown, strange = client.get(link).text, new_client().get(link).text
    with pytest.raises(RuleBroken, match="late-other-address"):
        late.begin(entry, organisation, content_of(make_application()), actor=person)

    assert "went to another address" in shown
    assert "Sign in first" in strange
    assert friend.email not in shown + strange
    assert not late.is_for(entry, unconfirmed)
    assert entry.used == 0


def test_a_link_that_nobody_gave_opens_nothing(client: Visitor, person: User) -> None:
    assert client.get("/applications/late/nobody-gave-this-one").status_code == 404


def test_the_support_office_takes_a_link_back_once(client: Visitor, call: Call) -> None:
    entry, _token = make_late_entry(call, "ana@visitor.example")
    db.session.commit()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    page = f"/applications/late-entries/{call.reference}"

    answers = [client.submit(page, {}, to=f"{page}/{entry.id}/revoke").status_code for _ in range(2)]
    elsewhere = f"/applications/late-entries/{make_call().reference}/{entry.id}/revoke"

    assert answers == [302, 409]
    assert client.submit(page, {}, to=elsewhere).status_code == 404
    assert "Taken back" in client.get(page).text


def test_the_list_takes_as_many_statements_for_three_links_as_for_one(client: Visitor, call: Call) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    page, taken = f"/applications/late-entries/{call.reference}", []

    for number in range(3):
        entry, _token = make_late_entry(call, f"ana{number}@visitor.example")
        make_application(call=call, status=Status.DRAFT).late_entry = entry
        db.session.commit()
        taken.append(statements_of(client, page))

    assert taken[0] == taken[2]


def test_the_page_of_a_late_application_with_a_cv_asks_little_of_the_database(
    client: Visitor, call: Call
) -> None:
    application = make_application(call=make_call(), status=Status.SUBMITTED, cv=Upload("cv.pdf", make_pdf()))
    application.late_entry = make_late_entry(call, "ana@visitor.example")[0]
    officer_of(application, client)

    assert statements_of(client, page_of(application)) <= MOST_STATEMENTS
