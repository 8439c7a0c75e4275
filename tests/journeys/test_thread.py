"""The whole story as its people live it: in Chromium, on a server, a worker and a database of their own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.exchanges.tasks import keep_time
from mobility.payments.models import Batch
from mobility.payments.tasks import order_due
from mobility.reporting.tasks import begin_due
from mobility.surveys.tasks import invite_due
from tests.conftest import LiveServer
from tests.journeys import settling, taking_part
from tests.journeys.conftest import NewPerson
from tests.journeys.looking import Looking
from tests.journeys.steps import Person, register, sign_in_as_staff, sign_out
from tests.make.accounts import make_user
from tests.make.calls import make_allotment, make_call
from tests.make.partnerships import make_partnership
from tests.processes import environment, running

pytestmark = pytest.mark.journey
WORKER = [sys.executable, "-m", "flask", "--app", "mobility.cli:app_for_commands", "worker"]
STAFF = {
    "administrator": Role.ADMINISTRATOR,
    "second administrator": Role.ADMINISTRATOR,
    "officer": Role.PARTNERSHIP_OFFICER,
    "host's officer": Role.PARTNERSHIP_OFFICER,
    "support": Role.SUPPORT_OFFICER,
    "approver": Role.FINANCE_APPROVER,
    "auditor": Role.AUDITOR,
}
CALL = "CXC-1"


def test_a_new_user_applies_is_matched_signs_travels_reports_is_paid_and_answers(
    live_server: LiveServer, new_person: NewPerson, looking: Looking, tmp_path: Path
) -> None:
    window = open_a_call(live_server)
    staff = come_to_work(new_person)
    initiator = new_person("initiator", "ines@office.example", "Ines Initiator")
    taking_part.invite_for_money(staff["administrator"], staff["second administrator"], initiator)

    host = register(new_person("host", "rui@porto.example", "Rui Costa"))
    offer = taking_part.offer_places(host, window)
    taking_part.assess(staff["host's officer"], "/hosts", offer)
    host.go(f"/hosts/{offer}")
    host.sees("When a visitor is proposed, we write to you")
    applicant = register(new_person("applicant", "ana@ghent.example", "Ana Peeters"))
    application = taking_part.apply(applicant, window)
    taking_part.assess(staff["officer"], "/applications", application)
    applicant.go("/dashboard")
    applicant.sees("Checked", application)

    with worker(live_server, tmp_path):
        round_ = taking_part.solve_a_round(staff["support"], CALL, application)
    taking_part.publish(staff["support"], round_)
    taking_part.accept(applicant, "A host for you", "You accepted. Now the other side answers.")
    taking_part.accept(host, "A visitor for you", "Both sides accepted. Agree on goals and agenda now")
    exchange = host.reference
    paper = sign_everything(live_server, exchange, applicant, host, staff)

    days = let_the_stay_pass(live_server, exchange)
    report_and_accept(live_server, applicant, host, staff["officer"], days)
    batch = pay(live_server, exchange, initiator, staff["approver"])
    applicant.go("/dashboard")
    applicant.sees("Paid", "Report")
    settling.answer_the_survey(new_person("visitor", applicant.email))
    settling.look_at_the_results(staff["support"])
    expect_all_done(applicant)

    settling.audit(staff["auditor"], exchange, batch)
    sign_out(applicant)
    settling.check_paper(new_person("stranger"), paper)
    looking.expect_nothing_wrong()


def open_a_call(server: LiveServer) -> tuple[date, date]:
    """An open call with two partnerships and its staff; four good weeks for a stay."""
    with server.app.app_context():
        call = make_call(title="First call", reference=CALL)
        partnerships = {
            "officer": make_partnership(code="GREEN", name="Green partnership"),
            "host's officer": make_partnership(code="BLUE", name="Blue partnership", country="PT"),
        }
        for partnership in partnerships.values():
            make_allotment(call, partnership)
        for who, role in STAFF.items():
            make_user(role, partnership=partnerships.get(who), email=address(who), name=who.capitalize())
        db.session.commit()
        first_day = call.first_day + timedelta(days=10)
        return first_day, first_day + timedelta(days=28)


def come_to_work(new_person: NewPerson) -> dict[str, Person]:
    """Everybody of the staff, signed in."""
    staff = {who: new_person(who, address(who)) for who in STAFF}
    for member in staff.values():
        sign_in_as_staff(member)
    return staff


def address(who: str) -> str:
    return f"{who.replace(' ', '-').replace(chr(39), '')}@office.example"


def sign_everything(
    server: LiveServer, exchange: str, applicant: Person, host: Person, staff: dict[str, Person]
) -> bytes:
    """The plan, the commitment with its four signatures, the financial agreement with its two; its paper."""
    commitment, financial = "Commitment to Quality", "Financial agreement"
    taking_part.plan_together(applicant, host, exchange)
    taking_part.sign(applicant, commitment, position="Engineer")
    taking_part.sign(host, commitment, position="Director")
    taking_part.sign(staff["officer"], commitment, position="Coordinator")
    number = taking_part.sign(staff["host's officer"], commitment, position="Coordinator")
    staff["host's officer"].sees("Signed by all")
    taking_part.sign(applicant, financial, position="Engineer")
    taking_part.sign(staff["officer"], financial, position="Coordinator")
    server.drain()
    applicant.go(f"/exchanges/{exchange}")
    applicant.sees("The exchange is confirmed")
    host.go(f"/agreements/{number}")
    name, paper = host.download("Commitment to Quality (PDF)")
    assert name.endswith(".pdf")
    return paper


def let_the_stay_pass(server: LiveServer, exchange: str) -> tuple[date, date]:
    """Move the clock into and behind the stay, and let the clock's tasks and the worker do theirs; its days."""
    with server.app.app_context():
        stay = db.session.scalars(select(Exchange).where(Exchange.reference == exchange)).one()
        first_day, last_day = stay.first_day, stay.last_day
    for day in (first_day, last_day + timedelta(days=1)):
        with server.app.app_context():
            clock.move(clock.at_local(day, 9))
        run(server, keep_time, begin_due, invite_due)
    return first_day, last_day


