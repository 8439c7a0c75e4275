"""What happens to an application."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.applications import queries, services
from mobility.applications.draft import WishDraft
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application, Wish
from mobility.audit.queries import entries_about
from mobility.calls.services import close
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.mail.queries import letters_about
from tests.make.accounts import make_user
from tests.make.applications import application_content, make_application
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def test_a_draft_gets_a_reference_and_an_entry_in_the_log() -> None:
    author = make_user()

    application = make_application(status=Status.DRAFT, author=author)

    assert application.reference.startswith("APP-")
    (entry,) = entries_about(application)
    assert (entry.verb, entry.actor_id) == ("application.drafted", author.id)


def test_an_organisation_has_one_live_application_in_a_call(session: Db) -> None:
    first = make_application()

    with pytest.raises(RuleBroken, match="already-applied") as refused:
        make_application(call=first.call, organisation=first.organisation)

    assert refused.value.values["reference"] == first.reference
    assert session.scalar(select(func.count()).select_from(Application)) == 1


@pytest.mark.parametrize("gone", [Status.WITHDRAWN, Status.REJECTED])
def test_after_a_withdrawal_or_rejection_an_organisation_may_apply_again(gone: Status) -> None:
    first = make_application(status=gone)

    second = make_application(call=first.call, organisation=first.organisation)

    assert second.status is Status.ACCEPTED


def test_the_partnership_is_found_anew_when_the_topics_are_known() -> None:
    call = make_call()
    near = make_allotment(call, make_partnership(ecosystems=("health",), country="BE")).partnership
    wind = make_allotment(call, make_partnership(ecosystems=("renewables",), country="DE")).partnership
    content = application_content(call)
    application = services.draft(call, make_organisation(), replace(content, ecosystems=()), actor=None)
    assert application.partnership is near

    services.revise(application, content, actor=None)
    services.submit(application, actor=None)

    assert application.partnership is wind


def test_wishes_can_change_places() -> None:
    call = make_call()
    first, second = make_offer(call=call), make_offer(call=call)
    content = application_content(call)
    wishes = (WishDraft(first.id, 1), WishDraft(second.id, 2))
    application = make_application(call=call, status=Status.DRAFT, wishes=wishes)

    turned = replace(content, wishes=(WishDraft(second.id, 1), WishDraft(first.id, None)))
    services.revise(application, turned, actor=None)

    assert [(wish.offer_id, wish.rank) for wish in application.wishes] == [(second.id, 1), (first.id, None)]


def test_an_offer_of_another_call_cannot_be_wished_for(session: Db) -> None:
    elsewhere = make_offer()
    application = make_application(status=Status.DRAFT)
    content = replace(application_content(application.call), wishes=(WishDraft(elsewhere.id, 1),))

    with pytest.raises(RuleBroken, match="unknown-offer"):
        services.revise(application, content, actor=None)

    assert session.scalar(select(func.count()).select_from(Wish)) == 0


def test_changing_only_the_windows_moves_the_version() -> None:
    application = make_application(status=Status.DRAFT)
    before, content = application.version, application_content(application.call)
    day = application.call.first_day

    services.revise(application, replace(content, windows=((day, day),)), actor=None, version=before)
    queries.live_application(application.call, application.organisation)

    assert application.version > before


def test_a_revision_of_an_older_version_is_refused() -> None:
    application = make_application(status=Status.DRAFT)
    content = replace(application_content(application.call), motivation="Late")

    with pytest.raises(RuleBroken, match="stale"):
        services.revise(application, content, actor=None, version=application.version - 1)

    assert application.motivation != "Late"


def test_a_submitted_application_cannot_be_revised() -> None:
    application = make_application(status=Status.SUBMITTED)

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.revise(
            application, replace(application_content(application.call), motivation="Late"), actor=None
        )

    assert application.motivation != "Late"


def test_submitting_stores_the_findings_and_writes_the_receipt() -> None:
    application = make_application(status=Status.SUBMITTED)

    (letter,) = letters_about(application)
    assert letter.kind == "applications.received"
    assert letter.to_email == application.person_email
    assert application.reference in letter.subject
    assert application.reference in letter.body
    assert {finding["passed"] for finding in application.findings} == {True}


def test_the_receipt_names_the_rules_that_are_not_met() -> None:
    large = make_organisation(staff=250)

    application = make_application(status=Status.SUBMITTED, organisation=large)

    assert "Small or medium-sized: Above the limits" in letters_about(application)[0].body


@pytest.mark.parametrize(
    ("gap", "code"),
    [
        ({"motivation": ""}, "not-complete"),
        ({"windows": ()}, "not-complete"),
        ({"consent_version": ""}, "no-consent"),
    ],
)
def test_an_application_with_a_gap_is_not_submitted(gap: dict[str, Any], code: str) -> None:
    application = make_application(status=Status.DRAFT, **gap)

    with pytest.raises(RuleBroken, match=code):
        services.submit(application, actor=None)

    assert application.status is Status.DRAFT
    assert letters_about(application) == []


@pytest.mark.parametrize(("seconds_late", "is_taken"), [(119, True), (121, False)])
def test_the_grace_of_the_call_is_the_last_moment(seconds_late: int, is_taken: bool) -> None:
    application = make_application(status=Status.DRAFT)
    application.call.closes_at = clock.utcnow() - timedelta(seconds=seconds_late)

    if is_taken:
        services.submit(application, actor=None)
    else:
        with pytest.raises(RuleBroken, match="call-closed"):
            services.submit(application, actor=None)

    assert (application.status is Status.SUBMITTED) is is_taken


def test_an_application_that_fails_a_rule_is_not_accepted() -> None:
    application = make_application(status=Status.SUBMITTED, organisation=make_organisation(cluster_name=""))

    with pytest.raises(RuleBroken, match="findings-fail") as refused:
        services.assess(application, accepted=True, actor=None)

    assert refused.value.values["codes"] == ["cluster", "profile"]
    assert application.status is Status.SUBMITTED
    assert [letter.kind for letter in letters_about(application)] == ["applications.received"]


def test_what_needs_proof_may_be_accepted() -> None:
    application = make_application(is_third_country=True, residence_days=200, has_business=True)

    assert application.status is Status.ACCEPTED


def test_an_application_is_accepted_after_its_call_has_closed() -> None:
    application = make_application(status=Status.SUBMITTED)
    application.call.closes_at = application.call.opens_at + timedelta(days=365)

    services.assess(application, accepted=True, actor=None)

    assert application.status is Status.ACCEPTED
    assert letters_about(application)[0].kind == "applications.accepted"


def test_an_organisation_that_visited_meanwhile_is_not_accepted() -> None:
    waiting = make_application(status=Status.SUBMITTED)
    make_application(organisation=waiting.organisation, status=Status.MATCHED)

    with pytest.raises(RuleBroken, match="findings-fail") as refused:
        services.assess(waiting, accepted=True, actor=None)

    assert refused.value.values["codes"] == ["first-visit"]
    assert waiting.status is Status.SUBMITTED


def test_a_rejection_needs_a_reason_and_writes_it() -> None:
    application = make_application(status=Status.SUBMITTED)

    with pytest.raises(RuleBroken, match="reason-needed"):
        services.assess(application, accepted=False, reason=" ", actor=None)
    services.assess(application, accepted=False, reason="Not in our topics.", actor=None)

    assert application.status is Status.REJECTED
    assert "Not in our topics." in letters_about(application)[0].body


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.ACCEPTED])
def test_an_application_without_a_host_can_be_withdrawn(status: Status) -> None:
    application = make_application(status=status)

    services.withdraw(application, actor=None)

    assert application.status is Status.WITHDRAWN


@pytest.mark.parametrize("status", [Status.MATCHED, Status.REJECTED, Status.WITHDRAWN])
def test_an_application_that_has_gone_on_cannot_be_withdrawn(status: Status) -> None:
    application = make_application(status=status)

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.withdraw(application, actor=None)

    assert application.status is status


def test_matching_counts_as_the_visit_until_it_falls_through() -> None:
    application = make_application()

    services.mark_matched(application, actor=None)
    assert queries.has_visited(application.organisation)
    services.mark_free(application, actor=None)

    assert not queries.has_visited(application.organisation)
    assert application.status is Status.ACCEPTED


def test_a_submitted_application_goes_to_another_partnership_of_the_call() -> None:
    application = make_application(status=Status.SUBMITTED)
    other = make_allotment(application.call).partnership

    services.assign(application, other, "Health is theirs.", actor=None)

    assert application.partnership is other
    values = entries_about(application)[-1].values
    assert (values["after"], values["reason"]) == (other.code, "Health is theirs.")


def test_an_application_is_given_away_with_a_reason_only() -> None:
    application = make_application(status=Status.SUBMITTED)
    before, other = application.partnership, make_allotment(application.call).partnership

    with pytest.raises(RuleBroken, match="reason-needed"):
        services.assign(application, other, " ", actor=None)

    assert application.partnership is before


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ACCEPTED, Status.WITHDRAWN])
def test_only_what_waits_for_its_decision_is_given_away(status: Status) -> None:
    application = make_application(status=status)
    before, other = application.partnership, make_allotment(application.call).partnership

    with pytest.raises(RuleBroken, match="wrong-state"):
        services.assign(application, other, "Health is theirs.", actor=None)

    assert application.partnership is before


def test_a_partnership_outside_the_call_gets_no_application() -> None:
    application = make_application(status=Status.SUBMITTED)
    before = application.partnership

    with pytest.raises(RuleBroken, match="not-in-call"):
        services.assign(application, make_partnership(), "Not near.", actor=None)

    assert application.partnership is before


def test_findings_of_what_is_typed_store_nothing(session: Db) -> None:
    call = make_call()
    offer = make_offer(call=call)
    application = make_application(call=call, status=Status.DRAFT)
    typed = replace(application_content(call), motivation="New", wishes=(WishDraft(offer.id, 1),))

    seen, findings = services.findings_of_typed(application, typed)
    session.flush()

    assert {finding.passed for finding in findings} == {True}
    assert seen.motivation == "New"
    assert application.motivation != "New"
    assert session.scalar(select(func.count()).select_from(Wish)) == 0
    assert session.scalar(select(func.count()).select_from(Application)) == 1


def test_an_application_handed_in_in_time_is_accepted_after_its_call_was_closed() -> None:
    application = make_application(status=Status.SUBMITTED)
    close(application.call, actor=None)

    services.assess(application, accepted=True, actor=None)

    assert application.status is Status.ACCEPTED


def test_a_call_closed_early_takes_no_more() -> None:
    application = make_application(status=Status.DRAFT)
    close(application.call, actor=None)

    with pytest.raises(RuleBroken, match="call-closed"):
        services.submit(application, actor=None)

    assert application.status is Status.DRAFT
