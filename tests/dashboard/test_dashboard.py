"""The dashboard of staff: the figures of a call, and who sees which."""

import re
from collections.abc import Callable

import pytest

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.dashboard.funnel import LABELS
from mobility.dashboard.queries import _goal, figures
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.rounds.models import Proposal
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.exchanges import make_ended_exchange
from tests.make.partnerships import make_partnership
from tests.make.payments import make_order
from tests.make.rounds import make_proposal
from tests.make.surveys import make_answer, make_invitation
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
FUNNEL = tuple(LABELS)


def values(call: Call, scope: frozenset[int] | None = None) -> dict[str, float]:
    """Key → value of every figure."""
    return {one.key: one.value for group in figures(call, scope) for one in group.figures}


def funnel(call: Call, scope: frozenset[int] | None = None) -> list[float]:
    """The numbers of the funnel, from begun to surveyed."""
    found = values(call, scope)
    return [found[f"funnel_{stage}"] for stage in FUNNEL]


def agreed() -> Proposal:
    """A proposal that both sides accepted."""
    proposal = make_proposal()
    for side in Side:
        exchanges.accept(proposal, side, actor=None)
    return proposal


def test_the_figures_follow_an_application_to_its_exchange() -> None:
    proposal = agreed()

    found = values(proposal.application.call)

    assert found["applications_matched"] == found["proposals_accepted"] == found["exchanges_agreed"] == 1
    assert found["committed_cents"] == proposal.lump_sum_cents
    assert found["matched_share_percent"] == 100.0
    assert funnel(proposal.application.call)[:7] == [1, 1, 1, 1, 1, 1, 0]


def test_the_funnel_of_a_call_without_applications_is_empty() -> None:
    assert funnel(make_call()) == [0] * len(FUNNEL)


def test_the_funnel_narrows_from_begun_to_surveyed() -> None:
    call = make_call()
    make_application(call=call, status=ApplicationStatus.DRAFT)
    make_application(call=call, status=ApplicationStatus.SUBMITTED)
    make_application(call=call, status=ApplicationStatus.ACCEPTED)
    exchange = make_ended_exchange(call=call)
    make_answer(make_invitation(exchange=exchange)[0])

    found = dict(zip(FUNNEL, funnel(call), strict=True))

    assert (found["started"], found["submitted"], found["accepted"]) == (4, 3, 2)
    assert (found["agreed"], found["confirmed"], found["travelled"], found["surveyed"]) == (1, 1, 1, 1)
    assert (found["reported"], found["paid"]) == (0, 0)


def test_no_share_of_the_funnel_is_above_the_whole(client: Visitor) -> None:
    call = make_call()
    for _ in range(3):
        make_application(call=call, status=ApplicationStatus.DRAFT)
    make_application(call=call, status=ApplicationStatus.SUBMITTED)
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    db.session.commit()

    page = client.get(f"/dashboard?call={call.reference}").text

    assert 'data-figure="funnel_started" data-value="4"' in page
    assert "400%" not in page
    assert "100%" in page


def test_a_partnership_sees_only_its_own_figures() -> None:
    proposal = agreed()
    own, other = frozenset({proposal.application.partnership_id}), frozenset({0})

    assert values(proposal.application.call, own)["applications_total"] == 1
    assert funnel(proposal.application.call, own)[0] == 1
    for scope in (other, frozenset[int]()):
        found = values(proposal.application.call, scope)
        assert found["applications_total"] == found["budget_cents"] == found["exchanges_total"] == 0
        assert funnel(proposal.application.call, scope) == [0] * len(FUNNEL)


def test_the_money_of_a_call_adds_up_to_its_budget() -> None:
    proposal = agreed()

    found = values(proposal.application.call)

    parts = ("committed_cents", "due_cents", "in_transfer_cents", "paid_cents", "free_cents")
    assert sum(found[part] for part in parts) == found["budget_cents"]


def test_an_order_is_counted_with_its_amount() -> None:
    order = make_order()

    found = values(order.call)

    assert found["payment_orders"] == found["orders_due"] == 1
    assert found["payments_ordered_cents"] == order.amount_cents


def test_every_figure_stands_on_the_page_as_it_is_counted(client: Visitor) -> None:
    proposal = agreed()
    user = make_user(Role.SUPPORT_OFFICER)
    db.session.commit()
    sign_in(client, user)

    page = client.get(f"/dashboard?call={proposal.application.call.reference}").text

    expected = values(proposal.application.call)
    # The sum of what the table of money shows.
    del expected["payments_ordered_cents"]
    shown = re.findall(r'data-figure="([a-z_0-9]+)"\s+data-value="([0-9.-]+)"', page)
    assert {key: float(value) for key, value in shown} == expected
    assert len(shown) == page.count("data-figure=") == len(expected)


def test_an_officer_sees_the_money_of_the_own_partnership_only(client: Visitor) -> None:
    call = make_call()
    mine, other = make_partnership(name="Our own partnership"), make_partnership(name="Somebody else")
    make_allotment(call, mine)
    make_allotment(call, other)
    user = make_user(Role.PARTNERSHIP_OFFICER, partnership=mine)
    db.session.commit()
    sign_in(client, user)

    page = client.get(f"/dashboard?call={call.reference}").text

    assert "Our own partnership" in page
    assert "Somebody else" not in page


def test_an_officer_finds_what_is_to_be_assessed_in_the_own_partnership_only(
    new_client: Callable[[], Visitor],
) -> None:
    application = make_application(status=ApplicationStatus.SUBMITTED)
    own = make_user(Role.PARTNERSHIP_OFFICER, partnership=application.partnership)
    other = make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership())
    db.session.commit()
    pages = []
    for officer in (own, other):
        client = new_client()
        sign_in(client, officer)
        pages.append(client.get("/work").text)

    assert ["Assess 1 application" in page for page in pages] == [True, False]


def test_a_dashboard_without_a_call_says_so(client: Visitor) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    assert "No call yet" in client.get("/dashboard").text


def test_the_page_takes_as_many_statements_for_many_records(client: Visitor) -> None:
    call = make_call()
    make_ended_exchange(call=call)
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    path = f"/dashboard?call={call.reference}"
    few = statements_of(client, path)
    for _ in range(5):
        make_ended_exchange(call=call)
        make_application(call=call, status=ApplicationStatus.SUBMITTED)
    assert statements_of(client, path) == few


def test_the_page_opens_on_the_open_call_with_most_applications(client: Visitor) -> None:
    closed, large, small = make_call(title="Over"), make_call(title="Large"), make_call(title="Small")
    for call, number in ((closed, 3), (large, 2), (small, 1)):
        for _ in range(number):
            make_application(call=call)
    closed.status = CallStatus.CLOSED
    db.session.commit()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    page = client.get("/dashboard").text

    assert "<h1>Dashboard</h1>" in page
    assert re.findall(r">(Over|Large|Small)</a>", page) == ["Large", "Small", "Over"]
    assert 'aria-current="page">Large<' in page


def test_goals_are_named_in_words() -> None:
    found = [str(figure.label) for figure in _goal({"name": "score", "value": 1200.0, "gap": 0.0057})]
    assert found == ["Points of the pairs", "Points of the pairs: gap to the proven bound"]
