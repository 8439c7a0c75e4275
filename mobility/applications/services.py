"""What happens to an application."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from mobility.applications import changes, cvs, letters, queries, release, rules, typed
from mobility.applications.columns import content_of
from mobility.applications.draft import ApplicationDraft
from mobility.applications.enums import EDITABLE, LIFECYCLE, TO_ASSESS, ApplicationStatus
from mobility.applications.models import Application, RuleException
from mobility.applications.rows import fill
from mobility.applications.versions import changed_in
from mobility.audit.services import record
from mobility.calls.findings import Finding
from mobility.calls.models import Call, CallQuestion
from mobility.calls.queries import load_partnerships
from mobility.calls.services import holds_decisions
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.references import next_reference
from mobility.core.states import expect_version, given_text, lock_unchanged
from mobility.core.together import lock
from mobility.hosts.models import Offer
from mobility.hosts.rules import failed, waived
from mobility.hosts.rules import nearest_partnership as nearest
from mobility.hosts.services import nearest_partnership, refuse_closed_call, refuse_judgement
from mobility.mail.services import take_back, write
from mobility.organisations.models import Organisation
from mobility.organisations.services import hold
from mobility.partnerships.models import Partnership


@dataclass(frozen=True)
class Known:
    """What the verbs ask for each of many applications, asked once for all."""

    # References of live applications, by organisation.
    live: Mapping[int, str]
    # Organisations that have had their visit.
    visited: Collection[int]
    # Of the call, by key.
    offers: Mapping[int, Offer]
    # Exceptions granted in it, by application.
    granted: Mapping[int, Sequence[RuleException]]


def known_of(call: Call, organisation_ids: Collection[int], offers: Mapping[int, Offer]) -> Known:
    """Lock these organisations and ask about them; `offers` are those of the call, by key."""
    live = _live_references(call, organisation_ids)
    return Known(live, queries.visitors_among(organisation_ids), offers, queries.granted_in(call))


def draft(
    call: Call,
    organisation: Organisation,
    content: ApplicationDraft,
    *,
    actor: Actor | None,
    partnership: Partnership | None = None,
    import_key: str | None = None,
    known: Known | None = None,
) -> Application:
    """Begin an application; without a partnership, the nearest by topic and country looks after it.

    Raises `RuleBroken("already-applied")` while the organisation has a live application in the call.
    """
    _refuse_second(call, organisation, known)
    application = Application(
        reference=next_reference("APP"),
        call=call,
        organisation=organisation,
        partnership=partnership or nearest_partnership(call, organisation, content.ecosystems),
        author_id=actor.id if actor and import_key is None else None,
        import_key=import_key,
        status=ApplicationStatus.DRAFT,
        created_at=clock.utcnow(),
        findings=[],
    )
    fill(application, content, known.offers if known else None)
    db.session.add(application)
    record("application.drafted", application, actor=actor)
    return application


def revise(
    application: Application, content: ApplicationDraft, *, actor: Actor | None, version: int | None = None
) -> None:
    """Change the content of a draft; with a version, only if nobody changed it since.

    Where changes were asked for, only the sections asked for are changed.
    """
    lock(application)
    if version is not None:
        expect_version(application, version)
    if application.status not in EDITABLE:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    if application.status == ApplicationStatus.CHANGES_ASKED:
        asked = queries.open_request(application).sections
        content = changed_in(asked, content, content_of(application))
    _hold_questions(application.call, content)
    cvs.refuse_unknown(application, content.cv)
    fill(application, content)
    # Windows and wishes count as a change of the application, so that its version moves.
    flag_modified(application, "languages")
    record("application.revised", application, actor=actor)


def submit(application: Application, *, actor: Actor | None, known: Known | None = None) -> None:
    """Hand in a draft, or hand it in again with the changes that were asked for, also after the call has closed.

    Raises `RuleBroken`: "call-closed", "not-complete" with what is missing, "no-consent".
    """
    if application.status == ApplicationStatus.CHANGES_ASKED:
        _send_again(application, actor)
        return
    if application.status != ApplicationStatus.DRAFT:
        raise RuleBroken("wrong-state", state=application.status, to=ApplicationStatus.SUBMITTED)
    at = clock.utcnow()
    _refuse_late(application, at)
    _refuse_incomplete(application)
    application.partnership = partnership_for(application)
    found = [finding.as_dict() for finding in findings_of(application, at=at, known=known)]
    LIFECYCLE.move(application, to=ApplicationStatus.SUBMITTED, submitted_at=at, findings=found)
    typed.forget_all(application)
    record("application.submitted", application, actor=actor)
    write(letters.received(application))


def correct(
    application: Application, content: ApplicationDraft, *, actor: Actor | None, known: Known | None = None
) -> None:
    """Replace the content of a submitted application that comes again by import, and take its findings anew.

    Raises `RuleBroken`: "wrong-state" once it is decided, "not-complete", "no-consent".
    """
    lock(application)
    if application.standing != ApplicationStatus.SUBMITTED:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    fill(application, content, known.offers if known else None)
    _refuse_incomplete(application)
    application.findings = [finding.as_dict() for finding in findings_of(application, known=known)]
    # Windows and wishes count as a change of the application, so that its version moves.
    flag_modified(application, "languages")
    record("application.corrected", application, actor=actor)


def assess(
    application: Application,
    *,
    accepted: bool,
    reason: str = "",
    held_for: timedelta = timedelta(),
    actor: Actor | None,
) -> None:
    """Accept an application for the next round, or reject it with a reason; the letter may be held for a while.

    Where the call tells all applicants in one step, the decision is held until then, and may be made anew.
    Changes that were asked for and not sent by their day do not count: what was sent is decided on.
    Raises `RuleBroken("findings-fail")` for an acceptance that a rule forbids (what needs proof may be
    accepted), `RuleBroken("reason-needed")` for a rejection without a reason and `RuleBroken("changes-awaited")`.
    """
    decided = ApplicationStatus.ACCEPTED if accepted else ApplicationStatus.REJECTED
    is_held = holds_decisions(application.call)
    if application.status == ApplicationStatus.CHANGES_ASKED:
        changes.go_back_to_sent(application)
    elif application.status != ApplicationStatus.SUBMITTED:
        # A matched application may become accepted again, but only by its exchange.
        raise RuleBroken("wrong-state", state=application.status, to=decided)
    found = findings_of(application)
    refuse_judgement(failed(found), accepted=accepted, reason=reason)
    taken = [finding.as_dict() for finding in found]
    if is_held:
        release.hold(application, decided, reason.strip(), taken)
    else:
        decision = {"decided_at": clock.utcnow(), "decision_reason": reason.strip()}
        LIFECYCLE.move(application, to=decided, findings=taken, **release.NOT_HELD, **decision)
        write(letters.decided(application), held_for=held_for)
    verb = "application.accepted" if accepted else "application.rejected"
    record(verb, application, actor=actor, reason=reason.strip(), held=is_held)


def reopen(application: Application, *, actor: Actor) -> None:
    """Take a decision that is held, or an acceptance, back. Raises `RuleBroken("letter-left")` once it was told."""
    if holds_decisions(application.call) and application.held:
        release.hold(application, None, "", application.findings)
        record("application.reopened", application, actor=actor)
        return
    LIFECYCLE.move(application, to=ApplicationStatus.SUBMITTED, decided_at=None, decision_reason="")
    if not take_back("applications.accepted", application):
        raise RuleBroken("letter-left")
    record("application.reopened", application, actor=actor)


def take(application: Application, assessor_id: int | None, *, actor: Actor) -> None:
    """Say which officer assesses an application that waits, or that nobody does."""
    lock_unchanged(application)
    if application.standing not in TO_ASSESS:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    application.assessor_id = assessor_id
    record("application.taken", application, actor=actor, person=assessor_id)


def withdraw(application: Application, reason: str = "", *, actor: Actor | None) -> None:
    """Take an application back; the organisation may apply again. A reason stays in the log, its CV goes."""
    before = LIFECYCLE.move(application, to=ApplicationStatus.WITHDRAWN, cv=None, **release.NOT_HELD)
    changes.end(application, is_answered=False)
    typed.forget_all(application)
    record("application.withdrawn", application, actor=actor, before=before, reason=reason)


def assign(application: Application, partnership: Partnership, reason: str, *, actor: Actor | None) -> None:
    """Give an application that waits for its decision to another partnership of the call.

    Raises `RuleBroken`: "stale", "wrong-state", "reason-needed", "not-in-call".
    """
    reason = given_text(reason)
    lock_unchanged(application)
    if application.standing != ApplicationStatus.SUBMITTED:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    if partnership.id not in {allotment.partnership_id for allotment in application.call.allotments}:
        raise RuleBroken("not-in-call", partnership=partnership.code)
    before, application.partnership = application.partnership, partnership
    # Whoever had taken it may not see it any more.
    application.assessor_id = None
    record(
        "application.assigned",
        application,
        actor=actor,
        before=before.code,
        after=partnership.code,
        reason=reason,
    )


def mark_matched(application: Application, *, actor: Actor | None) -> None:
    """The applicant has a host; from now on this is the organisation's one visit."""
    LIFECYCLE.move(application, to=ApplicationStatus.MATCHED)
    record("application.matched", application, actor=actor)


