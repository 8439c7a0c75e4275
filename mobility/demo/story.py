"""The story: twenty months in parts, each played day by day from where it stands."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

import click
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.audit import services as audit
from mobility.audit.models import Entry
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.demo import cast
from mobility.demo.stage import Stage, at, look_anew
from mobility.demo.worker import drain, working
from mobility.demo.world import make_world
from mobility.demo.world.calendar import Calendar
from mobility.demo.world.logins import with_logins
from mobility.demo.year import (
    asking,
    desks,
    intake,
    matching,
    memberships,
    money,
    opening,
    pairs,
    papers,
    second_call,
    stays,
    tables,
)

SEED, APPLICATIONS = 2027, 300
TUESDAY, FRIDAY = 1, 4
DAY = timedelta(days=1)
BEGUN, TOLD = "demo.begun", "demo.told"
# So much the scheme's clock goes ahead in the end: who looks sees that it is a demonstration's.
AHEAD = timedelta(seconds=1)
Duty = Callable[[Stage], None]


@dataclass(frozen=True)
class Part:
    """A part of the story: its words, its last day, what is done on each day, and how often somebody looks."""

    words: str
    until: date
    duties: tuple[Duty, ...]
    is_quiet: bool = False
    # So many jobs may still wait when a day is over.
    leaving: int = 0


def tell(seed: int = SEED, applications: int = APPLICATIONS) -> None:
    """Tell what has not been told; a story cut off goes on, with its own seed and size, on the day it stopped."""
    begun = _begun()
    if begun is not None:
        seed, applications = begun.values["seed"], begun.values["applications"]
    stage = _stage(seed, applications, _calendar(begun))
    # What the story reads is its own: it need not be read anew after each commit.
    db.session().expire_on_commit = False
    with working():
        if begun is None:
            _told("A call opens; people get their accounts", lambda: _open(stage, applications))
        for part in _parts(stage):
            if clock.today() <= part.until:
                _told(part.words, partial(_play, stage, part))
        _told("Today: the second call is in the middle of its assessment", lambda: _end(stage))


def _open(stage: Stage, applications: int) -> None:
    opening.open_scheme(stage)
    audit.record(BEGUN, stage.call, actor=None, seed=stage.seed, applications=applications)
    db.session.commit()


def _parts(stage: Stage) -> list[Part]:
    calendar, yesterday = stage.world.calendar, datetime.now(UTC).date() - DAY
    return [
        Part(
            "Hosts offer, visitors apply, officers assess; some find each other",
            calendar.first_round_on - DAY,
            (
                lambda stage: intake.take_in(stage, stage.first),
                intake.look_around,
                memberships.answer,
                lambda stage: intake.assess(stage, stage.first),
                lambda stage: pairs.agree(stage, stage.first),
                papers.agree,
            ),
            leaving=20,
        ),
        Part(
            "Rounds are solved, published and answered, what came free is filled; plans are written and signed",
            calendar.first_stay_on - DAY,
            (papers.agree, matching.hold_rounds),
            leaving=20,
        ),
        Part(
            "Stays begin and end, both sides report, lump sums are paid",
            calendar.settled_on,
            (papers.agree, money.pay, stays.go_on, asking.ask),
            leaving=5,
        ),
        Part("Half a year later people are asked again", calendar.second_call_on - DAY, (asking.ask,), True),
        Part(
            "A second call opens; hosts offer, visitors apply",
            yesterday,
            (second_call.open_up, tables.hand_in, memberships.answer, second_call.take_in, asking.ask),
        ),
    ]


def _play(stage: Stage, part: Part) -> None:
    """Play the days of a part that are not over."""
    for day in _days(part, clock.today()):
        at(day)
        for duty in part.duties:
            duty(stage)
        drain(part.leaving)
    drain()
    # The next part begins on its own first day.
    at(part.until + DAY, 8)


def _days(part: Part, begins_on: date) -> Iterator[date]:
    """The days on which people look at their work: Tuesdays and Fridays, in quiet times every other Tuesday."""
    day = begins_on
    while day <= part.until:
        if _is_busy(part, day):
            yield day
        day += DAY


def _is_busy(part: Part, day: date) -> bool:
    if part.is_quiet:
        return day.weekday() == TUESDAY and day.isocalendar().week % 2 == 1
    return day.weekday() in {TUESDAY, FRIDAY}


def _end(stage: Stage) -> None:
    db.session.commit()
    clock.move(datetime.now(UTC) + AHEAD)
    look_anew()
    second_call.take_in(stage)
    second_call.leave_open(stage)
    desks.leave_open(stage)
    matching.leave_open(stage)
    asking.ask(stage)
    drain()
    look_anew()
    audit.record(TOLD, stage.call, actor=None)
    db.session.commit()
    while audit.seal():
        db.session.commit()
    db.session.commit()


def _told(words: str, do: Callable[[], None]) -> None:
    began = time.monotonic()
    do()
    click.echo(f"  {words}: {time.monotonic() - began:.0f} s")


def _stage(seed: int, applications: int, calendar: Calendar) -> Stage:
    world = make_world(seed, applications, calendar)
    return Stage(with_logins(world, lambda role, number: cast.person(Role(role), number)))


def _begun() -> Entry | None:
    return db.session.scalar(select(Entry).where(Entry.verb == BEGUN).limit(1))


def _calendar(begun: Entry | None) -> Calendar:
    if begun is None:
        return Calendar.of_a_story_told_on(datetime.now(UTC).date())
    return Calendar(clock.local(call().opens_at).date())


def is_told() -> bool:
    """Whether the whole story has run on this database."""
    return db.session.scalar(select(Entry.id).where(Entry.verb == TOLD).limit(1)) is not None


def call() -> Call:
    """The call of the story that is over."""
    return db.session.scalars(select(Call).order_by(Call.id).limit(1)).one()


def open_call() -> Call:
    """The call that is open today."""
    return db.session.scalars(select(Call).order_by(Call.id.desc()).limit(1)).one()


def actors(role: Role) -> list[User]:
    """The two people of a role."""
    emails = [login.email for login in cast.logins() if login.role == role.value]
    return list(db.session.scalars(select(User).where(User.email.in_(emails)).order_by(User.email)))


def actor(role: Role) -> User:
    """The first of a role's two people."""
    return actors(role)[0]
