"""The dashboard: what waits, where one stands, the figures of a call."""

from collections.abc import Callable

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.dashboard.queries import figures
from mobility.dashboard.steps import steps_of
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.rounds.models import Proposal
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.partnerships import make_partnership
from tests.make.rounds import make_proposal
from tests.visitor import Visitor


def values(call: Call, scope: frozenset[int] | None = None) -> dict[str, float]:
    """Key → value of every figure."""
    return {one.key: one.value for group in figures(call, scope) for one in group.figures}


def agreed() -> Proposal:
    """A proposal that both sides accepted."""
    proposal = make_proposal()
    for side in Side:
        exchanges.accept(proposal, side, actor=None)
    return proposal


def test_the_figures_follow_an_application_to_its_exchange(session: None) -> None:
    proposal = agreed()

    found = values(proposal.application.call)

    assert found["applications_matched"] == found["proposals_accepted"] == found["exchanges_confirmed"] == 1
    assert found["committed_cents"] == proposal.lump_sum_cents
    assert found["matched_share_percent"] == 100.0


def test_a_partnership_sees_only_its_own_figures(session: None) -> None:
    proposal = agreed()
    own, other = frozenset({proposal.application.partnership_id}), frozenset({0})

    assert values(proposal.application.call, own)["applications_total"] == 1
    assert values(proposal.application.call, other)["applications_total"] == 0
    assert values(proposal.application.call, other)["budget_cents"] == 0


def test_every_figure_stands_on_the_page_as_it_is_counted(session: None, client: Visitor) -> None:
    proposal = agreed()
    user = make_user(Role.SUPPORT_OFFICER)
    db.session.commit()
    sign_in(client, user)

    page = client.get(f"/dashboard?call={proposal.application.call.reference}").text

    for key, value in values(proposal.application.call).items():
        assert f'data-figure="{key}" data-value="{value}"' in page


def test_the_line_of_steps_says_what_is_done_and_what_is_now(session: None) -> None:
    proposal = make_proposal()

    assert [step.state for step in steps_of(proposal.application)] == ["done"] * 3 + ["now"] + ["to-come"] * 3


def test_a_visitor_finds_the_open_proposal_among_the_tasks(session: None, client: Visitor) -> None:
    proposal = make_proposal()
    visitor = make_user(Role.APPLICANT, email=proposal.application.person_email)
    db.session.commit()
    sign_in(client, visitor)

    page = client.get("/dashboard").text

    assert f"/exchanges/proposals/{proposal.reference}" in page
    assert "applications_total" not in page


def test_an_officer_finds_what_is_to_be_assessed_in_the_own_partnership_only(
    session: None, new_client: Callable[[], Visitor]
) -> None:
    application = make_application(status=ApplicationStatus.SUBMITTED)
    own = make_user(Role.PARTNERSHIP_OFFICER, partnership=application.partnership)
    other = make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership())
    db.session.commit()
    pages = []
    for officer in (own, other):
        client = new_client()
        sign_in(client, officer)
        pages.append(client.get("/dashboard").text)

    assert ["Assess 1 application" in page for page in pages] == [True, False]
