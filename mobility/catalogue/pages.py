"""What the pages of the catalogue show: the other side's records, ranked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import and_, or_

from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.applications.queries import is_blind
from mobility.catalogue import near, queries, records, rules
from mobility.catalogue.days import HostDays, stay_days
from mobility.catalogue.enums import ContactStatus, Side
from mobility.catalogue.fit import Around, reasons_against
from mobility.catalogue.models import Contact
from mobility.catalogue.narrowing import Narrowing
from mobility.catalogue.records import Record
from mobility.core.access import Permission, Scope, within
from mobility.core.errors import NotFound
from mobility.core.lists import PER_PAGE, Column, Listing, asked_page
from mobility.hosts.models import Offer


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
class Basis:
    """The application or offer that suggestions are made for, and whether it is the reader's own."""

    record: Record
    is_own: bool

    @property
    def side(self) -> Side:
        return Side.VISITOR if isinstance(self.record, Application) else Side.HOST

    @property
    def wanted(self) -> type[Record]:
        """What is compared with it."""
        return Offer if self.side is Side.VISITOR else Application


def basis_of(user: User, reference: str) -> tuple[list[Record], Basis | None]:
    """One's own records, and the one that the URL names: one's own or, for staff, one in scope; else one's first.

    Raises `NotFound`.
    """
    own, named = records.records_of(user, reference)
    if not reference:
        return own, Basis(own[0], is_own=True) if own else None
    if named is None:
        raise NotFound
    return own, Basis(named, is_own=named in own)


def ranked(user: User, basis: Basis, live: Iterable[Contact], asked: Narrowing) -> Listing:
    """The page that the URL asks for of the nearest of the other side: who is available first, then by points.
    `live` are contacts that are not declined."""
    contacts = _by_other(basis.record, live)
    nearest = _nearest(user, basis, contacts, asked)
    found = _suggestions(user, basis, nearest[: near.MOST_SCORED], contacts)
    found.sort(key=lambda one: (not one.is_available, -one.score.points, one.other.reference))
    page = min(asked_page(), max(1, -(-len(found) // PER_PAGE)))
    return Listing(
        rows=found[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(found),
        page=page,
        per_page=PER_PAGE,
        q=asked.q,
        sort="",
        columns=_columns(basis.side),
        filters=asked.filters,
        is_cut=len(nearest) > near.MOST_SCORED,
    )


def suggestion_of(user: User, basis: Basis, reference: str) -> Suggestion:
    """The other side's record of that reference, seen from the basis. Raises `NotFound`."""
    contacts = _by_other(basis.record, queries.contacts_of(basis.record))
    named = records.host_by if basis.side is Side.VISITOR else records.visitor_by
    other: Record = named(basis.record.call_id, reference)
    return _suggestions(user, basis, [other], contacts)[0]


def to_answer(own: Collection[Record], live: Iterable[Contact]) -> list[Contact]:
    """The contacts among these that wait for the answer of one of these records."""
    return [one for one in live if one.status is ContactStatus.OPEN and _asked(one) in own]


def _asked(contact: Contact) -> Record:
    return contact.offer if contact.begun_by is Side.VISITOR else contact.application


def _nearest(user: User, basis: Basis, contacts: Mapping[int, Contact], asked: Narrowing) -> Sequence[Record]:
    record, met = basis.record, contacts.keys()
    if isinstance(record, Application):
        return near.hosts_for(record, met, asked.conditions(), by_topic=asked.is_by_topic)
    friends = [key for key, contact in contacts.items() if contact.status is ContactStatus.ACCEPTED]
    in_scope = within(_scopes(user, Application), Application.partnership_id, Application.call_id)
    is_known = or_(Application.id.in_(friends), and_(in_scope, ~is_blind()))
    return near.visitors_for(record, met, asked.conditions(is_known), by_topic=asked.is_by_topic)


def _suggestions(
    user: User, basis: Basis, others: Sequence[Record], contacts: Mapping[int, Contact]
) -> list[Suggestion]:
    record = basis.record
    both = (record, *others)
    applications = [one for one in both if isinstance(one, Application)]
    offers = [one for one in both if isinstance(one, Offer)]
    around = queries.around(record.call, applications, offers)
    hosts = [around.days_of(offer) for offer in offers]
    scopes = _scopes(user, basis.wanted)
    return [
        _suggestion(scopes, basis, around, contacts, application, host)
        for application in applications
        for host in hosts
    ]


def _suggestion(
    scopes: Collection[Scope],
    basis: Basis,
    around: Around,
    contacts: Mapping[int, Contact],
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
        is_known=_is_known(scopes, other, contact),
    )


def _scopes(user: User, kind: type[Record]) -> Collection[Scope]:
    """Where the reader, as one of the staff, may know who the other side is."""
    asked = Permission.APPLICATIONS_READ if kind is Application else Permission.OFFERS_READ
    return user.scopes(asked)


def _is_known(scopes: Iterable[Scope], other: Record, contact: Contact | None) -> bool:
    if contact is not None and contact.status is ContactStatus.ACCEPTED:
        return True
    if isinstance(other, Application) and other.is_blind:
        return False
    return any(scope.covers(other.partnership_id, other.call_id) for scope in scopes)


def _by_other(record: Record, contacts: Iterable[Contact]) -> dict[int, Contact]:
    """A record's contacts by the other side's key, of several with it the first."""
    found: dict[int, Contact] = {}
    for contact in contacts:
        own, other = contact.application_id, contact.offer_id
        if not isinstance(record, Application):
            own, other = other, own
        if own == record.id:
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
