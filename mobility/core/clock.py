"""The one clock. Demo and tests move it for all processes with a row; production never reads that row."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app, g, has_app_context
from sqlalchemy import CheckConstraint, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mobility.core.db import Model, db
from mobility.core.errors import RuleBroken

SCHEME_ZONE = ZoneInfo("Europe/Brussels")


class ClockShift(Model):
    """How far the scheme's clock stands from real time: at most one row."""

    __tablename__ = "clock_shift"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shift_s: Mapped[float]


def utcnow() -> datetime:
    """The scheme's instant, in UTC."""
    return datetime.now(UTC) + _shift()


def today() -> date:
    """The scheme's day, in its own zone (Europe/Brussels)."""
    return local(utcnow()).date()


def local(moment: datetime) -> datetime:
    """An instant as the scheme's wall clock shows it."""
    return moment.astimezone(SCHEME_ZONE)


def at_local(day: date, hour: int = 17, minute: int = 0) -> datetime:
    """The instant of a wall-clock time in the scheme's zone."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SCHEME_ZONE).astimezone(UTC)


def move(to: datetime) -> None:
    """Set the scheme's clock for every process; it goes on from there. Refused in production."""
    if current_app.config["SETTINGS"].is_production:
        raise RuleBroken("clock-fixed")
    shift = (to - datetime.now(UTC)).total_seconds()
    with Session(db.engine, join_transaction_mode="create_savepoint") as own:
        own.execute(delete(ClockShift))
        own.execute(insert(ClockShift).values(id=1, shift_s=shift))
        own.commit()
    g.pop("clock_shift", None)


def is_moved() -> bool:
    """Whether the scheme's clock stands off real time."""
    return _shift() != timedelta(0)


def _shift() -> timedelta:
    if not has_app_context() or current_app.config["SETTINGS"].is_production:
        return timedelta(0)
    if "clock_shift" not in g:
        # Read once per app context, so that one request sees one clock.
        with Session(db.engine, join_transaction_mode="create_savepoint") as own:
            seconds = own.scalar(select(ClockShift.shift_s))
        g.clock_shift = timedelta(seconds=seconds or 0)
    shift: timedelta = g.clock_shift
    return shift
