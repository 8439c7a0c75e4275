"""The story of the demo, told small by its real worker, and everything that it leaves."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask_security import verify_password
from sqlalchemy import func, select

import matching
from mobility.accounts.enums import Role
from mobility.accounts.services import user_by_email
from mobility.admin.invariants import broken
from mobility.applications.enums import TO_ASSESS, ApplicationStatus
from mobility.applications.models import Application
from mobility.audit.services import verify
from mobility.catalogue.enums import PairStatus
from mobility.catalogue.models import AgreedPair
from mobility.core import clock
from mobility.core.db import Model, db
from mobility.dashboard.queries import figures
from mobility.demo import story
from mobility.demo.run import fill
from mobility.demo.stage import Stage
from mobility.demo.year import intake
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import Batch, PaymentOrder
from mobility.reporting.models import ClosingReport
from mobility.surveys.models import Invitation, Survey
from tests import databases
from tests.visitor import Visitor

SMALL, SEED = 40, 2027
QUICK_S = 30
LINK = re.compile(r"/survey/(\S+)")
# What only visitors of a site leave, or what this story has no need of.
LEFT_EMPTY = {"browser_session", "rate_count", "viewing", "used_key", "one_use_key"}


class CutOff(Exception):
    """The machine goes down in the middle of a step."""


@dataclass(frozen=True)
class Told:
    """An app after its story, and the folder that the story left."""

    app: Flask
    folder: Path

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())


@pytest.fixture(scope="module")
def told(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The story, told on a database of its own."""
    var = tmp_path_factory.mktemp("var")
    with databases.copy_of(template, server) as address, databases.app_on(address, var) as app:
        with app.app_context():
            fill(SEED, SMALL)
        yield Told(app, var / "demo")


@pytest.fixture
def guest(told: Told) -> Visitor:
    """Somebody who opens the demo's site."""
    return Visitor(told.app, use_cookies=True)


