"""What happens to an application."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import flag_modified

from mobility.applications import letters, queries, rules, typed
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
from mobility.core.states import expect_version
from mobility.core.together import lock
from mobility.hosts.models import Offer
from mobility.hosts.rules import failed
from mobility.hosts.rules import nearest_partnership as nearest
from mobility.hosts.services import nearest_partnership, refuse_closed_call, refuse_judgement
from mobility.mail.services import write
from mobility.organisations.models import Organisation
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


def known_of(call: Call, organisation_ids: Collection[int], offers: Mapping[int, Offer]) -> Known:
    """Lock these organisations and ask about them; `offers` are those of the call, by key."""
    live = _live_references(call, organisation_ids)
    return Known(live, queries.visitors_among(organisation_ids), offers)


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
    _fill(application, content, known)
    db.session.add(application)
    record("application.drafted", application, actor=actor)
    return application


def revise(
    application: Application, content: ApplicationDraft, *, actor: Actor | None, version: int | None = None
) -> None:
    """Change the content of a draft; with a version, only if nobody changed it since."""
    lock(application)
    if version is not None:
        expect_version(application, version)
    if application.status != ApplicationStatus.DRAFT:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    _fill(application, content)
    # Windows and wishes count as a change of the application, so that its version moves.
    flag_modified(application, "languages")
    record("application.revised", application, actor=actor)


def submit(application: Application, *, actor: Actor | None, known: Known | None = None) -> None:
    """Hand in a draft. After this the applicant can only withdraw it.

    Raises `RuleBroken`: "call-closed", "not-complete" with what is missing, "no-consent".
    """
    at = clock.utcnow()
    if application.status == ApplicationStatus.DRAFT:
        refuse_closed_call(application.call, at)
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
    if application.status != ApplicationStatus.SUBMITTED:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    _fill(application, content, known)
    _refuse_incomplete(application)
    application.findings = [finding.as_dict() for finding in findings_of(application, known=known)]
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
    typed.forget_all(application)
    record("application.withdrawn", application, actor=actor, before=before, reason=reason)


def assign(application: Application, partnership: Partnership, *, actor: Actor | None) -> None:
    """Give an application that waits for its decision to another partnership of the call."""
    if application.status != ApplicationStatus.SUBMITTED:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    if partnership.id not in {allotment.partnership_id for allotment in application.call.allotments}:
        raise RuleBroken("no-partnership", call=application.call.reference)
    before, application.partnership = application.partnership, partnership
    record("application.assigned", application, actor=actor, before=before.code, after=partnership.code)


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


def findings_of(
    application: Application, *, at: datetime | None = None, known: Known | None = None
) -> list[Finding]:
    """The findings at the instant it was handed in; for a draft at the one given, or now."""
    at = application.submitted_at or at or clock.utcnow()
    if known is None:
        visited = queries.has_visited(application.organisation, but=application)
    else:
        visited = application.organisation.id in known.visited
    return rules.findings(application, at=at, has_visited=visited)


def findings_of_typed(
    application: Application, content: ApplicationDraft
) -> tuple[Application, list[Finding]]:
    """What was typed, as an application that is never stored, and its findings."""
    as_typed = Application(
        call=application.call,
        organisation=application.organisation,
        partnership=application.partnership,
        status=application.status,
    )
    with db.session.no_autoflush:
        _fill(as_typed, content)
        visited = queries.has_visited(application.organisation, but=application)
        return as_typed, rules.findings(as_typed, at=clock.utcnow(), has_visited=visited)


def _fill(application: Application, content: ApplicationDraft, known: Known | None = None) -> None:
    wishes = _wishes(application.call, content.wishes, known)
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
    application.excluded = [[first.isoformat(), last.isoformat()] for first, last in content.excluded]
    application.languages = dict(content.languages)
    application.windows = [
        ApplicationWindow(first_day=first, last_day=last) for first, last in content.windows
    ]
    _replace_wishes(application, wishes)


def _wishes(call: Call, drafts: Sequence[WishDraft], known: Known | None) -> list[Wish]:
    """The wishes as rows. Raises `RuleBroken("unknown-offer")` for offers of another call."""
    ids = {wish.offer_id for wish in drafts}
    by_id = _offers(call, ids) if known is None else known.offers
    if ids - by_id.keys():
        raise RuleBroken("unknown-offer")
    return [Wish(offer=by_id[wish.offer_id], offer_id=wish.offer_id, rank=wish.rank) for wish in drafts]


def _offers(call: Call, ids: Collection[int]) -> dict[int, Offer]:
    offers = select(Offer).where(Offer.id.in_(ids), Offer.call_id == call.id)
    offers = offers.options(joinedload(Offer.organisation))
    return {offer.id: offer for offer in db.session.scalars(offers)} if ids else {}


def _replace_wishes(application: Application, wishes: list[Wish]) -> None:
    if {(one.offer_id, one.rank) for one in application.wishes} == {
        (one.offer_id, one.rank) for one in wishes
    }:
        return
    if application.wishes:
        # Old rows go first: their ranks are unique with the new ones.
        application.wishes = []
        db.session.flush()
    application.wishes = wishes


def _refuse_second(call: Call, organisation: Organisation, known: Known | None) -> None:
    live = _live_references(call, [organisation.id]) if known is None else known.live
    if organisation.id in live:
        raise RuleBroken("already-applied", reference=live[organisation.id])


def _live_references(call: Call, organisation_ids: Collection[int]) -> dict[int, str]:
    # One at a time for each organisation, so that two clicks make one application.
    locked = select(Organisation.id).where(Organisation.id.in_(organisation_ids)).order_by(Organisation.id)
    db.session.execute(locked.with_for_update(key_share=True))
    return queries.live_references(call, organisation_ids)


def _refuse_incomplete(application: Application) -> None:
    complete = rules.complete(application)
    if not complete.passed:
        raise RuleBroken("not-complete", **complete.values)
    if not application.consent_version:
        raise RuleBroken("no-consent")
