"""The verbs of contacts and agreed pairs: contact, answer, enter, confirm, validate, decline, withdraw."""

from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError

from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.audit.services import record
from mobility.calls.findings import Finding
from mobility.calls.services import free as free_budget
from mobility.calls.services import reserve as reserve_budget
from mobility.catalogue import amounts, letters, queries
from mobility.catalogue.acts import has_validated_other
from mobility.catalogue.enums import CONTACT_LIFECYCLE, PAIR_LIFECYCLE, ContactStatus, PairStatus, Side
from mobility.catalogue.fit import PLACES, pair_findings, reasons_against
from mobility.catalogue.models import AgreedPair, Contact
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import Model, db
from mobility.core.errors import RuleBroken
from mobility.core.references import next_reference
from mobility.core.states import LONGEST_TEXT, given_text
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.hosts.reservations import free_for
from mobility.hosts.reservations import reserve as reserve_places
from mobility.mail.services import write

# As in Erasmus for Young Entrepreneurs: so many may wait for an answer, each way (domain 4.2).
MOST_OPEN_CONTACTS = 5
# As many visits that one side entered may wait for the other, for each application or offer.
MOST_OPEN_PAIRS = 5
ONE_CONTACT, ONE_PAIR, ONE_VISIT = "uq_contact_open", "uq_agreed_pair_live", "uq_agreed_pair_one_visit"
SLOTS = ("vop", "hop")
# Reasons that the clock gives; `wording.reason` says them.
DAY_PASSED, APPLICATION_GONE = "day-passed", "application-gone"


def contact(
    application: Application, offer: Offer, side: Side, message: str, *, actor: Actor | None
) -> Contact:
    """Write to the other side through the system; no address is shown before it accepts.

    Raises `RuleBroken`: "message-needed", "contact-exists", "contacts-sent" and "contacts-received" (as many
    as may wait for an answer), "second-visit", and "pair-…" for a rule that keeps the two apart.
    """
    message = given_text(message, "message-needed")
    _lock_both(application, offer)
    _refuse_apart(application, offer)
    _refuse_many(application, offer, side)
    written = Contact(
        application=application,
        offer=offer,
        begun_by=side,
        author_id=actor.id if actor else None,
        status=ContactStatus.OPEN,
        message=message,
        written_at=clock.utcnow(),
    )
    _add_once(written, ONE_CONTACT, "contact-exists")
    record("contact.written", written, actor=actor, application=application.reference, offer=offer.reference)
    write(letters.contacted(written))
    return written


def answer_contact(written: Contact, *, accepted: bool, reply: str, actor: Actor | None) -> None:
    """Say whether one wants contact, too; once accepted both see names and addresses.

    Raises `RuleBroken`: "wrong-state", "stale".
    """
    status = ContactStatus.ACCEPTED if accepted else ContactStatus.DECLINED
    reply = reply.strip()[:LONGEST_TEXT]
    CONTACT_LIFECYCLE.move(written, to=status, reply=reply, answered_at=clock.utcnow())
    record(f"contact.{status}", written, actor=actor)
    if accepted:
        for side in Side:
            write(letters.contact_accepted(written, side))
    else:
        write(letters.contact_declined(written))


def enter_pair(
    application: Application,
    offer: Offer,
    first_day: date,
    last_day: date,
    side: Side,
    *,
    note: str = "",
    actor: Actor | None,
) -> AgreedPair:
    """Put down that visitor and host agreed on a visit; the other side confirms.

    Raises `RuleBroken`: "pair-paired" (a visitor has one pair under way), "pairs-entered" and "pairs-received" (as
    many as may wait to be confirmed), "second-visit", "no-rate", and "pair-…" for a rule that the visit would break.
    """
    _lock_both(application, offer)
    _refuse_unfit(application, offer, first_day, last_day)
    _refuse_many_pairs(application, offer, side)
    found = amounts.of_stay(application, offer, first_day, last_day)
    pair = AgreedPair(
        reference=next_reference("PAR"),
        application=application,
        organisation_id=application.organisation_id,
        offer=offer,
        status=PairStatus.ENTERED,
        entered_by=side,
        first_day=first_day,
        last_day=last_day,
        days=found.days,
        distance_km=found.distance_km,
        lump_sum_cents=found.cents,
        trace=found.trace_as_dicts(),
        note=note.strip()[:LONGEST_TEXT],
        entered_at=clock.utcnow(),
        entered_by_id=actor.id if actor else None,
    )
    _add_once(pair, ONE_PAIR, "pair-paired")
    record("pair.entered", pair, actor=actor, side=side, first_day=first_day, last_day=last_day)
    write(letters.entered(pair))
    return pair