def number_of(statement: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def counts() -> dict[str, int]:
    """How many rows each table has."""
    tables = [one for one in Model.metadata.sorted_tables if one.name not in LEFT_EMPTY]
    return {one.name: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def test_every_room_has_something_to_show(told: Told) -> None:
    with told.app.app_context():
        empty = {name for name, number in counts().items() if number == 0}

    assert empty == set()


def test_the_clock_is_that_of_today_and_still_says_that_it_is_a_demonstration(told: Told) -> None:
    with told.app.app_context():
        assert abs(clock.utcnow() - datetime.now(UTC)) < timedelta(seconds=5)
        assert clock.is_moved()


def test_nothing_happened_after_now(told: Told) -> None:
    with told.app.app_context():
        for column in (PaymentOrder.ordered_at, Invitation.invited_at, Application.created_at):
            latest = db.session.scalar(select(func.max(column)))
            assert latest is not None
            assert latest <= clock.utcnow()


def test_the_summary_says_what_the_dashboard_of_a_support_officer_says(told: Told) -> None:
    summary = told.read("summary.json")

    assert summary["figures"]
    with told.app.test_request_context(method="POST"):
        now = {one.key: one.value for group in figures(story.call()) for one in group.figures}
    assert summary["figures"] == now


def test_the_finished_call_is_finished(told: Told) -> None:
    over = (ExchangeStatus.CLOSED, ExchangeStatus.CANCELLED)
    done = (PaymentStatus.PAID, PaymentStatus.FAILED, PaymentStatus.VOID)
    with told.app.app_context():
        assert number_of(select(Exchange.id).where(Exchange.status == ExchangeStatus.CLOSED)) > 3
        assert number_of(select(Exchange.id).where(Exchange.status.not_in(over))) == 0
        assert number_of(select(PaymentOrder.id).where(PaymentOrder.status.not_in(done))) == 0


def test_a_payment_failed_and_was_paid_again(told: Told) -> None:
    with told.app.app_context():
        failed = db.session.scalars(
            select(PaymentOrder.exchange_id).where(PaymentOrder.status == PaymentStatus.FAILED)
        ).all()
        again = select(PaymentOrder.id).where(
            PaymentOrder.exchange_id.in_(failed), PaymentOrder.status == PaymentStatus.PAID
        )

        assert failed
        assert number_of(again) == len(failed)


def test_most_payments_were_in_time(told: Told) -> None:
    with told.app.app_context():
        paid = select(PaymentOrder.id).where(PaymentOrder.status == PaymentStatus.PAID)
        in_time = number_of(paid.where(PaymentOrder.paid_on <= PaymentOrder.due_on))

        # So small a world has few payments; one that came back keeps its first day.
        assert in_time >= 0.4 * number_of(paid)


def test_the_open_call_is_in_the_middle_of_its_assessment(told: Told) -> None:
    with told.app.app_context():
        of_call = select(Application.status).where(Application.call == story.open_call())
        states = set(db.session.scalars(of_call))
        pairs = set(db.session.scalars(select(AgreedPair.status)))

    assert ApplicationStatus.ACCEPTED in states
    assert TO_ASSESS & states
    assert PairStatus.BUILT in pairs


def test_people_were_asked_three_times_and_seven_of_ten_answered(told: Told) -> None:
    with told.app.app_context():
        asked = set(
            db.session.scalars(select(Survey.code).join(Invitation, Invitation.survey_id == Survey.id))
        )
        every = select(Invitation.id)
        answered = number_of(every.where(Invitation.answered_at.is_not(None)))

        assert len(asked) == 3
        assert 0.5 < answered / number_of(every) < 0.9


def test_rejections_say_why(told: Told) -> None:
    with told.app.app_context():
        rejected = select(Application.decision_reason).where(Application.status == ApplicationStatus.REJECTED)
        reasons = db.session.scalars(rejected).all()

    assert len(reasons) >= SMALL * 0.15
    assert all(len(reason) > 20 for reason in reasons)


def test_batches_orders_files_and_tables_have_one_total(told: Told) -> None:
    summary = told.read("summary.json")
    with told.app.app_context():
        batches = db.session.scalars(select(Batch).order_by(Batch.id)).all()
        assert summary["batches"]["total_cents"] == sum(batch.total_cents for batch in batches) > 0
        for batch in batches:
            files = {
                ending: told.folder / "payments" / f"{batch.reference}.{ending}"
                for ending in ("xml", "csv", "pdf")
            }
            control = ET.parse(files["xml"]).find(".//{*}CtrlSum")  # noqa: S314
            assert control is not None
            assert round(float(control.text or 0) * 100) == batch.total_cents
            assert len(files["csv"].read_text().splitlines()) >= batch.number_of_orders + 1
            assert files["pdf"].read_bytes().startswith(b"%PDF-")


def test_two_people_of_each_role_can_sign_in(told: Told) -> None:
    logins = told.read("accounts.json")

    assert Counter(login["role"] for login in logins) == dict.fromkeys(Role, 2)
    with told.app.app_context():
        for login in logins:
            user = user_by_email(login["email"])
            assert user
            assert user.password
            assert verify_password(login["password"], user.password)
            assert login["role"] in {grant.role for grant in user.grants_in_force}
            assert user.tf_totp_secret == login["totp_secret"]
            assert bool(login["totp_secret"]) is user.is_staff


def test_each_login_of_a_visitor_host_or_officer_acts_for_somebody(told: Told) -> None:
    acting = [
        one
        for one in told.read("accounts.json")
        if one["role"] in {"applicant", "host", "partnership_officer"}
    ]

    assert all(login["acts_for"] for login in acting)


def test_the_page_of_codes_shows_one_for_each_login_of_staff(told: Told, guest: Visitor) -> None:
    page = guest.get("/outbox/codes").text

    staff = [one for one in told.read("accounts.json") if one["totp_secret"]]
    assert all(one["email"] in page for one in staff)
    assert len(re.findall(r"\b\d{6}\b", page)) >= len(staff)


def test_the_published_rounds_pass_the_checker(told: Told) -> None:
    problems = sorted((told.folder / "rounds").glob("*.problem.json"))

    assert len(problems) == 3
    for path in problems:
        problem = matching.Problem.from_json(json.loads(path.read_text()))
        solution = json.loads(path.with_name(path.name.replace("problem", "solution")).read_text())
        assert matching.check(problem, solution) == []


def test_every_paper_is_a_whole_pdf(told: Told) -> None:
    papers = list((told.folder / "papers").iterdir())

    assert len(papers) == len(told.read("summary.json")["papers"]) > 0
    for paper in papers:
        assert paper.read_bytes().startswith(b"%PDF-")
        assert b"%%EOF" in paper.read_bytes()[-32:]


def test_every_closing_report_of_a_visitor_has_evidence(told: Told) -> None:
    with told.app.app_context():
        reports = db.session.scalars(select(ClosingReport).where(ClosingReport.side == "visitor")).all()

        assert reports
        assert all(report.evidence for report in reports)


def test_every_invitation_left_a_letter_with_its_own_link(told: Told) -> None:
    links = set()
    for path in (told.folder / "letters").glob("*-survey.invited.eml"):
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        found = LINK.search(letter.get_content())
        assert found
        links.add(found[1])

    with told.app.app_context():
        assert len(links) == number_of(select(Invitation.id))


def test_the_story_keeps_every_invariant_and_its_log_is_whole(told: Told) -> None:
    with told.app.app_context():
        verdict = verify()

        assert broken() == {}
        assert (verdict.holds, verdict.unsealed) == (True, 0)


def test_a_second_run_tells_nothing_again(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    with told.app.app_context():
        before, now = counts(), clock.today()
        began = time.monotonic()

        fill(SEED, SMALL)

        assert time.monotonic() - began < QUICK_S
        assert (counts(), clock.today()) == (before, now)
    assert "nothing is run again" in capsys.readouterr().out


def test_a_story_that_was_cut_off_goes_on_where_it_stopped(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine goes down when the fifth application comes; the next run has the same seed by itself."""
    usual, seen = intake._apply, []

    def cut_off(*rest: Any) -> None:
        seen.append(rest)
        if len(seen) == 5:
            raise CutOff
        usual(*rest)

    def stop(stage: Stage) -> None:
        if number_of(select(Application.id)) >= 10:
            raise CutOff

    with live_app.app_context():
        with monkeypatch.context() as patch:
            patch.setattr(intake, "_apply", cut_off)
            with pytest.raises(CutOff):
                story.tell(SEED, SMALL)
        db.session.rollback()
        before, stopped = clock.today(), number_of(select(Application.id))
        with monkeypatch.context() as patch:
            patch.setattr(intake, "look_around", stop)
            with pytest.raises(CutOff):
                story.tell()
        db.session.rollback()
        organisations = list(db.session.scalars(select(Organisation.registration)))

        assert stopped < 10 <= number_of(select(Application.id)) <= SMALL
        assert clock.today() >= before
        assert len(set(organisations)) == len(organisations)
        assert number_of(select(Offer.id)) == 12
        assert not story.is_told()
