"""What happens to an offer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm.attributes import flag_modified

from mobility.audit.services import record
from mobility.calls.enums import CallStatus
from mobility.calls.findings import Finding
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.references import next_reference
from mobility.core.states import expect_version
from mobility.core.together import lock
from mobility.hosts import letters, queries, rules
from mobility.hosts.draft import OfferDraft, PlacesDraft
from mobility.hosts.enums import LIFECYCLE, OfferStatus
from mobility.hosts.models import Offer, OfferClosure, OfferWindow, PlaceDay
from mobility.mail.services import take_back, write
from mobility.organisations.models import Organisation
from mobility.organisations.services import hold
from mobility.partnerships.models import Partnership


def draft(
    call: Call,
    organisation: Organisation,
    content: OfferDraft,
    *,
    actor: Actor | None,
    partnership: Partnership | None = None,
    import_key: str | None = None,
) -> Offer:
    """Begin an offer in a call; without a partnership, the nearest by topic and country looks after it."""
    offer = Offer(
        reference=next_reference("OFF"),
        call=call,
        organisation=organisation,
        partnership=partnership or nearest_partnership(call, organisation, content.ecosystems),
        author_id=actor.id if actor and import_key is None else None,
        import_key=import_key,
        status=OfferStatus.DRAFT,
        created_at=clock.utcnow(),
        findings=[],
    )
    _fill(offer, content)
    db.session.add(offer)
    record("offer.drafted", offer, actor=actor)
    return offer


def begin(call: Call, organisation: Organisation, content: OfferDraft, *, actor: Actor) -> Offer:
    """Begin an offer by hand, or go back to one begun and left without a title: two clicks make one."""
    hold([organisation.id])
    begun = queries.empty_draft(call, organisation, content.kind)
    return begun or draft(call, organisation, content, actor=actor)


def revise(offer: Offer, content: OfferDraft, *, actor: Actor | None, version: int | None = None) -> None:
    """Change the content of a draft; with a version, only if nobody changed it since."""
    lock(offer)
    if version is not None:
        expect_version(offer, version)
    if offer.status != OfferStatus.DRAFT:
        raise RuleBroken("wrong-state", state=offer.status, to=offer.status)
    _fill(offer, content)
    # Windows and closures count as a change of the offer, so that its version moves.
    flag_modified(offer, "languages")
    record("offer.revised", offer, actor=actor)


def submit(offer: Offer, *, actor: Actor | None) -> None:
    """Hand in a draft. Raises `RuleBroken` if the call is not open or an answer is missing."""
    at = clock.utcnow()
    if offer.status != OfferStatus.DRAFT:
        # An accepted offer may wait for its decision again, but only when its acceptance is taken back.
        raise RuleBroken("wrong-state", state=offer.status, to=OfferStatus.SUBMITTED)
    refuse_closed_call(offer.call, at)
    _refuse_incomplete(offer)
    found = [finding.as_dict() for finding in rules.offer_findings(offer, at=at)]
    LIFECYCLE.move(offer, to=OfferStatus.SUBMITTED, submitted_at=at, findings=found)
    record("offer.submitted", offer, actor=actor)
    write(letters.received(offer))


def correct(
    offer: Offer, content: OfferDraft, *, actor: Actor | None, partnership: Partnership | None = None
) -> None:
    """Replace the content of a submitted offer that comes again by import, and take its findings anew.

    Raises `RuleBroken`: "wrong-state" once it is decided, "not-complete".
    """
    lock(offer)
    if offer.status != OfferStatus.SUBMITTED:
        raise RuleBroken("wrong-state", state=offer.status, to=offer.status)
    _fill(offer, content)
    offer.partnership = partnership or offer.partnership
    _refuse_incomplete(offer)
    offer.findings = [finding.as_dict() for finding in findings_of(offer)]
    # Windows and closures count as a change of the offer, so that its version moves.
    flag_modified(offer, "languages")
    record("offer.corrected", offer, actor=actor)


def assess(
    offer: Offer,
    *,
    accepted: bool,
    reason: str = "",
    held_for: timedelta = timedelta(),
    actor: Actor | None,
) -> None:
    """Accept an offer and open its places, or reject it with a reason; the letter may be held for a while.

    Raises `RuleBroken("findings-fail")` for an acceptance that a rule forbids and
    `RuleBroken("reason-needed")` for a rejection without a reason.
    """
    decided = OfferStatus.ACCEPTED if accepted else OfferStatus.REJECTED
    if offer.status != OfferStatus.SUBMITTED:
        # One that rests is woken by its host, not accepted again.
        raise RuleBroken("wrong-state", state=offer.status, to=decided)
    found = findings_of(offer)
    refuse_judgement(rules.failed(found), accepted=accepted, reason=reason)
    LIFECYCLE.move(
        offer,
        to=decided,
        decided_at=clock.utcnow(),
        decision_reason=reason.strip(),
        findings=[finding.as_dict() for finding in found],
    )
    if accepted:
        _open_places(offer)
    record("offer.accepted" if accepted else "offer.rejected", offer, actor=actor, reason=reason.strip())
    write(letters.accepted(offer) if accepted else letters.rejected(offer), held_for=held_for)


def findings_of(offer: Offer) -> list[Finding]:
    """The findings at the instant it was handed in, with the exceptions granted since."""
    found = rules.offer_findings(offer, at=offer.submitted_at or clock.utcnow())
    return rules.waived(found, queries.exceptions_of(offer)) if rules.failed(found) else found


def reopen(offer: Offer, *, actor: Actor) -> None:
    """Take an acceptance back, and the places that it opened. Raises `RuleBroken("letter-left")` once it is told."""
    LIFECYCLE.move(offer, to=OfferStatus.SUBMITTED, decided_at=None, decision_reason="")
    if not take_back("hosts.accepted", offer):
        raise RuleBroken("letter-left")
    db.session.execute(delete(PlaceDay).where(PlaceDay.offer_id == offer.id))
    record("offer.reopened", offer, actor=actor)


def change_places(offer: Offer, content: PlacesDraft, *, actor: Actor | None, version: int | None) -> None:
    """Change dates and places of an accepted offer; what visits hold already stays theirs.

    Raises `RuleBroken`: "wrong-state", "stale", "places-promised" with the days on which visits hold more places
    than there would be, "visits-promised" with how many visits there are, "length-promised" for a longer group visit.
    """
    lock(offer)
    expect_version(offer, version)
    if offer.status != OfferStatus.ACCEPTED:
        raise RuleBroken("wrong-state", state=offer.status, to=offer.status)
    visits, length = queries.visits_taken([offer])[offer.id], offer.min_days
    if content.max_visits < visits:
        raise RuleBroken("visits-promised", visits=visits)
    _fill_dates(offer, content)
    _change_places(offer)
    if offer.is_group_visit and visits and offer.min_days != length:
        # Whoever has a seat stays for the days that were promised, not for all.
        raise RuleBroken("length-promised", visits=visits)
    offer.findings = [finding.as_dict() for finding in findings_of(offer)]
    offer.used_at, offer.asked_at = clock.utcnow(), None
    # Windows and closures count as a change of the offer, so that its version moves.
    flag_modified(offer, "languages")
    record("offer.places-changed", offer, actor=actor)


def close(offer: Offer, *, actor: Actor | None) -> None:
    """Take no more visits; those that hold places keep them."""
    before = LIFECYCLE.move(offer, to=OfferStatus.CLOSED)
    record("offer.closed", offer, actor=actor, before=before)


def nearest_partnership(call: Call, organisation: Organisation, ecosystems: Sequence[str]) -> Partnership:
    """The partnership of the call that looks after an organisation. Raises `RuleBroken("no-partnership")`."""
    found = rules.nearest_partnership(call, organisation, ecosystems)
    if found is None:
        raise RuleBroken("no-partnership", call=call.reference)
    return found


def refuse_closed_call(call: Call, at: datetime | None = None) -> None:
    """Raise `RuleBroken("call-closed")` unless the call takes submissions at that instant, or now."""
    if call.status is not CallStatus.OPEN or not rules.call_open(call, at or clock.utcnow()).passed:
        raise RuleBroken("call-closed", opens_at=call.opens_at, closes_at=call.closes_at)


def refuse_judgement(failing: list[str], *, accepted: bool, reason: str) -> None:
    """Raise `RuleBroken` for an acceptance against a finding, or a rejection without a reason."""
    if accepted and failing:
        raise RuleBroken("findings-fail", codes=failing)
    if not accepted and not reason.strip():
        raise RuleBroken("reason-needed")


def _fill(offer: Offer, content: OfferDraft) -> None:
    offer.kind, offer.title = content.kind, content.title
    offer.description, offer.agenda = content.description, content.agenda
    offer.contact_name, offer.contact_email = content.contact_name, content.contact_email
    offer.ecosystems, offer.industries = list(content.ecosystems), list(content.industries)
    offer.purposes, offer.partner_types = list(content.purposes), list(content.partner_types)
    offer.languages, offer.mode = dict(content.languages), content.mode
    offer.min_days, offer.max_days = content.min_days, content.max_days
    _fill_dates(offer, content)


def _fill_dates(offer: Offer, content: OfferDraft | PlacesDraft) -> None:
    offer.max_visits = content.max_visits
    offer.windows = [
        OfferWindow(first_day=window.first_day, last_day=window.last_day, places=window.places)
        for window in content.windows
    ]
    offer.closures = [
        OfferClosure(first_day=closure.first_day, last_day=closure.last_day, name=closure.name)
        for closure in content.closures
    ]
    if offer.is_group_visit:
        offer.min_days = offer.max_days = max(1, len(rules.places_by_day(offer)))


def _refuse_incomplete(offer: Offer) -> None:
    finding = rules.complete(offer)
    if not finding.passed:
        raise RuleBroken("not-complete", **finding.values)


def _open_places(offer: Offer) -> None:
    for day, places in rules.places_by_day(offer).items():
        db.session.add(PlaceDay(offer_id=offer.id, day=day, places=places, taken=0))


def _change_places(offer: Offer) -> None:
    """Bring the places of each day to those of the windows, but never below those that are taken."""
    wanted, mine = rules.places_by_day(offer), PlaceDay.offer_id == offer.id
    unseen = {"synchronize_session": False}
    for places in set(wanted.values()):
        days = [day for day, number in wanted.items() if number == places]
        room = (mine, PlaceDay.day.in_(days), PlaceDay.taken <= places)
        db.session.execute(update(PlaceDay).where(*room).values(places=places), execution_options=unseen)
    gone = delete(PlaceDay).where(mine, PlaceDay.day.not_in(wanted), PlaceDay.taken == 0)
    db.session.execute(gone, execution_options=unseen)
    left = dict(db.session.execute(select(PlaceDay.day, PlaceDay.places).where(mine)).all())
    promised = sorted(day for day, places in left.items() if wanted.get(day) != places)
    if promised:
        raise RuleBroken("places-promised", days=[day.isoformat() for day in promised])
    for day in wanted.keys() - left.keys():
        db.session.add(PlaceDay(offer_id=offer.id, day=day, places=wanted[day], taken=0))
