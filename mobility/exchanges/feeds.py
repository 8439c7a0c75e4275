"""The secret address under which somebody's calendar program finds their own exchanges."""

from collections.abc import Sequence
from datetime import timedelta
from secrets import token_urlsafe
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from mobility.accounts.models import User
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Permission
from mobility.core.crypto import token_hash
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.web import external_url
from mobility.exchanges import queries
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.ical import Event, calendar
from mobility.exchanges.models import CalendarFeed, Exchange
from mobility.taxonomies.countries import country_name

TOKEN_BYTES = 32
# What is over for longer than this leaves the calendar.
KEPT = timedelta(days=400)
STATUSES = {ExchangeStatus.AGREED: "TENTATIVE", ExchangeStatus.CANCELLED: "CANCELLED"}


def feed_of(user: User) -> CalendarFeed | None:
    """The person's address, if they have one."""
    return db.session.scalar(select(CalendarFeed).where(CalendarFeed.user_id == user.id))


def make(user: User) -> str:
    """Give the person an address, the only one they have, and return its secret; it is not kept."""
    token = token_urlsafe(TOKEN_BYTES)
    values = {"token_sha256": token_hash(token), "made_at": clock.utcnow()}
    made = insert(CalendarFeed).values(user_id=user.id, **values)
    db.session.execute(made.on_conflict_do_update(index_elements=["user_id"], set_=values))
    record("calendar.made", user, actor=user)
    return token


def revoke(user: User) -> None:
    """Close the person's address. Does nothing where there is none."""
    closed = delete(CalendarFeed).where(CalendarFeed.user_id == user.id).returning(CalendarFeed.id)
    if db.session.scalar(closed):
        record("calendar.revoked", user, actor=user)


def feed_with(token: str) -> bytes:
    """The calendar behind an address. Raises `NotFound` once it is revoked or its owner may not sign in."""
    user = db.session.scalar(
        select(User).join(CalendarFeed).where(CalendarFeed.token_sha256 == token_hash(token))
    )
    if user is None or not user.active or not user.may(Permission.EXCHANGES_READ):
        raise NotFound
    found = queries.own_since(user, clock.today() - KEPT)
    return calendar(_("Exchanges"), _events(user, found), at=clock.utcnow())


def _events(user: User, exchanges: Sequence[Exchange]) -> list[Event]:
    hosted = queries.hosted_only(user, exchanges)
    return [_event(exchange, is_host=exchange.id in hosted) for exchange in exchanges]


def _event(exchange: Exchange, *, is_host: bool) -> Event:
    """What the page of the exchange shows of it, and no more."""
    host, visitor = exchange.host_organisation, exchange.visiting_organisation
    url = external_url("exchanges.show", reference=exchange.reference)
    return Event(
        uid=f"{exchange.reference}@{urlsplit(url).netloc}",
        sequence=exchange.version,
        status=STATUSES.get(exchange.status, "CONFIRMED"),
        first_day=exchange.first_day,
        last_day=exchange.stayed_until,
        summary=_("Visit of %(visitor)s", visitor=visitor.name)
        if is_host
        else _("Visit to %(host)s", host=host.name),
        location=", ".join((host.name, host.town, country_name(host.country))),
        url=url,
    )
