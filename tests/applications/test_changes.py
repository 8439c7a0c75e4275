"""An officer asks for changes; the applicant changes what was asked for and sends it again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.applications import changes, queries, services, tasks, wording
from mobility.applications.columns import content_of
from mobility.applications.draft import WishDraft
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.applications.versions import answers_of, as_kept, kept
from mobility.audit.queries import entries_about
from mobility.calls.services import close
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.mail.queries import letters_about
from tests.make.applications import application_content, make_application, make_change_request
from tests.make.calls import make_call
from tests.make.hosts import make_offer
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
DATES = (Section.DATES,)


def sent(**changes: object) -> Application:
    return make_application(status=Status.SUBMITTED, **changes)  # type: ignore[arg-type]


def typed(application: Application, **changes: object) -> None:
    """What the applicant saves."""
    services.revise(application, replace(content_of(application), **changes), actor=None)  # type: ignore[arg-type]


def pass_the_day(application: Application) -> None:
    queries.open_request(application).answer_by = clock.today() - timedelta(days=1)


def kinds(application: Application) -> list[str]:
    return [letter.kind.removeprefix("applications.") for letter in letters_about(application)]


def test_every_answer_but_the_group_belongs_to_one_section() -> None:
    content = kept(application_content(make_call()))

    names = [name for section in Section for name in answers_of(section)]

    assert sorted(names) == sorted(content.keys() - {"group_key"})


def test_what_is_kept_comes_back_as_it_was() -> None:
    call = make_call()
    wishes = (WishDraft(make_offer(call=call).id, 1), WishDraft(make_offer(call=call).id, None))
    content = content_of(make_application(call=call, wishes=wishes, residence_days=200, countries=("PT",)))

    assert as_kept(kept(content)) == content


def test_asking_tells_the_applicant_which_sections_and_by_when() -> None:
    application = sent()
    by = clock.today() + timedelta(days=10)

    asked = {Section.DATES: "Give a window in spring.", Section.HOSTS: " "}
    changes.ask(application, asked, by, actor=None)

    assert application.status is Status.CHANGES_ASKED
    letter = letters_about(application)[0]
    assert letter.kind == "applications.changes_asked"
    assert "When and how long:\nGive a window in spring." in letter.body
    assert "Where:" not in letter.body
    assert by.strftime("%-d %B %Y") in letter.body
    assert queries.open_request(application).sections == [Section.DATES]
    assert entries_about(application)[-1].values == {"sections": ["dates"], "answer_by": by.isoformat()}


@pytest.mark.parametrize(("words", "days", "code"), [(" ", 7, "nothing-asked"), ("More.", 0, "day-over")])
def test_nothing_is_asked_without_words_and_a_day_to_come(words: str, days: int, code: str) -> None:
    application = sent()

    with pytest.raises(RuleBroken, match=code):
        changes.ask(application, {Section.DATES: words}, clock.today() + timedelta(days=days), actor=None)

    assert application.status is Status.SUBMITTED
    assert queries.last_request(application) is None


@pytest.mark.parametrize("status", [Status.DRAFT, Status.CHANGES_ASKED, Status.ACCEPTED, Status.WITHDRAWN])
def test_changes_are_asked_only_of_what_waits_for_its_decision(status: Status) -> None:
    application = make_application(status=status)

    with pytest.raises(RuleBroken, match="wrong-state"):
        make_change_request(application)

    assert application.status is status


def test_only_the_sections_asked_for_are_changed() -> None:
    application = sent()
    make_change_request(application, DATES)

    typed(application, min_days=4, motivation="Something else.", person_email="eve@visitor.example")

    assert application.min_days == 4
    assert application.motivation == "To see how blades are tested."
    assert application.person_email == "ana@visitor.example"


def test_an_application_is_sent_again_after_the_call_has_closed() -> None:
    application = sent()
    at = application.submitted_at
    make_change_request(application, DATES)
    close(application.call, actor=None)
    application.call.closes_at = clock.utcnow() - timedelta(hours=1)
    application.submitted_at = at = clock.utcnow() - timedelta(hours=2)

    typed(application, min_days=4)
    services.submit(application, actor=None)

    assert (application.status, application.submitted_at) == (Status.SUBMITTED, at)
    assert {finding["passed"] for finding in application.findings} == {True}
    assert kinds(application)[0] == "received_again"
    assert queries.last_request(application).is_answered  # type: ignore[union-attr]


def test_an_incomplete_answer_is_not_sent() -> None:
    application = sent()
    make_change_request(application, (Section.TOPICS,))
    typed(application, motivation="")

    with pytest.raises(RuleBroken, match="not-complete"):
        services.submit(application, actor=None)

    assert application.status is Status.CHANGES_ASKED


def test_the_answers_as_they_were_sent_are_kept_and_compared(session: Db) -> None:
    call = make_call()
    host = make_offer(call=call)
    application = sent(call=call)
    make_change_request(application)

    typed(application, min_days=4, wishes=(WishDraft(host.id, 1),))
    services.submit(application, actor=None)
    session.expire_all()

    request = queries.last_request(application)
    assert request is not None
    assert request.is_answered
    assert wording.differences(changes.as_sent(request), application) == [
        ("Stay", "3 to 5 working days", "4 to 5 working days"),
        ("Hosts wished for", "", host.organisation.name),
    ]


def test_until_its_day_a_change_is_waited_for() -> None:
    application = sent()
    make_change_request(application)

    with pytest.raises(RuleBroken, match="changes-awaited"):
        services.assess(application, accepted=True, actor=None)

    assert application.status is Status.CHANGES_ASKED


@pytest.mark.parametrize(("accepted", "status"), [(True, Status.ACCEPTED), (False, Status.REJECTED)])
def test_when_the_day_is_over_it_is_decided_on_what_was_sent(accepted: bool, status: Status) -> None:
    application = sent()
    before = content_of(application)
    make_change_request(application)
    typed(application, min_days=4, motivation="", windows=())
    pass_the_day(application)

    services.assess(application, accepted=accepted, reason="No answer came.", actor=None)

    request = queries.last_request(application)
    assert request is not None
    assert application.status is status
    assert content_of(application) == before
    assert (request.ended_at is not None, request.is_answered) == (True, False)


def test_a_late_answer_counts_while_nothing_is_decided() -> None:
    application = sent()
    make_change_request(application)
    pass_the_day(application)

    services.submit(application, actor=None)

    assert application.status is Status.SUBMITTED


def test_changes_are_asked_for_again_after_an_answer() -> None:
    application = sent()
    for words in ("First.", "Second."):
        by = clock.today() + timedelta(days=7)
        changes.ask(application, {Section.DATES: words}, by, actor=None)
        services.submit(application, actor=None)

    assert kinds(application) == ["received_again", "changes_asked"] * 2 + ["received"]


def test_who_withdraws_owes_no_changes() -> None:
    application = sent()
    make_change_request(application)

    services.withdraw(application, actor=None)

    request = queries.last_request(application)
    assert request is not None
    assert request.ended_at is not None
    assert not request.is_answered


@pytest.mark.parametrize(("days", "letters"), [(4, 0), (3, 1), (1, 1)])
def test_three_days_before_the_applicant_is_reminded_once(days: int, letters: int) -> None:
    application = sent()
    make_change_request(application, days=days)
    address, application.person_email = application.person_email, "typed-since@visitor.example"

    tasks.remind_of_changes(0)
    tasks.remind_of_changes(0)

    assert kinds(application).count("changes_due") == letters
    assert {one.to_email for one in letters_about(application)} <= {address}
    assert [entry.verb for entry in entries_about(application)].count(
        "application.changes-reminded"
    ) == letters


def test_who_was_reminded_is_not_looked_at_again() -> None:
    for _application in range(3):
        make_change_request(sent(), days=2)
    tasks.remind_of_changes(0)

    with counted() as sent_statements:
        tasks.remind_of_changes(0)

    assert sum(one.startswith("SELECT") for one in sent_statements) == 1


def test_who_has_answered_is_not_reminded() -> None:
    application = sent()
    make_change_request(application, days=2)
    services.submit(application, actor=None)

    tasks.remind_of_changes(0)

    assert "changes_due" not in kinds(application)
