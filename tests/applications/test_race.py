"""Many clicks at the same moment make one application; many devices at the same moment lose nothing."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.applications import cvs, services, typed
from mobility.applications.columns import content_of
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, Cv, Typed
from mobility.applications.sections import Section
from mobility.audit.models import Entry
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.uploads import Upload
from mobility.mail.models import Letter
from mobility.organisations.models import Organisation
from tests.make.applications import application_content, make_application
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.reporting import make_pdf
from tests.processes import wait_until
from tests.waiting import somebody_waits

# Each takes two of the twelve connections of the pool: its own, and one for the clock.
CLICKS = 5
LAST_SECOND = 200


@pytest.fixture
def ids(live_app: Flask) -> tuple[int, int]:
    """A call and an organisation that has not applied in it."""
    with live_app.app_context():
        call, organisation = make_call(), make_organisation()
        make_allotment(call)
        db.session.commit()
        return call.id, organisation.id


def test_parallel_clicks_make_one_application(live_app: Flask, ids: tuple[int, int]) -> None:
    start = threading.Barrier(CLICKS)

    def click(_number: int) -> str:
        with live_app.app_context():
            call = db.session.get_one(Call, ids[0])
            organisation = db.session.get_one(Organisation, ids[1])
            content = application_content(call)
            start.wait(timeout=60)
            try:
                services.draft(call, organisation, content, actor=None)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "begun"

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(click, range(CLICKS)))

    assert sorted(answers) == ["already-applied"] * (CLICKS - 1) + ["begun"]
    with live_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Application)) == 1


@pytest.fixture
def draft_id(live_app: Flask) -> int:
    """A draft."""
    with live_app.app_context():
        call = make_call()
        make_allotment(call)
        draft = make_application(call=call, status=ApplicationStatus.DRAFT)
        db.session.commit()
        return draft.id


def at_once(app: Flask, draft_id: int, acts: list[Callable[[Application], None]]) -> list[str]:
    """Let all act on the draft at the same moment; what each was answered."""
    start = threading.Barrier(len(acts))

    def act(one: Callable[[Application], None]) -> str:
        with app.app_context():
            application = db.session.get_one(Application, draft_id)
            start.wait(timeout=60)
            try:
                one(application)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def keeping(page: str, count: int) -> Callable[[Application], None]:
    """A page sends what stands in it."""

    def keep(application: Application) -> None:
        written = {"motivation": [f"{page} {count}"]}
        typed.keep(application, Section.TOPICS, written, page=page, count=count, of_version=1)

    return keep


def kept(app: Flask) -> list[str]:
    with app.app_context():
        return sorted(row.fields["motivation"][0] for row in db.session.scalars(select(Typed)))


def test_devices_that_type_at_once_lose_nothing(live_app: Flask, draft_id: int) -> None:
    answers = at_once(live_app, draft_id, [keeping(f"page{n}", 1) for n in range(CLICKS)])

    assert answers == ["done"] * CLICKS
    assert kept(live_app) == [f"page{n} 1" for n in range(CLICKS)]


def test_of_what_one_page_sends_at_once_the_last_wins(live_app: Flask, draft_id: int) -> None:
    at_once(live_app, draft_id, [keeping("page", count) for count in (5, 4, 1, 3, 2)])

    assert kept(live_app) == ["page 5"]


def test_nothing_is_kept_of_a_draft_that_is_being_sent(live_app: Flask, draft_id: int) -> None:
    is_sent, keep = threading.Event(), keeping("page", 1)

    def submit(application: Application) -> None:
        services.submit(application, actor=None)
        is_sent.set()
        wait_until(somebody_waits, 10)

    def keep_meanwhile(application: Application) -> None:
        is_sent.wait(timeout=60)
        keep(application)

    assert at_once(live_app, draft_id, [submit, keep_meanwhile]) == ["done", "wrong-state"]
    assert kept(live_app) == []


def test_what_is_being_kept_goes_with_the_draft_that_is_sent(live_app: Flask, draft_id: int) -> None:
    is_kept, keep = threading.Event(), keeping("page", 1)

    def keep_slowly(application: Application) -> None:
        keep(application)
        is_kept.set()
        wait_until(somebody_waits, 10)

    def submit(application: Application) -> None:
        is_kept.wait(timeout=60)
        services.submit(application, actor=None)

    assert at_once(live_app, draft_id, [keep_slowly, submit]) == ["done", "done"]
    assert kept(live_app) == []


def send_with_cv(app: Flask, draft_id: int, pdf: bytes) -> str:
    """Upload a CV and hand in, as one click; what it was answered."""
    with app.app_context():
        application = db.session.get_one(Application, draft_id)
        try:
            kept = cvs.keep(application, Upload("cv.pdf", pdf), actor=None)
            content = replace(content_of(application), cv=kept.sha256)
            services.revise(application, content, actor=None)
            services.submit(application, actor=None)
        except RuleBroken as refused:
            db.session.rollback()
            return refused.code
        db.session.commit()
        return "sent"


def test_two_hundred_who_send_a_cv_in_the_last_second_are_all_there_each_once(live_app: Flask) -> None:
    with live_app.app_context():
        call, partnership, pdf = make_call(), make_partnership(), make_pdf()
        make_allotment(call, partnership)
        made = [
            make_application(call=call, partnership=partnership, status=ApplicationStatus.DRAFT)
            for _ in range(LAST_SECOND + 1)
        ]
        late, *drafts = [draft.id for draft in made]
        call.closes_at = clock.utcnow() + timedelta(seconds=1)
        db.session.commit()
        call_id = call.id
    pdfs = {draft: pdf + b"\n" * (draft % 7) for draft in drafts}
    twice = [draft for draft in drafts for _ in range(2)]

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(lambda draft: send_with_cv(live_app, draft, pdfs[draft]), twice))

    assert Counter(answers) == {"sent": LAST_SECOND, "wrong-state": LAST_SECOND}
    with live_app.app_context():
        call = db.session.get_one(Call, call_id)
        call.closes_at = clock.utcnow() - timedelta(seconds=call.grace_s + 1)
        db.session.commit()
        sent = select(Application.id, Cv.content).join(Cv, Cv.application_id == Application.id)
        sent = sent.where(Application.status == ApplicationStatus.SUBMITTED, Application.cv == Cv.sha256)
        assert {row.id: row.content for row in db.session.execute(sent)} == pdfs
        assert db.session.scalar(select(func.count(Cv.id))) == LAST_SECOND
        for rows in (Letter.kind == "applications.received", Entry.verb == "application.submitted"):
            assert db.session.scalar(select(func.count()).where(rows)) == LAST_SECOND
    assert send_with_cv(live_app, late, pdf) == "call-closed"
    with live_app.app_context():
        assert db.session.get_one(Application, late).status is ApplicationStatus.DRAFT
        assert db.session.scalar(select(func.count(Cv.id))) == LAST_SECOND
