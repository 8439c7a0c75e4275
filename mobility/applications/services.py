"""What happens to an application."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from mobility.applications import letters, queries, rules
from mobility.applications.draft import ApplicationDraft, WishDraft
from mobility.applications.enums import LIFECYCLE, ApplicationStatus
from mobility.applications.models import Application, ApplicationWindow, Wish
from mobility.audit.services import record
from mobility.calls.findings import Finding
from mobility.calls.models import Call
from mobility.calls.queries import load_partnerships
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.references import next_reference
from mobility.core.states import expect_version, given_text
from mobility.hosts.models import Offer
from mobility.hosts.rules import failed
from mobility.hosts.rules import nearest_partnership as nearest
from mobility.hosts.services import nearest_partnership, refuse_closed_call, refuse_judgement
from mobility.mail.services import write
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership


def draft(
    call: Call,
    organisation: Organisation,
    content: ApplicationDraft,
    *,
    actor: Actor | None,
    partnership: Partnership | None = None,
    import_key: str | None = None,
) -> Application:
    """Begin an application; without a partnership, the nearest by topic and country looks after it.

    Raises `RuleBroken("already-applied")` while the organisation has a live application in the call.
    """
    _refuse_second(call, organisation)
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
    _fill(application, content)
    db.session.add(application)
    record("application.drafted", application, actor=actor)
    return application


def revise(
    application: Application, content: ApplicationDraft, *, actor: Actor | None, version: int | None = None
) -> None:
    """Change the content of a draft; with a version, only if nobody changed it since."""
    _lock(application)
    if version is not None:
        expect_version(application, version)
    if application.status != ApplicationStatus.DRAFT:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    _fill(application, content)
    # Windows and wishes count as a change of the application, so that its version moves.
    flag_modified(application, "languages")
    record("application.revised", application, actor=actor)


def submit(application: Application, *, actor: Actor | None) -> None:
    """Hand in a draft. After this the applicant can only withdraw it.

    Raises `RuleBroken`: "call-closed", "not-complete" with what is missing, "no-consent".
    """
    at = clock.utcnow()
    if application.status == ApplicationStatus.DRAFT:
        refuse_closed_call(application.call, at)
        _refuse_incomplete(application)
        application.partnership = partnership_for(application)
    found = [finding.as_dict() for finding in findings_of(application, at=at)]
    LIFECYCLE.move(application, to=ApplicationStatus.SUBMITTED, submitted_at=at, findings=found)
    record("application.submitted", application, actor=actor)
    write(letters.received(application))


def correct(application: Application, content: ApplicationDraft, *, actor: Actor | None) -> None:
    """Replace the content of a submitted application that comes again by import, and take its findings anew.

    Raises `RuleBroken`: "wrong-state" once it is decided, "not-complete", "no-consent".
    """
    _lock(application)
    if application.status != ApplicationStatus.SUBMITTED:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    _fill(application, content)
    _refuse_incomplete(application)
    application.findings = [finding.as_dict() for finding in findings_of(application)]
    # Windows and wishes count as a change of the application, so that its version moves.
    flag_modified(application, "languages")
    record("application.corrected", application, actor=actor)


def assess(application: Application, *, accepted: bool, reason: str = "", actor: Actor | None) -> None:
    """Accept an application for the next round, or reject it with a reason.

    Raises `RuleBroken("findings-fail")` for an acceptance that a rule forbids (what needs proof may be
    accepted) and `RuleBroken("reason-needed")` for a rejection without a reason.
    """
    decided = ApplicationStatus.ACCEPTED if accepted else ApplicationStatus.REJECTED
    if application.status != ApplicationStatus.SUBMITTED:
        # A matched application may become accepted again, but only by its exchange.
        raise RuleBroken("wrong-state", state=application.status, to=decided)
    found = findings_of(application)
    refuse_judgement(failed(found), accepted=accepted, reason=reason)
    LIFECYCLE.move(
        application,
        to=decided,
        decided_at=clock.utcnow(),
        decision_reason=reason.strip(),
        findings=[finding.as_dict() for finding in found],
    )
    verb = "application.accepted" if accepted else "application.rejected"
    record(verb, application, actor=actor, reason=reason.strip())
    write(letters.accepted(application) if accepted else letters.rejected(application))


def withdraw(application: Application, reason: str = "", *, actor: Actor | None) -> None:
    """Take an application back; the organisation may apply again. A reason stays in the log."""
    before = LIFECYCLE.move(application, to=ApplicationStatus.WITHDRAWN)
    record("application.withdrawn", application, actor=actor, before=before, reason=reason)


def assign(
    application: Application,
    partnership: Partnership,
    reason: str,
    *,
    actor: Actor | None,
    version: int | None = None,
) -> None:
    """Give an application that waits for its decision to another partnership of the call.

    Raises `RuleBroken`: "stale" if it changed since that version, "wrong-state", "reason-needed", "not-in-call".
    """
    reason = given_text(reason)
    _lock(application)
    if version is not None:
        expect_version(application, version)
    if application.status != ApplicationStatus.SUBMITTED:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    if partnership.id not in {allotment.partnership_id for allotment in application.call.allotments}:
        raise RuleBroken("not-in-call", partnership=partnership.code)
    before, application.partnership = application.partnership, partnership
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
    LIFECYCLE.move(application, to=ApplicationStatus.ACCEPTED)
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


def findings_of(application: Application, *, at: datetime | None = None) -> list[Finding]:
    """The findings at the instant it was handed in; for a draft at the one given, or now."""
    at = application.submitted_at or at or clock.utcnow()
    visited = queries.has_visited(application.organisation, but=application)
    return rules.findings(application, at=at, has_visited=visited)


def findings_of_typed(
    application: Application, content: ApplicationDraft
) -> tuple[Application, list[Finding]]:
    """What was typed, as an application that is never stored, and its findings."""
    typed = Application(
        call=application.call,
        organisation=application.organisation,
        partnership=application.partnership,
        status=application.status,
    )
    with db.session.no_autoflush:
        _fill(typed, content)
        visited = queries.has_visited(application.organisation, but=application)
        return typed, rules.findings(typed, at=clock.utcnow(), has_visited=visited)


def _lock(application: Application) -> None:
    db.session.flush()
    db.session.refresh(application, with_for_update={"key_share": True, "of": Application})


def _fill(application: Application, content: ApplicationDraft) -> None:
    wishes = _wishes(application.call, content.wishes)
    plain = (
        "person_name",
        "person_email",
        "position",
        "is_third_country",
        "residence_days",
        "has_business",
        "motivation",
        "mode",
        "min_days",
        "max_days",
        "group_key",
        "consent_version",
    )
    for name in plain:
        setattr(application, name, getattr(content, name))
    for name in ("ecosystems", "industries", "purposes", "countries", "partner_types"):
        setattr(application, name, list(getattr(content, name)))
    application.languages = dict(content.languages)
    application.windows = [
        ApplicationWindow(first_day=first, last_day=last) for first, last in content.windows
    ]
    _replace_wishes(application, wishes)


def _wishes(call: Call, drafts: Sequence[WishDraft]) -> list[Wish]:
    """The wishes as rows. Raises `RuleBroken("unknown-offer")` for offers of another call."""
    ids = {wish.offer_id for wish in drafts}
    offers = select(Offer).where(Offer.id.in_(ids), Offer.call_id == call.id)
    by_id = {offer.id: offer for offer in db.session.scalars(offers)} if ids else {}
    if ids - by_id.keys():
        raise RuleBroken("unknown-offer")
    return [Wish(offer=by_id[wish.offer_id], offer_id=wish.offer_id, rank=wish.rank) for wish in drafts]


def _replace_wishes(application: Application, wishes: list[Wish]) -> None:
    if application.wishes:
        # Old rows go first: their ranks are unique with the new ones.
        application.wishes = []
        db.session.flush()
    application.wishes = wishes


def _refuse_second(call: Call, organisation: Organisation) -> None:
    # One at a time for each organisation, so that two clicks make one application.
    locked = select(Organisation.id).where(Organisation.id == organisation.id)
    db.session.execute(locked.with_for_update(key_share=True))
    live = queries.live_application(call, organisation)
    if live is not None:
        raise RuleBroken("already-applied", reference=live.reference)


def _refuse_incomplete(application: Application) -> None:
    complete = rules.complete(application)
    if not complete.passed:
        raise RuleBroken("not-complete", **complete.values)
    if not application.consent_version:
        raise RuleBroken("no-consent")
