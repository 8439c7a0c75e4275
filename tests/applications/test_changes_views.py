"""Pages on which changes are asked for, made and compared."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import queries, services
from mobility.applications.columns import content_of
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.calls import questions
from mobility.calls.questions import QuestionDraft
from mobility.core import clock
from mobility.core.db import db
from tests.applications.filled import form_at, officer_of, page_of, typed
from tests.applications.open_page import OpenPage
from tests.make.accounts import make_user, sign_in
from tests.make.applications import answers_to, make_application, make_change_request
from tests.make.calls import make_call, make_call_question
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.pages import next_on
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]


@pytest.fixture
def sent(person: User) -> Application:
    """The signed-in applicant's application, handed in."""
    application = make_application(
        organisation=make_organisation(member=person),
        partnership=make_partnership(),
        author=person,
        status=Status.SUBMITTED,
    )
    db.session.commit()
    return application


def asked(application: Application, **changes: Any) -> dict[str, Any]:
    day = clock.today() + timedelta(days=7)
    fields = {
        "version": str(application.version),
        "dates": "A window in spring.",
        "answer_by": day.isoformat(),
    }
    return fields | changes


def test_an_officer_asks_for_changes(new_client: NewClient) -> None:
    application = make_application(status=Status.SUBMITTED)
    client = new_client()
    officer_of(application, client)

    answer = client.submit(page_of(application, "/changes"), asked(application))

    assert answer.headers["Location"] == page_of(application)
    db.session.expire_all()
    assert application.status is Status.CHANGES_ASKED
    assert queries.open_request(application).asked == {"dates": "A window in spring."}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dates": ""}, "Say for one section at least what to change."),
        ({"answer_by": "2020-01-01"}, "Give a day after today, within 60 days."),
        ({"answer_by": ""}, "Write a date such as 2027-03-15."),
    ],
)
def test_what_is_missing_is_said(new_client: NewClient, changes: dict[str, str], words: str) -> None:
    application = make_application(status=Status.SUBMITTED)
    client = new_client()
    officer_of(application, client)

    answer = client.submit(page_of(application, "/changes"), asked(application, **changes))

    assert answer.status_code == 422
    assert words in answer.text
    db.session.expire_all()
    assert application.status is Status.SUBMITTED


def test_the_applicant_reads_what_to_change_and_by_when(client: Visitor, sent: Application) -> None:
    request = make_change_request(sent, (Section.DATES,))
    db.session.commit()

    page = client.get(page_of(sent)).text

    assert next_on(page).startswith("Change what is asked, then send again")
    assert "Please say more." in page
    assert request.answer_by.strftime("%-d %B %Y") in page
    start = client.get("/dashboard").text
    assert f"Change your application for {sent.call.title}" in start
    assert f"by {request.answer_by.strftime('%a %-d %B %Y')}" in start


def test_the_applicant_changes_and_sends_again(client: Visitor, sent: Application) -> None:
    make_change_request(sent, (Section.DATES,))
    db.session.commit()

    first = client.get(page_of(sent, "/edit"))
    page = client.get(form_at(sent, Section.DATES)).text
    saved = client.submit(form_at(sent, Section.DATES), typed(sent, Section.DATES, min_days="4"))
    db.session.expire_all()
    again = client.submit(page_of(sent), {"version": str(sent.version)}, to=page_of(sent, "/submit"))

    assert first.headers["Location"] == form_at(sent, Section.DATES)
    assert "To change here: Please say more." in page
    assert "Step 1 of 2" in page
    assert saved.headers["Location"] == page_of(sent)
    assert again.status_code == 302
    db.session.expire_all()
    assert (sent.status, sent.min_days) == (Status.SUBMITTED, 4)


def test_a_page_that_was_not_asked_for_stays_closed(client: Visitor, sent: Application) -> None:
    make_change_request(sent, (Section.DATES,))
    db.session.commit()

    opened = client.get(form_at(sent, Section.TOPICS))
    answer = client.submit(
        form_at(sent, Section.DATES),
        typed(sent, Section.TOPICS, motivation="Something else."),
        to=form_at(sent, Section.TOPICS),
    )

    assert opened.headers["Location"] == page_of(sent)
    assert answer.status_code == 404
    db.session.expire_all()
    assert sent.motivation == "To see how blades are tested."


def test_what_is_typed_into_a_page_that_was_asked_for_is_kept(client: Visitor, sent: Application) -> None:
    make_change_request(sent, (Section.TOPICS,))
    db.session.commit()

    kept = OpenPage(client, sent, Section.TOPICS).keep(motivation="Half a thought")

    assert kept.status_code == 200
    assert "Half a thought" in client.get(form_at(sent, Section.TOPICS)).text
    assert "Half a thought" not in client.get(page_of(sent)).text


