"""What the pages of the catalogue show: the other side's records, ranked, filtered as the URL asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import true

from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.catalogue import queries, records, rules, wording
from mobility.catalogue.days import HostDays, stay_days
from mobility.catalogue.enums import ContactStatus, Side
from mobility.catalogue.fit import Around, reasons_against
from mobility.catalogue.models import Contact
from mobility.catalogue.records import Record
from mobility.core.access import Permission
from mobility.core.lists import LONGEST_SEARCH, PER_PAGE, Column, Filter, Listing
from mobility.hosts import wording as host_words
from mobility.hosts.models import Offer
from mobility.taxonomies.countries import country_name
from mobility.taxonomies.languages import LANGUAGES
from mobility.taxonomies.topics import ECOSYSTEMS

LENGTHS = (3, 5, 10, 15, 20)


@dataclass(frozen=True)
class Suggestion:
    """A visitor and a host, what the pair is worth, and what keeps them apart now, if anything does."""

    application: Application
    offer: Offer
    other: Record
    days: int
    score: rules.Score
    reasons: tuple[str, ...]
    contact: Contact | None
    # Whether the reader may know who the other side is.
    is_known: bool

    @property
    def is_available(self) -> bool:
        return not self.reasons


@dataclass(frozen=True)
class Narrowing(Filter):
    """A filter over suggestions that are read already."""

    fits: Callable[[Suggestion, str], bool] = lambda _suggestion, _chosen: True


@dataclass(frozen=True)
class Basis:
    """The application or offer that suggestions are made for, and whether it is the reader's own."""

    record: Record
    is_own: bool

    @property
    def side(self) -> Side:
        return Side.VISITOR if isinstance(self.record, Application) else Side.HOST


def basis_of(user: User, own: Sequence[Record], reference: str) -> Basis | None:
    """The record the URL names, one's own or, for staff, one in scope; else one's first. Raises `NotFound`."""
    if not reference:
        return Basis(own[0], is_own=True) if own else None
    named = next((record for record in own if record.reference == reference), None)
    if named is not None:
        return Basis(named, is_own=True)
    return Basis(records.record_in_scope(user, reference), is_own=False)


def suggestions(user: User, basis: Basis) -> list[Suggestion]:
    """Those of the other side in the call who could meet it at all: who is available first, then by points."""
    record, contacts = basis.record, _last_contacts(basis.record)
    others: Sequence[Record] = (
        records.hosts_for(record, contacts)
        if isinstance(record, Application)
        else records.visitors_for(record, contacts)
    )
    found = _suggestions(user, basis, others, contacts)
    return sorted(found, key=lambda one: (not one.is_available, -one.score.points, one.other.reference))


def suggestion_of(user: User, basis: Basis, reference: str) -> Suggestion:
    """The other side's record of that reference, seen from the basis. Raises `NotFound`."""
    named = records.host_by if basis.side is Side.VISITOR else records.visitor_by
    other: Record = named(basis.record.call_id, reference)
    return _suggestions(user, basis, [other], _last_contacts(basis.record))[0]