def confirm_pair(pair: AgreedPair, *, actor: Actor | None) -> None:
    """Say yes for the other side: both partnerships are asked to validate.

    Raises `RuleBroken`: "pair-not-your-side", "pair-own-entry", "wrong-state", "stale", and what `enter_pair` refuses.
    """
    _refuse_foreign(pair, pair.entered_by.other, actor)
    if actor is not None and actor.id == pair.entered_by_id:
        raise RuleBroken("pair-own-entry")
    _refuse_state(pair, PairStatus.ENTERED, to=PairStatus.CONFIRMED)
    _refuse_unfit(pair.application, pair.offer, pair.first_day, pair.last_day, but=pair)
    by = {"confirmed_at": clock.utcnow(), "confirmed_by_id": actor.id if actor else None}
    PAIR_LIFECYCLE.move(pair, to=PairStatus.CONFIRMED, **by)
    record("pair.confirmed", pair, actor=actor, side=pair.entered_by.other)
    write(letters.confirmed(pair))
    for partnership in dict.fromkeys((pair.application.partnership, pair.offer.partnership)):
        write(letters.to_validate(pair, partnership))


def validate_pair(pair: AgreedPair, slot: str, *, actor: Actor | None) -> None:
    """Say yes for the visitor's ("vop") or the host's partnership ("hop"); the second yes reserves place and money.

    Raises `RuleBroken`: "pair-own-visit", "pair-one-person" (who validated for the other partnership), "pair-validated"
    (this slot is filled), "wrong-state", "second-visit", "pair-…" for a rule that no longer holds, and what
    `hosts.reservations.reserve` and `calls.reserve` refuse.
    """
    if slot not in SLOTS:
        raise ValueError(slot)
    queries.locked_pair(pair)
    _refuse_foreign(pair, None, actor)
    if actor is not None and has_validated_other(pair, slot, actor.id):
        raise RuleBroken("pair-one-person")
    if getattr(pair, f"{slot}_validated_at") is not None:
        raise RuleBroken("pair-validated")
    _refuse_state(pair, PairStatus.CONFIRMED, to=PairStatus.VALIDATED)
    # Places and money answer for themselves when they are taken.
    _refuse_unfit(pair.application, pair.offer, pair.first_day, pair.last_day, but=pair, ignoring=PLACES)
    by = {f"{slot}_validated_at": clock.utcnow(), f"{slot}_validated_by_id": actor.id if actor else None}
    record("pair.validated", pair, actor=actor, slot=slot)
    if all(by.get(f"{one}_validated_at") or getattr(pair, f"{one}_validated_at") for one in SLOTS):
        _reserve(pair, by, actor=actor)
    else:
        for name, value in by.items():
            setattr(pair, name, value)
        db.session.flush()


def decline_pair(pair: AgreedPair, reason: str, *, actor: Actor | None, side: Side | None = None) -> None:
    """Say no for the side that is asked, or for a partnership (no side).

    Raises `RuleBroken`: "pair-not-your-side", "pair-own-visit", "reason-needed", "wrong-state", "stale".
    """
    _end(pair, PairStatus.DECLINED, reason, side, actor=actor)


def withdraw_pair(pair: AgreedPair, reason: str, *, actor: Actor | None, side: Side | None = None) -> None:
    """Take a pair back, for one side or for a partnership (no side); what it held is free again.

    Raises `RuleBroken`: "pair-not-your-side", "pair-own-visit", "reason-needed", "wrong-state", "stale".
    """
    _end(pair, PairStatus.WITHDRAWN, reason, side, actor=actor)


def lapse() -> int:
    """Withdraw pairs whose day has come or whose application is gone, and close contacts without a side."""
    pairs, contacts = queries.pairs_lapsed(clock.today()), queries.contacts_gone()
    for pair in pairs:
        is_accepted = pair.application.status is ApplicationStatus.ACCEPTED
        withdraw_pair(pair, DAY_PASSED if is_accepted else APPLICATION_GONE, actor=None)
    for written in contacts:
        CONTACT_LIFECYCLE.move(written, to=ContactStatus.DECLINED, answered_at=clock.utcnow())
        record("contact.closed", written, actor=None)
    return len(pairs) + len(contacts)


def findings_of(
    application: Application, offer: Offer, first_day: date, last_day: date, *, but: AgreedPair | None = None
) -> list[Finding]:
    """What a visit on these days must meet, as things stand; a pair named in `but` is not in its own way."""
    around = queries.around(application.call, [application], [offer], but=but)
    return pair_findings(application, offer, first_day, last_day, around)


