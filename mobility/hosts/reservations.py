"""The places of an offer: taken for a record, moved, given back."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select, update

from mobility.core import clock
from mobility.core.db import Model, db
from mobility.core.errors import RuleBroken
from mobility.core.together import lock
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer, PlaceDay, Reservation


def reserve(offer: Offer, first_day: date, last_day: date, *, for_record: Model) -> Reservation:
    """Take one place on each open day from first to last, for a record such as a proposal.

    Whole or not at all. Raises `RuleBroken`: "offer-not-open", "already-reserved", "host-visits" (as many
    visits as the host takes), "host-closed" (the days lie outside its windows), "group-days" (part of a group
    visit), "host-full" with the days.
    """
    # One at a time for each offer: its visits are counted before one more is written.
    lock(offer)
    if offer.status != OfferStatus.ACCEPTED:
        raise RuleBroken("offer-not-open", state=offer.status)
    return _reserve(offer, first_day, last_day, for_record)


def move_for(record: Model, offer: Offer, first_day: date, last_day: date) -> Reservation:
    """Give a record's places back and take those of other days; who holds places keeps them at a closed offer.

    Raises `RuleBroken` as `reserve` does.
    """
    lock(offer)
    if free_for(record) and offer.status is OfferStatus.CLOSED:
        return _reserve(offer, first_day, last_day, record)
    return reserve(offer, first_day, last_day, for_record=record)


def shorten(record: Model, last_day: date) -> bool:
    """Give back the days after a stay's new last day; False if the record holds none of them."""
    held = db.session.scalar(select(Reservation).where(*_held_by(record)))
    if held is None:
        return False
    lock(held.offer)
    db.session.refresh(held)
    before = held.last_day
    shortened = db.session.scalar(
        update(Reservation)
        .where(
            Reservation.id == held.id,
            Reservation.freed_at.is_(None),
            Reservation.last_day == before,
            Reservation.last_day > last_day,
            Reservation.first_day <= last_day,
        )
        .values(last_day=last_day)
        .returning(Reservation.id)
    )
    if shortened is None:
        return False
    _give_back(held.offer_id, last_day + timedelta(days=1), before)
    return True


def free(reservation: Reservation) -> bool:
    """Give the places back; False if somebody did already."""
    lock(reservation.offer)
    freed = db.session.execute(
        update(Reservation)
        .where(Reservation.id == reservation.id, Reservation.freed_at.is_(None))
        .values(freed_at=clock.utcnow())
        .returning(Reservation.id)
    ).scalar()
    if freed is None:
        return False
    # Its days may have become fewer while this one waited.
    db.session.refresh(reservation)
    _give_back(reservation.offer_id, reservation.first_day, reservation.last_day)
    return True


def free_for(record: Model) -> bool:
    """Give back what a record, such as a declined proposal, holds; False if it holds nothing."""
    held = db.session.scalar(select(Reservation).where(*_held_by(record)))
    return held is not None and free(held)


def _reserve(offer: Offer, first_day: date, last_day: date, for_record: Model) -> Reservation:
    _refuse_reservation(offer, for_record)
    days = _days_to_take(offer, first_day, last_day)
    with db.session.begin_nested():
        full = sorted(set(days) - _take(offer, first_day, last_day))
        if full:
            raise RuleBroken("host-full", days=[day.isoformat() for day in full])
    reservation = Reservation(
        offer=offer,
        first_day=first_day,
        last_day=last_day,
        for_kind=for_record.__tablename__,
        for_id=for_record.id,  # type: ignore[attr-defined]
        made_at=clock.utcnow(),
    )
    db.session.add(reservation)
    db.session.flush()
    return reservation


def _refuse_reservation(offer: Offer, for_record: Model) -> None:
    if db.session.scalar(select(Reservation.id).where(*_held_by(for_record))):
        raise RuleBroken("already-reserved")
    live = select(func.count()).where(Reservation.offer_id == offer.id, Reservation.freed_at.is_(None))
    if (db.session.scalar(live) or 0) >= offer.max_visits:
        raise RuleBroken("host-visits", visits=offer.max_visits)


def _give_back(offer_id: int, first_day: date, last_day: date) -> None:
    within = (PlaceDay.offer_id == offer_id, PlaceDay.day.between(first_day, last_day))
    db.session.execute(update(PlaceDay).where(*within).values(taken=PlaceDay.taken - 1))


def _held_by(record: Model) -> tuple[ColumnElement[bool], ...]:
    return (
        Reservation.for_kind == record.__tablename__,
        Reservation.for_id == record.id,  # type: ignore[attr-defined]
        Reservation.freed_at.is_(None),
    )


def _days_to_take(offer: Offer, first_day: date, last_day: date) -> list[date]:
    """The open days of the stay; its first and last day are open and lie in one window."""
    within = PlaceDay.day.between(first_day, last_day)
    rows = select(PlaceDay.day).where(PlaceDay.offer_id == offer.id, within).order_by(PlaceDay.day)
    days = list(db.session.scalars(rows.with_for_update()))
    if offer.is_group_visit and len(days) < offer.min_days:
        raise RuleBroken("group-days", days=offer.min_days)
    in_window = any(window.first_day <= first_day and last_day <= window.last_day for window in offer.windows)
    if not days or days[0] != first_day or days[-1] != last_day or not in_window:
        raise RuleBroken("host-closed", first_day=first_day, last_day=last_day)
    return days


def _take(offer: Offer, first_day: date, last_day: date) -> set[date]:
    """Take a place on each of the days that has one; return these days."""
    taken = (
        update(PlaceDay)
        .where(
            PlaceDay.offer_id == offer.id,
            PlaceDay.day.between(first_day, last_day),
            PlaceDay.taken < PlaceDay.places,
        )
        .values(taken=PlaceDay.taken + 1)
        .returning(PlaceDay.day)
        .execution_options(synchronize_session=False)
    )
    return set(db.session.scalars(taken))
