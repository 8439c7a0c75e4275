"""The log as a page: who may read it, what a search finds, and the letter with its head."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from mobility.accounts.enums import Role
from mobility.accounts.services import grant
from mobility.admin.services import mail_head
from mobility.audit import queries
from mobility.audit.services import note_viewing, record, seal
from mobility.core import clock
from mobility.core.db import db
from mobility.mail.models import Letter
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.partnerships import make_partnership
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def auditor(client: Visitor) -> Visitor:
    sign_in(client, make_user(Role.AUDITOR))
    return client


def rows_of(client: Visitor, query: str = "") -> list[dict[str, str]]:
    """The entries that a search finds."""
    text = client.get(f"/audit?format=csv&{query}").get_data(as_text=True).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.SUPPORT_OFFICER, Role.FINANCE_APPROVER])
def test_who_does_not_audit_does_not_see_the_log(client: Visitor, role: Role) -> None:
    sign_in(client, make_user(role))
    assert client.get("/audit").status_code == 403
    assert client.get("/audit/viewings").status_code == 403


def test_an_auditor_of_one_partnership_does_not_see_the_log_of_all(client: Visitor) -> None:
    sign_in(client, make_user(Role.AUDITOR, partnership=make_partnership()))
    assert client.get("/audit").status_code == 404
    assert client.get("/audit?format=csv").status_code == 404
    assert client.get("/audit/viewings").status_code == 404


def test_an_entry_is_found_by_person_record_verb_and_day(auditor: Visitor) -> None:
    actor = make_user(name="Ada Lovelace", email="ada@example.org")
    application = make_application()
    record("test.changed", application, actor=actor, before="one", after="two")
    db.session.flush()
    day = clock.today().isoformat()
    for query in (
        "person=ada@EXAMPLE",
        "person=lovelace&verb=test",
        f"reference={application.reference}&verb=changed",
        f"verb=test.changed&first_day={day}&last_day={day}",
    ):
        [found] = rows_of(auditor, query)
        assert found["verb"] == "test.changed"
        assert found["values"] == "after=two; before=one"
    assert rows_of(auditor, "verb=test.changed&first_day=2099-01-01") == []


def test_the_page_shows_the_values_before_and_after_and_who_it_was(auditor: Visitor) -> None:
    actor = make_user(name="Ada <Lovelace>")
    record("test.changed", make_application(), actor=actor, before="<b>One</b>", after=None)
    db.session.flush()
    page = auditor.get("/audit?verb=test.changed").text
    assert "Ada &lt;Lovelace&gt;" in page
    assert "before: &lt;b&gt;One&lt;/b&gt;" in page
    assert "after:" not in page


def test_the_page_says_in_words_what_was_done_to_whom(auditor: Visitor) -> None:
    grant(make_user(name="Grace Hopper"), Role.PARTNERSHIP_OFFICER, actor=make_user())
    record("payment.ordered", make_application(), actor=None, amount_cents=78000, due_on=date(2026, 12, 1))
    db.session.flush()
    page = auditor.get("/audit").text
    for words in ("Role given", "Grace Hopper", "role: Partnership officer", "amount: €780.00"):
        assert words in page
    assert "due: Tue 1 December 2026" in page
    for code in ("role.granted", "partnership_officer", "call id", "nothing"):
        assert code not in page


def test_an_entry_is_found_by_the_words_it_is_shown_in(auditor: Visitor) -> None:
    application = make_application()
    record("role.granted", application, actor=None)
    db.session.flush()
    [found] = rows_of(auditor, f"verb=role+GIVEN&reference={application.reference}")
    assert found["verb"] == "role.granted"


def test_the_page_shows_the_head_of_the_chain_and_what_is_not_sealed(auditor: Visitor) -> None:
    seal()
    head = queries.head()
    assert head is not None
    record("test.changed", make_application(), actor=None)
    db.session.flush()
    page = auditor.get("/audit").text
    assert head.sha256 in page
    assert "Not yet sealed" in page


@pytest.mark.parametrize("query", ["first_day=soon", "last_day=2027-02-30", "verb=" + "x" * 100])
def test_a_search_that_cannot_be_read_says_so(auditor: Visitor, query: str) -> None:
    for path in ("/audit", "/audit/viewings"):
        answer = auditor.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert "There is a problem" in answer.text


def test_viewings_tell_who_looked_at_what(auditor: Visitor) -> None:
    user = make_user(name="Curious Officer")
    application = make_application()
    note_viewing(user, "cv", application)
    page = auditor.get(f"/audit/viewings?reference={application.reference}").text
    assert "Curious Officer" in page
    assert "CV" in page
    assert "Curious Officer" not in auditor.get("/audit/viewings?person=nobody").text


def test_a_search_through_percent_signs_finds_percent_signs_only(auditor: Visitor) -> None:
    make_application()
    assert rows_of(auditor, "verb=%25") == []


def test_the_page_takes_as_many_statements_for_many_entries(auditor: Visitor) -> None:
    few = statements_of(auditor, "/audit")
    for _ in range(30):
        make_application()
    assert statements_of(auditor, "/audit") == few


def letters() -> int:
    return db.session.scalar(select(func.count()).where(Letter.kind == "admin.head")) or 0


def test_each_auditor_receives_the_head_once_a_day() -> None:
    make_user(Role.AUDITOR)
    make_user(Role.AUDITOR)
    make_user(Role.ADMINISTRATOR)
    make_user(Role.AUDITOR, partnership=make_partnership())
    seal()
    assert mail_head() == 2
    assert mail_head() == 0
    assert letters() == 2
    body = db.session.scalars(select(Letter.body).where(Letter.kind == "admin.head")).first()
    assert body is not None
    assert queries.head_words() in body
    assert "The chain holds" in body


def test_the_next_day_has_its_own_letter() -> None:
    make_user(Role.AUDITOR)
    assert mail_head() == 1
    clock.move(clock.utcnow() + timedelta(days=1))
    assert mail_head() == 1