def _reserve(pair: AgreedPair, by: dict[str, Any], *, actor: Actor | None) -> None:
    visitor = pair.application.organisation.name
    try:
        with db.session.begin_nested():
            PAIR_LIFECYCLE.move(pair, to=PairStatus.VALIDATED, **by)
    except IntegrityError as error:
        if ONE_VISIT not in str(error.orig):
            raise
        raise RuleBroken("second-visit", organisation=visitor) from None
    reserve_places(pair.offer, pair.first_day, pair.last_day, for_record=pair)
    reserve_budget(pair.application.call, pair.application.partnership, pair.lump_sum_cents)
    record("pair.reserved", pair, actor=actor, cents=pair.lump_sum_cents)
    for side in Side:
        write(letters.validated(pair, side))


def _end(
    pair: AgreedPair, status: PairStatus, reason: str, side: Side | None, *, actor: Actor | None
) -> None:
    reason = given_text(reason)
    _refuse_foreign(pair, side, actor)
    before = PAIR_LIFECYCLE.move(pair, to=status, decline_reason=reason)
    if before is PairStatus.VALIDATED:
        free_for(pair)
        free_budget(pair.application.call, pair.application.partnership, pair.lump_sum_cents)
    record(f"pair.{status}", pair, actor=actor, reason=reason, before=before)
    tell = letters.declined if status is PairStatus.DECLINED else letters.withdrawn
    for told in Side:
        if told is not side:
            write(tell(pair, told))


def _refuse_state(pair: AgreedPair, expected: PairStatus, *, to: PairStatus) -> None:
    if pair.status is not expected:
        raise RuleBroken("wrong-state", state=pair.status, to=to)


def _refuse_foreign(pair: AgreedPair, side: Side | None, actor: Actor | None) -> None:
    """Only its own people speak for a side, and none of either side for a partnership."""
    user = db.session.get(User, actor.id) if actor else None
    if user is None:
        return
    sides = queries.sides_of(user, pair.application, pair.offer)
    if side is None and sides:
        raise RuleBroken("pair-own-visit")
    if side is not None and side not in sides:
        raise RuleBroken("pair-not-your-side")


def _refuse_apart(application: Application, offer: Offer) -> None:
    if application.call_id != offer.call_id or offer.status is not OfferStatus.ACCEPTED:
        raise RuleBroken("pair-offer")
    if application.status is not ApplicationStatus.ACCEPTED:
        raise RuleBroken("pair-application")
    around = queries.around(application.call, [application], [offer])
    reason = next(reasons_against(application, around.days_of(offer), around), None)
    if reason is not None:
        raise _refusal(application, Finding(reason, False))


def _refuse_unfit(
    application: Application,
    offer: Offer,
    first_day: date,
    last_day: date,
    *,
    but: AgreedPair | None = None,
    ignoring: frozenset[str] = frozenset(),
) -> None:
    found = findings_of(application, offer, first_day, last_day, but=but)
    failing = [one for one in found if one.passed is False and one.code not in ignoring]
    if failing:
        raise _refusal(application, failing[0])


def _refusal(application: Application, finding: Finding) -> RuleBroken:
    if finding.code == "visited":
        return RuleBroken("second-visit", organisation=application.organisation.name)
    return RuleBroken(f"pair-{finding.code}", **finding.values)


def _refuse_many(application: Application, offer: Offer, side: Side) -> None:
    own, other = (application, offer) if side is Side.VISITOR else (offer, application)
    if queries.open_contacts(own, begun_by=side) >= MOST_OPEN_CONTACTS:
        raise RuleBroken("contacts-sent", most=MOST_OPEN_CONTACTS)
    if queries.open_contacts(other, begun_by=side) >= MOST_OPEN_CONTACTS:
        raise RuleBroken("contacts-received", most=MOST_OPEN_CONTACTS)


def _refuse_many_pairs(application: Application, offer: Offer, side: Side) -> None:
    own, other = (application, offer) if side is Side.VISITOR else (offer, application)
    if queries.open_pairs(own, entered_by=side) >= MOST_OPEN_PAIRS:
        raise RuleBroken("pairs-entered", most=MOST_OPEN_PAIRS)
    if queries.open_pairs(other, entered_by=side) >= MOST_OPEN_PAIRS:
        raise RuleBroken("pairs-received", most=MOST_OPEN_PAIRS)


def _lock_both(application: Application, offer: Offer) -> None:
    # One at a time for each side: its contacts and pairs are counted before one more is written.
    for found in (application, offer):
        db.session.refresh(found, with_for_update={"key_share": True, "of": type(found)})


def _add_once(row: Model, index: str, code: str) -> None:
    """Store what may stand there once; the index is the last word."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        if index not in str(error.orig):
            raise
        raise RuleBroken(code) from None