def mark_free(application: Application, *, actor: Actor | None) -> None:
    """The exchange fell through before it began; the application may enter a round again."""
    LIFECYCLE.move(application, to=ApplicationStatus.ACCEPTED, used_at=clock.utcnow(), asked_at=None)
    record("application.freed", application, actor=actor)


def partnership_for(application: Application) -> Partnership:
    """Who gets a draft when it is sent as it stands: the nearest anew, if it was found before any topic was known."""
    if application.status != ApplicationStatus.DRAFT:
        return application.partnership
    call, organisation = application.call, application.organisation
    load_partnerships(call)
    if application.partnership is not nearest(call, organisation, ()):
        return application.partnership
    return nearest_partnership(call, organisation, application.ecosystems)


def findings_of(
    application: Application, *, at: datetime | None = None, known: Known | None = None
) -> list[Finding]:
    """The findings at the instant it was handed in; for a draft at the one given, or now."""
    at = application.submitted_at or at or clock.utcnow()
    if known is None:
        visited = queries.has_visited(application.organisation, but=application)
    else:
        visited = application.organisation.id in known.visited
    return waived(rules.findings(application, at=at, has_visited=visited), _exceptions_of(application, known))


def findings_of_typed(
    application: Application, content: ApplicationDraft
) -> tuple[Application, list[Finding]]:
    """What was typed, as an application that is never stored, and its findings."""
    as_typed = changes.with_answers(application, content)
    at = application.submitted_at or clock.utcnow()
    with db.session.no_autoflush:
        visited = queries.has_visited(application.organisation, but=application)
        found = rules.findings(as_typed, at=at, has_visited=visited)
        return as_typed, waived(found, _exceptions_of(application))


