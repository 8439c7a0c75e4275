"""What waits for a member of staff."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, url_for

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.services import grant
from mobility.admin import counts as counting
from mobility.admin import work as working
from mobility.admin.counts import counts
from mobility.admin.work import KINDS, waiting
from mobility.applications.enums import ApplicationStatus
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.partnerships.models import Partnership
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.exchanges import make_ended_exchange
from tests.make.partnerships import make_partnership
from tests.make.payments import make_batch as make_full_batch
from tests.make.payments import make_order
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")


def make_batch(payer: Partnership, **changes: object) -> Batch:
    """A batch of nothing in some state."""
    usual = {
        "reference": f"BAT-2026-{len(db.session.new) + db.session.query(Batch).count():04d}",
        "partnership": payer,
        "call": make_call(),
        "status": BatchStatus.DRAWN_UP,
        "execution_on": clock.today() + timedelta(days=2),
        "drawn_up_at": clock.utcnow(),
    }
    batch = Batch(**(usual | changes))
    db.session.add(batch)
    db.session.flush()
    return batch


def make_report(side: Side, status: ReportStatus, **changes: object) -> ClosingReport:
    """A closing report in some state."""
    exchange = make_ended_exchange()
    report = ClosingReport(
        reference=f"CR-{exchange.reference}",
        exchange=exchange,
        side=side,
        status=status,
        due_on=clock.today() + timedelta(days=10),
        begun_at=clock.utcnow(),
    )
    for name, value in changes.items():
        setattr(report, name, value)
    db.session.add(report)
    db.session.flush()
    return report


def numbers(user: User) -> dict[str, int]:
    return {key: number for key, (number, _day) in counts(user).items()}


def test_an_officer_is_told_of_applications_of_the_own_partnership_only() -> None:
    mine, other = make_partnership(), make_partnership()
    for partnership in (mine, mine, other):
        make_application(partnership=partnership, status=ApplicationStatus.SUBMITTED)
    assert numbers(make_user(Role.PARTNERSHIP_OFFICER, partnership=mine))["applications"] == 2
    assert numbers(make_user(Role.SUPPORT_OFFICER))["applications"] == 3


def test_applicants_and_auditors_have_no_applications_to_assess() -> None:
    make_application(status=ApplicationStatus.SUBMITTED)
    for role in (Role.APPLICANT, Role.AUDITOR, Role.FINANCE_APPROVER):
        assert "applications" not in numbers(make_user(role))


def test_reports_wait_for_the_partnerships_that_answer_for_them() -> None:
    filed = make_report(Side.VISITOR, ReportStatus.FILED, filed_at=clock.utcnow())
    late = make_report(Side.HOST, ReportStatus.DRAFT, due_on=clock.today() - timedelta(days=1))
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=filed.exchange.vop)
    assert numbers(officer) == {"reports": 1}
    found = counts(make_user(Role.SUPPORT_OFFICER))
    assert found["reports"][0] == 1
    assert found["reports_late"] == (1, late.due_on)


def test_a_stay_that_begins_soon_without_agreements_is_told() -> None:
    soon = clock.today() + timedelta(days=9)
    exchange = make_ended_exchange(
        status=ExchangeStatus.AGREED, first_day=soon, last_day=soon + timedelta(days=4)
    )
    far = soon + timedelta(days=60)
    make_ended_exchange(status=ExchangeStatus.AGREED, first_day=far, last_day=far + timedelta(days=4))
    for partnership in (exchange.vop, exchange.hop):
        officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership)
        assert counts(officer)["unsigned"] == (1, soon)


def test_whoever_proposed_a_batch_is_not_asked_to_approve_it() -> None:
    payer = make_partnership()
    proposer = make_user(Role.FINANCE_APPROVER, partnership=payer)
    colleague = make_user(Role.FINANCE_APPROVER, partnership=payer)
    stranger = make_user(Role.FINANCE_APPROVER, partnership=make_partnership())
    batch = make_batch(payer, status=BatchStatus.PROPOSED, proposed_by_id=proposer.id)
    assert "batches_proposed" not in numbers(proposer)
    assert counts(colleague)["batches_proposed"] == (1, batch.execution_on)
    assert "batches_proposed" not in numbers(stranger)


def test_whoever_drew_a_batch_up_is_not_asked_to_approve_it_either() -> None:
    payer = make_partnership()
    drawer, proposer, colleague = (make_user(Role.FINANCE_APPROVER, partnership=payer) for _ in range(3))
    make_batch(payer, status=BatchStatus.PROPOSED, drawn_up_by_id=drawer.id, proposed_by_id=proposer.id)
    assert "batches_proposed" not in numbers(drawer)
    assert numbers(colleague)["batches_proposed"] == 1


@pytest.mark.parametrize(
    ("status", "movers"),
    [
        (BatchStatus.DRAWN_UP, {Role.FINANCE_INITIATOR}),
        (BatchStatus.APPROVED, {Role.FINANCE_INITIATOR, Role.FINANCE_APPROVER}),
        (BatchStatus.EXPORTED, {Role.FINANCE_INITIATOR, Role.FINANCE_APPROVER}),
    ],
)
def test_a_batch_waits_for_those_only_who_may_move_it(status: BatchStatus, movers: set[Role]) -> None:
    payer = make_full_batch(1, until=status).partnership
    readers = (
        Role.FINANCE_INITIATOR,
        Role.FINANCE_APPROVER,
        Role.PARTNERSHIP_OFFICER,
        Role.SUPPORT_OFFICER,
        Role.AUDITOR,
    )
    told = {role for role in readers if f"batches_{status}" in numbers(make_user(role, partnership=payer))}
    assert told == movers


@pytest.mark.parametrize(("status", "key"), [("due", "orders"), ("held", "orders_held")])
def test_an_order_waits_for_whoever_draws_up_batches(status: str, key: str) -> None:
    order = make_order()
    order.status, payer = PaymentStatus(status), order.partnership
    assert numbers(make_user(Role.FINANCE_INITIATOR, partnership=payer))[key] == 1
    for role in (Role.FINANCE_APPROVER, Role.PARTNERSHIP_OFFICER, Role.SUPPORT_OFFICER):
        assert key not in numbers(make_user(role, partnership=payer))


def test_a_finance_role_waits_for_another_administrator() -> None:
    first, second, clerk = (make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR), make_user())
    before = {user.id: numbers(user).get("grants", 0) for user in (first, second)}
    grant(clerk, Role.FINANCE_INITIATOR, actor=first)
    db.session.flush()
    assert numbers(first).get("grants", 0) == before[first.id]
    assert numbers(second)["grants"] == before[second.id] + 1
    assert "grants" not in numbers(make_user(Role.AUDITOR))


def test_an_auditor_is_told_what_is_not_sealed() -> None:
    assert numbers(make_user(Role.AUDITOR))["unsealed"] > 0
    assert "unsealed" not in numbers(make_user(Role.AUDITOR, partnership=make_partnership()))
    assert "unsealed" not in numbers(make_user(Role.SUPPORT_OFFICER))


def test_late_and_near_days_are_marked(app: Flask) -> None:
    payer = make_partnership()
    user = make_user(Role.FINANCE_INITIATOR, partnership=payer)
    make_batch(payer, execution_on=clock.today() - timedelta(days=1))
    make_batch(payer, status=BatchStatus.DRAWN_UP, execution_on=clock.today() + timedelta(days=9))
    with app.test_request_context():
        [(_part, [task])] = waiting(user)
    assert task.tag == ("bad", "Late")
    assert task.label == "Propose 2 batches"


def test_every_kind_leads_to_a_page(client: Visitor) -> None:
    pages = client.application.view_functions
    assert [kind.endpoint for kind in KINDS.values() if kind.endpoint not in pages] == []


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.APPLICANT, Role.HOST}])
def test_staff_of_every_role_begin_at_their_work(client: Visitor, role: Role) -> None:
    partnership = make_partnership() if role is Role.PARTNERSHIP_OFFICER else None
    sign_in(client, make_user(role, partnership=partnership))
    assert client.get("/home").location == "/work"
    page = client.get("/work")
    assert page.status_code == 200
    assert "<span>Work</span>" in page.text


def test_an_applicant_begins_at_the_dashboard_and_has_no_work_list(client: Visitor) -> None:
    sign_in(client, make_user(Role.APPLICANT))
    assert client.get("/home").location == "/dashboard"
    assert client.get("/work").status_code == 403


def test_a_link_of_the_list_shows_the_same_rows(client: Visitor) -> None:
    make_application(status=ApplicationStatus.SUBMITTED)
    make_application(status=ApplicationStatus.ACCEPTED)
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    assert "Assess 1 application" in client.get("/work").text
    assert "/applications?status=submitted" in client.get("/work").text
    assert client.get("/applications?status=submitted").text.count('<th scope="row"') == 1


def test_the_page_takes_as_many_statements_for_much_work(
    new_client: Callable[[], Visitor],
) -> None:
    client = new_client()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    few = statements_of(client, "/work")
    for _ in range(5):
        make_application(status=ApplicationStatus.SUBMITTED)
        make_report(Side.VISITOR, ReportStatus.FILED, filed_at=clock.utcnow())
    assert statements_of(client, "/work") == few


def test_more_than_a_thousand_are_not_counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (counting, working):
        monkeypatch.setattr(module, "MOST", 3)
    for _ in range(4):
        make_application(status=ApplicationStatus.SUBMITTED)
    officer = make_user(Role.SUPPORT_OFFICER)
    with app.test_request_context():
        [(_part, [task])] = waiting(officer)
    assert task.label == "Assess 3 or more applications"


@pytest.mark.parametrize("key", [key for key, kind in KINDS.items() if kind.arguments])
def test_every_link_chooses_what_it_counts(client: Visitor, key: str) -> None:
    kind = KINDS[key]
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    with client.application.test_request_context():
        url = url_for(kind.endpoint, **kind.arguments)
    page = client.get(url)
    assert page.status_code == 200
    for value in kind.arguments.values():
        assert re.search(rf'<option value="{value}"\s+selected', page.text)