def ranked(found: Sequence[Suggestion], side: Side) -> Listing:
    """One page of the suggestions, as the URL asks."""
    q, filters = request.args.get("q", "").strip()[:LONGEST_SEARCH], _filters(found)
    kept = [one for one in found if _matches(one, q) and _passes(one, filters)]
    pages = max(1, -(-len(kept) // PER_PAGE))
    page = max(1, min(request.args.get("page", 1, type=int), pages))
    rows = kept[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Listing(rows, len(kept), page, PER_PAGE, q, "", _columns(side), filters)


def _suggestions(
    user: User, basis: Basis, others: Sequence[Record], contacts: dict[int, Contact]
) -> list[Suggestion]:
    record = basis.record
    both = (record, *others)
    applications = [one for one in both if isinstance(one, Application)]
    offers = [one for one in both if isinstance(one, Offer)]
    around = queries.around(record.call, applications, offers)
    hosts = [around.days_of(offer) for offer in offers]
    pairs = ((application, host) for application in applications for host in hosts)
    return [_suggestion(user, basis, around, contacts, *pair) for pair in pairs]


def _suggestion(
    user: User,
    basis: Basis,
    around: Around,
    contacts: dict[int, Contact],
    application: Application,
    host: HostDays,
) -> Suggestion:
    offer = host.offer
    other: Record = offer if basis.side is Side.VISITOR else application
    days = stay_days(application, host, around.call)
    contact = contacts.get(other.id)
    reasons = tuple(reasons_against(application, host, around))
    if basis.side is Side.VISITOR:
        # That one's own application waits is said once, above the list.
        reasons = tuple(reason for reason in reasons if reason != "waiting")
    return Suggestion(
        application,
        offer,
        other,
        days,
        rules.score(application, offer, days=days, call=around.call),
        reasons,
        contact,
        is_known=_is_known(user, other, contact),
    )


def _is_known(user: User, other: Record, contact: Contact | None) -> bool:
    if contact is not None and contact.status is ContactStatus.ACCEPTED:
        return True
    asked = Permission.APPLICATIONS_READ if isinstance(other, Application) else Permission.OFFERS_READ
    return any(scope.covers(other.partnership_id, other.call_id) for scope in user.scopes(asked))


def _last_contacts(record: Record) -> dict[int, Contact]:
    """By the other side's key, the last contact with it."""
    found: dict[int, Contact] = {}
    for contact in queries.contacts_of(record):
        other = contact.offer_id if isinstance(record, Application) else contact.application_id
        found.setdefault(other, contact)
    return found


def _columns(side: Side) -> list[Column]:
    first = Column("host", _("Host")) if side is Side.VISITOR else Column("visitor", _("Visitor"))
    return [
        first,
        Column("country", _("Country")),
        Column("topics", _("Topics")),
        Column("dates", _("Dates")),
        Column("language", _("Language")),
        Column("score", _("Points"), numeric=True),
        Column("state", _("Available")),
    ]


def _filters(found: Sequence[Suggestion]) -> list[Narrowing]:
    countries = {one.other.organisation.country for one in found}
    spoken = {code for one in found for code in one.other.languages}
    named = sorted(((code, country_name(code)) for code in countries), key=lambda pair: pair[1])
    lengths = [(str(days), _("%(days)s working days", days=days)) for days in LENGTHS]
    choices: list[tuple[str, Any, list[tuple[str, Any]], Callable[[Suggestion, str], bool]]] = [
        ("country", _("Country"), named, lambda one, code: one.other.organisation.country == code),
        (
            "ecosystem",
            _("Ecosystem"),
            list(ECOSYSTEMS.items()),
            lambda one, code: code in one.other.ecosystems,
        ),
        ("language", _("Language"), _languages(spoken), lambda one, code: code in one.other.languages),
        (
            "length",
            _("Length"),
            lengths,
            lambda one, days: one.other.min_days <= int(days) <= one.other.max_days,
        ),
    ]
    return [
        Narrowing(key, label, options, lambda _chosen: true(), fits=fits)
        for key, label, options, fits in choices
    ]


def _languages(codes: set[str]) -> list[tuple[str, Any]]:
    return sorted(((code, str(LANGUAGES.get(code, code))) for code in codes), key=lambda pair: pair[1])


def _passes(one: Suggestion, filters: Sequence[Narrowing]) -> bool:
    return all(not choice.value or choice.fits(one, choice.value) for choice in filters)


def _matches(one: Suggestion, q: str) -> bool:
    """Whether every word stands in what the reader may see of the record."""
    text = _text(one).casefold()
    return all(word in text for word in q.casefold().split())


def _text(one: Suggestion) -> str:
    other = one.other
    shown = [
        other.reference,
        country_name(other.organisation.country),
        host_words.topics(other.ecosystems, other.industries),
        host_words.purposes(other.purposes),
    ]
    if isinstance(other, Offer):
        shown += [other.title, other.organisation.name, other.organisation.town]
    elif one.is_known:
        shown += [other.organisation.name, other.person_name]
    else:
        shown.append(wording.profile(other))
    return " ".join(shown)
