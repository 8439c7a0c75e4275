"""Whether somebody could take part, without an account and by the rules that judge applications."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from mobility.applications.models import Application
from mobility.calls.enums import PartRole
from mobility.calls.lump_sum import lump_sum
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.organisations.enums import OrganisationType
from mobility.organisations.models import Organisation
from mobility.public.eligibility import Answers, answer
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
VISITS = {
    "check": "1",
    "part": "visitor",
    "country": "BE",
    "type": "sme",
    "is_member": "y",
    "has_profile": "y",
    "staff": "12",
    "turnover": "2",
    "host_country": "PT",
    "days": "5",
}


@pytest.fixture
def call() -> Call:
    return make_call()


def said(**changes: object) -> Answers:
    """A Belgian SME that may visit, but for the changes."""
    usual: dict[str, object] = {
        "part": PartRole.VISITOR,
        "type": OrganisationType.SME,
        "country": "BE",
        "is_member": True,
        "has_profile": True,
        "staff": 12,
        "turnover_cents": 2_000_000_00,
        "host_country": "PT",
        "days": 5,
    }
    return Answers(**(usual | changes))  # type: ignore[arg-type]


def against(call: Call, **changes: object) -> list[str]:
    """The codes of the rules that stand against it."""
    return [found.code for found in answer(call, said(**changes)).findings if found.passed is False]


def test_who_meets_every_rule_may_visit_and_learns_the_amount(call: Call) -> None:
    found = answer(call, said())
    expected = lump_sum(
        call, country="PT", starts_on=max(call.first_day, clock.today()), days=5, km=call.half_below_km
    )
    assert found.passed is True
    assert found.amount is not None
    assert found.amount.cents == expected.cents > 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"country": "NO"}, "country"),
        ({"type": OrganisationType.LARGE}, "type"),
        ({"staff": 250}, "sme"),
        ({"turnover_cents": 60_000_000_00, "balance_cents": 44_000_000_00}, "sme"),
        ({"is_member": False}, "cluster"),
        ({"has_profile": False}, "profile"),
        ({"has_visited": True}, "first-visit"),
        ({"host_country": "BE"}, "other-country"),
        ({"host_country": "CH"}, "other-country"),
        ({"days": 2}, "min-length"),
        ({"days": 24}, "max-length"),
        ({"is_third_country": True, "residence_days": 182, "has_business": True}, "third-country"),
        ({"is_third_country": True, "residence_days": 183, "has_business": False}, "third-country"),
        ({"is_third_country": True}, "third-country"),
    ],
)
def test_each_rule_that_is_not_met_is_told(call: Call, changes: dict[str, object], code: str) -> None:
    found = answer(call, said(**changes))
    assert found.passed is False
    assert code in against(call, **changes)
    assert found.amount is None


@pytest.mark.parametrize(
    "changes",
    [
        {"staff": None},
        {"turnover_cents": None, "balance_cents": None},
        {"is_third_country": True, "residence_days": 183, "has_business": True},
    ],
)
def test_what_papers_must_show_is_a_yes_with_proof(call: Call, changes: dict[str, object]) -> None:
    assert answer(call, said(**changes)).passed is None


def test_a_large_company_may_host_and_receives_nothing(call: Call) -> None:
    found = answer(call, said(part=PartRole.HOST, type=OrganisationType.LARGE, has_visited=True))
    assert found.passed is True
    assert found.amount is None


def test_a_near_host_and_a_short_stay_bring_half_once(call: Call) -> None:
    stays: tuple[dict[str, object], ...] = (
        {},
        {"is_near": True},
        {"days": 3},
        {"is_near": True, "days": 3},
    )
    amounts = [answer(call, said(**changes)).amount for changes in stays]
    full, *halves = [amount.cents for amount in amounts if amount]
    assert halves == [full // 2] * 3


def test_the_verdict_is_that_of_a_real_application(call: Call) -> None:
    application = make_application(call=call)
    shown = {found.code: found.passed for found in answer(call, said()).findings}
    stored = {found["code"]: found["passed"] for found in application.findings}
    assert {code: stored[code] for code in shown if code in stored} == shown
    assert len(shown.keys() & stored.keys()) > 6


def test_a_call_that_is_over_is_told(call: Call) -> None:
    clock.move(call.closes_at + timedelta(days=1))
    assert "call-open" in against(call)


def test_the_page_asks_and_then_answers(call: Call, client: Visitor) -> None:
    empty = client.get("/eligibility")
    assert empty.status_code == 200
    assert "Answer what you know" in empty.text
    page = client.get(f"/eligibility?{urlencode(VISITS)}")
    assert page.status_code == 200
    assert "Yes, you can visit." in page.text
    assert 'data-figure="eligibility_amount"' in page.text
    assert "session" not in page.headers.get("Set-Cookie", "")


def test_a_link_may_fill_in_a_part_without_a_verdict(call: Call, client: Visitor) -> None:
    page = client.get("/eligibility?country=IT&type=cluster")
    assert page.status_code == 200
    assert re.search(r'<option selected value="IT"', page.text)
    assert "There is a problem" not in page.text


@pytest.mark.parametrize(
    "changes", [{"country": ""}, {"country": "XX"}, {"type": "choir"}, {"part": "both"}, {"days": "many"}]
)
def test_an_answer_that_cannot_be_read_is_told_beside_its_field(
    call: Call, client: Visitor, changes: dict[str, str]
) -> None:
    page = client.get(f"/eligibility?{urlencode(VISITS | changes)}")
    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert "Yes, you can visit." not in page.text


def test_nothing_is_stored(call: Call, client: Visitor) -> None:
    client.get(f"/eligibility?{urlencode(VISITS)}")
    db.session.expire_all()
    for kind in (Application, Organisation):
        assert db.session.scalar(select(func.count()).select_from(kind)) == 0


def test_without_a_call_the_page_says_why_it_cannot_tell(client: Visitor) -> None:
    page = client.get(f"/eligibility?{urlencode(VISITS)}")
    assert page.status_code == 200
    assert "No call yet" in page.text


def test_the_page_takes_few_statements(call: Call, client: Visitor) -> None:
    assert statements_of(client, f"/eligibility?{urlencode(VISITS)}") <= 12