def run(server: LiveServer, *tasks: object) -> None:
    """Let tasks of the clock do theirs, and the worker what they found."""
    with server.app.app_context():
        for task in tasks:
            task.func(timestamp=0)  # type: ignore[attr-defined]
    server.drain()


def report_and_accept(
    server: LiveServer, applicant: Person, host: Person, officer: Person, days: tuple[date, date]
) -> None:
    """Both sides tell how it was, the visitor with evidence; the officer accepts both."""
    told = {"activities": "Two days in the test hall.", "results": "We test our blades there."}
    of_visitor = settling.report(applicant, days, evidence="boarding pass.pdf", **told)
    of_host = settling.report(host, days, evidence="attendance.pdf", results="A partner for used blades.")
    settling.accept_report(officer, of_host, "Accept")
    settling.accept_report(officer, of_visitor, "Accept, with €780.00")
    run(server, order_due)
    applicant.go(f"/reports/{of_visitor}")
    applicant.sees("Certificate (PDF)")


def pay(server: LiveServer, exchange: str, initiator: Person, approver: Person) -> str:
    """From the due order to the bank's word that it is paid; the batch."""
    settling.enter_paying_account(initiator)
    batch = settling.propose_batch(initiator, exchange)
    settling.approve_batch(approver, batch)
    server.drain()
    settling.hand_to_the_bank(initiator, batch)
    with server.app.app_context():
        executed = db.session.scalars(select(Batch.execution_on).where(Batch.reference == batch)).one()
        clock.move(clock.at_local(executed, 9))
        db.session.commit()
    settling.enter_the_banks_answer(initiator, batch)
    run(server, order_due)
    return batch


def expect_all_done(applicant: Person) -> None:
    """The line of steps is walked to its end."""
    applicant.go("/dashboard")
    expect(applicant.page.locator("main ol.steps li")).to_have_count(9)
    expect(applicant.page.locator("main ol.steps li.is-done")).to_have_count(9)


@contextmanager
def worker(server: LiveServer, folder: Path) -> Iterator[None]:
    """A worker process on the server's database."""
    settings = environment(DATABASE_URL=server.database_url, VAR=str(folder))
    with running(WORKER, settings, folder / "worker.log"):
        yield
