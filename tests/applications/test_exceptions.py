"""Exceptions from rules: asked by an officer, answered by somebody else, and what they let pass."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.admin.counts import counts
from mobility.applications import exceptions, services
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application, RuleException
from mobility.audit.queries import entries_about
from mobility.catalogue.rules import rules_against
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.enums import ExceptionStatus
from mobility.hosts.models import Offer
from mobility.organisations.enums import OrganisationType
from mobility.organisations.queries import members_of
from mobility.rounds.entering import standing
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application, make_change_request
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import SEVILLA, make_host, make_visitor
from tests.pages import queries_for
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]
WHY, BECAUSE = "Its cluster sets up its profile this month.", "The agency approved it on 3 May."


@pytest.fixture
def application() -> Application:
    """A submitted application of a firm whose cluster has no profile."""
    call = make_call()
    partnership = make_allotment(call).partnership
    organisation = make_organisation(cluster_has_profile=False, member=make_user(Role.APPLICANT))
    made = make_application(
        call=call, partnership=partnership, organisation=organisation, status=Status.SUBMITTED
    )
    db.session.commit()
    return made


@pytest.fixture
def officer(application: Application) -> User:
    """An officer of its partnership."""
    return make_user(Role.PARTNERSHIP_OFFICER, partnership=application.partnership)


@pytest.fixture
def support() -> User:
    """Somebody of the support office."""
    return make_user(Role.SUPPORT_OFFICER)


def against(application: Application) -> list[str]:
    return [found["code"] for found in application.findings if found["passed"] is False]


def test_a_granted_exception_lets_the_rule_pass_with_who_when_and_why(
    application: Application, officer: User, support: User
) -> None:
    assert against(application) == ["profile"]
    asked = exceptions.ask(application, "profile", WHY, actor=officer)
    with pytest.raises(RuleBroken, match="findings-fail"):
        services.assess(application, accepted=True, actor=officer)

    exceptions.answer(asked, granted=True, reason=BECAUSE, actor=support)

    assert against(application) == []
    [waived] = [one for one in application.findings if one["code"] == "profile"]
    assert waived["passed"] is True
    assert (waived["values"]["waived"]["by"], waived["values"]["waived"]["why"]) == (support.name, BECAUSE)
    services.assess(application, accepted=True, actor=officer)
    assert application.status is Status.ACCEPTED
    assert against(application) == []
    assert standing(application.call) == [(application, None)]
    assert [one.verb for one in entries_about(application)][2:4] == ["exception.asked", "exception.granted"]


def test_a_refused_exception_changes_nothing_and_may_be_asked_again(
    application: Application, officer: User, support: User
) -> None:
    asked = exceptions.ask(application, "profile", WHY, actor=officer)

    exceptions.answer(asked, granted=False, reason="Not in time.", actor=support)

    assert against(application) == ["profile"]
    with pytest.raises(RuleBroken, match="wrong-state"):
        exceptions.answer(asked, granted=True, reason=BECAUSE, actor=support)
    assert exceptions.ask(application, "profile", WHY, actor=officer).status is ExceptionStatus.ASKED
    with pytest.raises(RuleBroken, match="asked-already"):
        exceptions.ask(application, "profile", WHY, actor=officer)


def test_nobody_answers_what_they_asked_for_not_even_in_the_database(
    application: Application, support: User
) -> None:
    asked = exceptions.ask(application, "profile", WHY, actor=support)

    with pytest.raises(RuleBroken, match="same-person"):
        exceptions.answer(asked, granted=True, reason=BECAUSE, actor=support)
    alone = {"status": ExceptionStatus.GRANTED, "decided_by_id": support.id, "decided_at": asked.asked_at}
    with pytest.raises(IntegrityError, match="four_eyes"), db.session.begin_nested():
        db.session.execute(update(RuleException).values(**alone))


@pytest.mark.parametrize("rule", ["first-visit", "sme", "min-length", "country", "language", "no-such"])
def test_no_exception_is_made_from_what_is_met_or_holds_for_everybody(
    application: Application, officer: User, rule: str
) -> None:
    # Two of them are not met, and hold for everybody; that of a shared language is met.
    application.organisation.staff, application.min_days = 900, 1
    db.session.commit()

    with pytest.raises(RuleBroken, match="not-waivable"):
        exceptions.ask(application, rule, WHY, actor=officer)


def test_an_exception_holds_only_for_what_was_asked(
    application: Application, officer: User, support: User
) -> None:
    asked = exceptions.ask(application, "profile", WHY, actor=officer)
    exceptions.answer(asked, granted=True, reason=BECAUSE, actor=support)
    db.session.commit()

    application.organisation.cluster_name = "Another cluster"

    assert "profile" in [one.code for one in services.findings_of(application) if one.passed is False]


def test_an_exception_is_neither_asked_nor_granted_once_it_is_decided(
    application: Application, officer: User, support: User
) -> None:
    asked = exceptions.ask(application, "profile", WHY, actor=officer)
    services.assess(application, accepted=False, reason="No.", actor=officer)

    with pytest.raises(RuleBroken, match="wrong-state"):
        exceptions.answer(asked, granted=True, reason=BECAUSE, actor=support)
    with pytest.raises(RuleBroken, match="wrong-state"):
        exceptions.ask(application, "type", WHY, actor=officer)


def test_an_exception_outlives_changes_that_do_not_touch_it(
    application: Application, officer: User, support: User
) -> None:
    asked = exceptions.ask(application, "profile", WHY, actor=officer)
    make_change_request(application)
    exceptions.answer(asked, granted=True, reason=BECAUSE, actor=support)

    services.submit(application, actor=None)

    assert against(application) == []


def test_an_officer_asks_and_the_support_office_answers_by_page(
    new_client: NewClient, application: Application, officer: User, support: User
) -> None:
    address = f"/applications/{application.reference}"
    asking, answering, applicant = new_client(), new_client(), new_client()
    sign_in(asking, officer)
    sign_in(answering, support)
    sign_in(applicant, members_of(application.organisation)[0].user)
    before = queries_for(asking, address)

    sent = {"version": application.version, "rule": "profile", "reason": WHY}
    assert "Ask for an exception…" in asking.get(address).text
    assert asking.submit(f"{address}/exception", sent).status_code == 302
    assert WHY in asking.get(address).text
    assert asking.get(f"{address}/exception/profile").status_code == 403
    assert "Waits for your answer" in answering.get("/applications?exception=asked").text
    assert counts(support)["exceptions"][0] == 1
    assert WHY not in applicant.get(address).text
    given = {"version": 1, "decision": "grant", "reason": BECAUSE}
    assert answering.submit(f"{address}/exception/profile", given).status_code == 302
    assert "exceptions" not in counts(support)

    for client in (asking, answering, applicant):
        page = client.get(address).text
        assert BECAUSE in page
        assert "Exception granted by" in page
        assert "13 met, 1 exception" in page
    assert queries_for(asking, address) <= max(before, 12)
    assert answering.get(f"{address}/exception/profile").status_code == 404


def test_an_officer_of_another_partnership_neither_sees_nor_asks(
    new_client: NewClient, application: Application
) -> None:
    stranger = new_client()
    sign_in(stranger, make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership()))

    assert stranger.get(f"/applications/{application.reference}/exception").status_code == 404


@pytest.mark.parametrize("rule", ["type", "language"])
def test_who_is_accepted_by_an_exception_meets_hosts_like_all_others(
    officer: User, support: User, rule: str
) -> None:
    call = make_call()
    wished, other = make_host(call), make_host(call)
    visitor: dict[str, Any] = {
        "organisation": make_organisation(**SEVILLA | {"type": OrganisationType.LARGE})
    }
    if rule == "language":
        visitor = {"wishes": {wished: 1}, "languages": {"fi": "C2"}}
    applied = make_visitor(call, status=Status.SUBMITTED, **visitor)
    first_day = call.first_day

    def apart(offer: Offer) -> list[str]:
        return [*rules_against(applied, offer, call=call, has_visited=False, first_day=first_day)]

    assert (against(applied), apart(wished)) == ([rule], [rule])
    asked = exceptions.ask(applied, rule, WHY, actor=officer)
    exceptions.answer(asked, granted=True, reason=BECAUSE, actor=support)

    assert (against(applied), apart(wished)) == ([], [])
    # An interpreter comes to the host that was named.
    assert apart(other) == (["language"] if rule == "language" else [])