def _exceptions_of(application: Application, known: Known | None = None) -> Sequence[RuleException]:
    if application.status == ApplicationStatus.DRAFT:
        return ()
    if known is not None:
        return known.granted.get(application.id, ())
    return queries.exceptions_of(application)


def _send_again(application: Application, actor: Actor | None) -> None:
    """Hand in what was asked for; it counts as handed in when it was at first."""
    _refuse_incomplete(application)
    found = [finding.as_dict() for finding in findings_of(application)]
    LIFECYCLE.move(application, to=ApplicationStatus.SUBMITTED, findings=found)
    changes.end(application, is_answered=True)
    typed.forget_all(application)
    record("application.sent-again", application, actor=actor)
    write(letters.received_again(application))


def _refuse_second(call: Call, organisation: Organisation, known: Known | None) -> None:
    live = _live_references(call, [organisation.id]) if known is None else known.live
    if organisation.id in live:
        raise RuleBroken("already-applied", reference=live[organisation.id])


def _live_references(call: Call, organisation_ids: Collection[int]) -> dict[int, str]:
    # One at a time for each organisation, so that two clicks make one application.
    hold(organisation_ids)
    return queries.live_references(call, organisation_ids)


def _hold_questions(call: Call, content: ApplicationDraft) -> None:
    """Keep the answered questions from being deleted meanwhile. Raises `RuleBroken("stale")` if one is gone."""
    ids = {answer.question_id for answer in content.answers}
    if not ids:
        return
    held = select(CallQuestion.id, CallQuestion.kind).where(CallQuestion.id.in_(ids))
    rows = db.session.execute(held.with_for_update(read=True, key_share=True))
    known = {question.id: question.kind for question in call.questions}
    if {row.id: row.kind for row in rows} != {key: known.get(key) for key in ids}:
        raise RuleBroken("stale")


def _refuse_late(application: Application, at: datetime) -> None:
    entry = application.late_entry
    if entry is not None:
        lock(entry)
    if entry is None or not rules.holds(entry, at):
        refuse_closed_call(application.call, at)


def _refuse_incomplete(application: Application) -> None:
    complete = rules.complete(application)
    if not complete.passed:
        raise RuleBroken("not-complete", **complete.values)
    if not application.consent_version:
        raise RuleBroken("no-consent")
