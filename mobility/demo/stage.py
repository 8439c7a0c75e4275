"""Where the story is played: its world, and how to find the people and records in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from sqlalchemy import Select, select

from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.calls.models import Call, CallCountry, Rate
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.demo import cast
from mobility.demo.world.parts import Party, PlannedApplication, PlannedOffer, World
from mobility.partnerships.models import Partnership

MOST_TRIES = 5
# Nobody but the story changes these.
KEPT = (User, RoleGrant, Partnership, Call, CallCountry, Rate)
T = TypeVar("T")


@dataclass(frozen=True)
class Season:
    """A call with who plans to offer and apply in it."""

    call: Call
    opens_on: date
    closes_on: date
    offers: list[PlannedOffer]
    applications: list[PlannedApplication]


@dataclass
class Stage:
    """The invented world, and the two calls played in it."""

    world: World

    @property
    def seed(self) -> int:
        return self.world.seed

    @property
    def first_reference(self) -> str:
        return f"CXC-{self.world.calendar.opens_on.year}-1"

    @property
    def second_reference(self) -> str:
        return f"CXC-{self.world.calendar.second_call_on.year}-1"

    def call_of(self, reference: str) -> Call:
        """A call, as the story's session has it."""
        if reference not in self._calls:
            self._calls[reference] = db.session.scalars(select(Call).where(Call.reference == reference)).one()
        return self._calls[reference]

    @property
    def call(self) -> Call:
        """The first call."""
        return self.call_of(self.first_reference)

    @cached_property
    def first(self) -> Season:
        """The first call with those who take part in it."""
        world = self.world
        return Season(
            self.call, world.calendar.opens_on, world.calendar.closes_on, world.offers, world.applications
        )

    @cached_property
    def _calls(self) -> dict[str, Call]:
        # Held, as the users are.
        return {}

    def random(self, *about: object) -> Random:
        """What chance says about something: always the same for the same seed."""
        return Random(" ".join(str(part) for part in (self.seed, *about)))  # noqa: S311

    @cached_property
    def parties(self) -> dict[str, Party]:
        """By registration number."""
        return {party.content.registration: party for party in self.world.parties}

    @cached_property
    def _users(self) -> dict[str, User]:
        # Held, so that the session need not read them anew after each commit.
        return {}

    def user(self, email: str) -> User:
        """The account of an address."""
        if email not in self._users:
            self._users[email] = db.session.scalars(select(User).where(User.email == email)).one()
        return self._users[email]

    def login(self, role: Role, number: int = 1) -> User:
        """One of the two people of a role."""
        return self.user(cast.email_of(role, number))

    def officer(self, partnership: Partnership, number: int = 0) -> User:
        """Who acts for a partnership: its coordinator, or every other time the demo's officer it has."""
        deputy = cast.DEPUTIES.get(partnership.code)
        if deputy and number % 2 == 0:
            return self.login(Role.PARTNERSHIP_OFFICER, deputy)
        planned = next(one for one in self.world.partnerships if one.code == partnership.code)
        return self.user(planned.coordinator.email)


def at(day: date, hour: int = 9) -> None:
    """Set the scheme's clock to an hour of a day, and read anew what the worker may have changed."""
    db.session.commit()
    clock.move(clock.at_local(day, hour))
    look_anew()


def look_anew() -> None:
    """Read anew, when it is next asked for, what the worker may have changed."""
    for record in list(db.session):
        if not isinstance(record, KEPT):
            db.session.expire(record)


def days_since(moment: datetime | None) -> int:
    """Whole days from a moment to the scheme's today."""
    return (clock.today() - clock.local(moment).date()).days if moment else 0


def in_days(number: int) -> date:
    """The day so many days from now."""
    return clock.today() + timedelta(days=number)


def number_of(reference: str) -> int:
    """The running number of a reference such as EXC-2027-0042."""
    return int(reference.rpartition("-")[2])


def ids(statement: Select[Any]) -> list[int]:
    """The keys that a statement finds."""
    return list(db.session.scalars(statement))


def each(kind: type[T], keys: Iterable[int], act: Callable[[T], object]) -> int:
    """Let `act` happen to each record, a commit each; one that the worker changed meanwhile is read again."""
    done = 0
    for key in keys:
        done += _once(kind, key, act)
    return done


def _once(kind: type[T], key: int, act: Callable[[T], object]) -> bool:
    for turn in range(MOST_TRIES):
        try:
            acted = act(db.session.get_one(kind, key))
        except RuleBroken as refusal:
            db.session.rollback()
            if refusal.code != "stale" or turn == MOST_TRIES - 1:
                raise
        else:
            db.session.commit()
            return acted is not None
    return False
