"""What is typed when the draft, the session or the page's token ends."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from mobility.accounts.models import User
from mobility.applications import services
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, Typed
from mobility.applications.sections import Section
from mobility.core.db import db
from tests.applications.filled import fill, form_at, page_of
from tests.applications.open_page import OpenPage
from tests.hostile.forms import forms_of
from tests.make.accounts import sign_in
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")


def count_kept() -> int:
    return db.session.scalar(select(func.count()).select_from(Typed)) or 0


@pytest.mark.parametrize("end", [services.submit, services.withdraw])
def test_a_draft_that_ends_takes_along_what_was_never_saved(
    client: Visitor, draft: Application, end: Callable[..., None]
) -> None:
    page = OpenPage(client, draft, Section.TOPICS)
    page.keep(motivation="Half a th")
    db.session.refresh(draft)

    end(draft, actor=None)
    db.session.commit()

    assert count_kept() == 0
    assert page.keep(motivation="Late").status_code == 409


def test_nothing_is_sent_while_something_is_typed_and_not_saved_unless_one_says_so(
    client: Visitor, draft: Application
) -> None:
    fill(client, draft)
    OpenPage(client, draft, Section.TOPICS).keep(motivation="Half a thought")
    db.session.expire_all()
    sent = {"version": str(draft.version)}
    page, to = page_of(draft), page_of(draft, "/submit")

    said = client.get(page).text
    refused = client.submit(page, sent, to=to)
    db.session.expire_all()
    state, kept = draft.status, count_kept()
    client.submit(page, sent | {"without_typed": "1"}, to=to)

    db.session.expire_all()
    assert "Typed and not saved: " in said
    assert (refused.status_code, state, kept) == (409, ApplicationStatus.DRAFT, 1)
    assert (draft.status, count_kept()) == (ApplicationStatus.SUBMITTED, 0)


def test_a_session_that_ended_is_told_and_the_page_goes_on_after_signing_in(
    client: Visitor, person: User, draft: Application
) -> None:
    page = OpenPage(client, draft, Section.TOPICS)
    client.delete_cookie("session")

    told = page.keep(motivation="Half a th")
    sent = page.send(motivation="A motivation that nobody wants to type once more.")
    sign_in(client, person)
    page.answers["csrf_token"] = OpenPage(client, draft, Section.TOPICS).hidden["csrf_token"]
    kept = page.keep(motivation="Half a tho")

    assert told.status_code == 400
    assert sent.status_code == 401
    assert "A motivation that nobody wants to type once more." in sent.text
    assert kept.status_code == 200
    assert page.send(motivation="Half a thought.").status_code == 302


@pytest.mark.parametrize("token", ["", "x", "forged.by.somebody"])
def test_a_page_whose_token_is_too_old_shows_what_was_typed_and_takes_it_once_more(
    client: Visitor, draft: Application, token: str
) -> None:
    page = OpenPage(client, draft, Section.TOPICS)
    before = (draft.version, draft.motivation)

    refused = page.send(motivation="Short.", csrf_token=token)
    db.session.expire_all()
    after = (draft.version, draft.motivation)
    [form] = [one for one in forms_of(refused.text) if "over" in one.names("hidden")]
    again = page.send(motivation="Short.", csrf_token=form.control("csrf_token").value)

    assert refused.status_code == 422
    assert "The page was open too long." in refused.text
    assert form.control("motivation").value.strip() == "Short."
    assert after == before
    assert again.status_code == 302


def test_a_page_with_many_kept_texts_takes_as_many_statements(client: Visitor, draft: Application) -> None:
    address = form_at(draft, Section.DATES)
    OpenPage(client, draft, Section.DATES).keep()
    for_one = statements_of(client, address)
    pages = [OpenPage(client, draft, Section.DATES) for _ in range(3)]
    for page in pages:
        page.keep()

    assert statements_of(client, address) == for_one