def test_staff_see_what_was_sent_until_it_is_sent_again(
    client: Visitor, sent: Application, new_client: NewClient
) -> None:
    make_change_request(sent)
    db.session.commit()
    client.submit(form_at(sent, Section.TOPICS), typed(sent, Section.TOPICS, motivation="Half a thought"))
    officer = new_client()
    officer_of(sent, officer)

    page = officer.get(page_of(sent)).text

    assert "To see how blades are tested." in page
    assert "Half a thought" not in page
    assert 'name="decision"' not in page
    assert "Half a thought" in client.get(page_of(sent)).text


def test_the_officer_sees_the_difference_by_answer(
    client: Visitor, sent: Application, new_client: NewClient
) -> None:
    make_change_request(sent)
    services.revise(sent, content_of_with(sent, "Only blades."), actor=None)
    services.submit(sent, actor=None)
    db.session.commit()
    officer = new_client()
    officer_of(sent, officer)

    page, own = officer.get(page_of(sent)).text, client.get(page_of(sent)).text

    assert "<td>To see how blades are tested.</td>" in " ".join(page.split())
    assert "<td>Only blades.</td>" in " ".join(page.split())
    assert "What was changed" not in own


def content_of_with(application: Application, motivation: str) -> Any:
    content = content_of(application)
    return type(content)(**{**vars(content), "motivation": motivation})


def test_a_name_that_is_typed_and_not_sent_again_stands_in_no_list(new_client: NewClient) -> None:
    application = make_application(status=Status.SUBMITTED, person_name="As it was sent")
    make_change_request(application)
    application.person_name = "Typed since"
    client = new_client()
    officer_of(application, client)

    for path in ("/applications", "/applications?format=csv"):
        answer = client.get(path).text
        assert "As it was sent" in answer
        assert "Typed since" not in answer


def test_an_answer_that_is_typed_and_not_sent_again_stands_in_no_export(new_client: NewClient) -> None:
    call = make_call()
    question = make_call_question(call)
    application = make_application(call=call, status=Status.SUBMITTED, answers=answers_to([question], "Sent"))
    make_change_request(application, (Section.QUESTIONS,))
    questions.change(question, QuestionDraft(question.kind, "Which conferences?"), actor=None)
    content = replace(content_of(application), answers=answers_to([question], "Typed since"))
    services.revise(application, content, actor=None)
    client = new_client()
    officer_of(application, client)

    exported = client.get("/applications?format=csv").text

    assert exported.splitlines()[0].endswith("Which trade fairs do you visit?")
    assert exported.splitlines()[1].endswith(",Sent")


def test_when_the_day_is_over_the_officer_may_decide(new_client: NewClient) -> None:
    application = make_application(status=Status.SUBMITTED)
    make_change_request(application).answer_by = clock.today() - timedelta(days=1)
    waits = make_application(
        call=application.call, partnership=application.partnership, status=Status.SUBMITTED
    )
    make_change_request(waits)
    client = new_client()
    officer_of(application, client)

    work, page = client.get("/work").text, client.get(page_of(application)).text
    late = client.get("/applications?status=late").text
    answer = client.submit(
        page_of(application),
        {"version": str(application.version), "decision": "accept"},
        to=page_of(application, "/assess"),
    )

    assert "Decide on 1 application whose changes did not come" in work
    assert (application.reference in late, waits.reference in late) == (True, False)
    assert next_on(page).startswith("Decide on what was sent")
    assert answer.status_code == 302
    db.session.expire_all()
    assert application.status is Status.ACCEPTED


def test_another_partnerships_officer_asks_for_nothing(new_client: NewClient) -> None:
    application, elsewhere = (make_application(status=Status.SUBMITTED) for _ in range(2))
    client = new_client()
    officer_of(elsewhere, client)

    answer = client.submit(
        page_of(elsewhere, "/changes"), asked(application), to=page_of(application, "/changes")
    )

    assert answer.status_code == 404
    db.session.expire_all()
    assert application.status is Status.SUBMITTED


def test_nobody_asks_for_changes_of_the_own_application(new_client: NewClient) -> None:
    officer, client = make_user(Role.SUPPORT_OFFICER), new_client()
    application = make_application(status=Status.SUBMITTED, author=officer)
    db.session.commit()
    sign_in(client, officer)

    answer = client.submit("/account/password", asked(application), to=page_of(application, "/changes"))

    assert answer.status_code == 403
    db.session.expire_all()
    assert application.status is Status.SUBMITTED
