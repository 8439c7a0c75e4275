"""What an invented world is made of."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from mobility.applications.draft import ApplicationDraft
from mobility.demo.world.calendar import Calendar
from mobility.hosts.draft import OfferDraft
from mobility.organisations.services import OrganisationDraft
from mobility.partnerships.bank import AccountDraft
from mobility.partnerships.services import PartnershipDraft

# Of ten profiles six visit (domain.md 10.2), and 85 % are accepted.
HOSTS_PER_VISITOR = 2 / 3
OFFERING_PER_VISITOR = 1 / 5
OFFERS_PER_VISITOR = 3 / 10
REJECTED_SHARE = 0.15
GROUPED_SHARE = 0.6


@dataclass(frozen=True)
class Sizes:
    """How many there are of each."""

    visitors: int
    hosts: int
    offering: int
    offers: int

    @classmethod
    def of(cls, applications: int) -> "Sizes":
        """The proportions of the scheme for so many applications."""
        shares = (HOSTS_PER_VISITOR, OFFERING_PER_VISITOR, OFFERS_PER_VISITOR)
        hosts, offering, offers = (max(4, round(applications * share)) for share in shares)
        return cls(applications, hosts, offering, offers)


@dataclass(frozen=True)
class Person:
    """Somebody who acts for an organisation or a partnership."""

    name: str
    email: str
    position: str = ""


@dataclass(frozen=True)
class PlannedPartnership:
    """A partnership, the account it pays from, and its coordinator."""

    content: PartnershipDraft
    account: AccountDraft
    coordinator: Person

    @property
    def code(self) -> str:
        return self.content.code


@dataclass(frozen=True)
class Party:
    """An organisation with its person and account.

    `forms` is the partnership that it forms with others, `cared_for_by` the one that looks after it.
    `flaw` is the code of the finding that it will fail. `part` is "visitor", "host", or "" for a cluster that only
    forms its partnership.
    """

    key: str
    content: OrganisationDraft
    account: AccountDraft
    person: Person
    languages: dict[str, str]
    ecosystems: tuple[str, ...]
    part: str
    forms: str = ""
    cared_for_by: str = ""
    flaw: str = ""


@dataclass(frozen=True)
class PlannedOffer:
    """What a host offers, when, and what becomes of it: rejected with a reason, or accepted.

    One that is left open is begun and never handed in.
    """

    key: str
    host: str
    content: OfferDraft
    day: date
    is_for_groups: bool = False
    flaw: str = ""
    rejected_because: str = ""
    is_left_open: bool = False

    @property
    def is_good(self) -> bool:
        return not (self.flaw or self.rejected_because)


@dataclass(frozen=True)
class Group:
    """Visitors who travel together to one window of one offer."""

    key: str
    offer: str
    window: int
    members: tuple[str, ...]
    days: int


@dataclass(frozen=True)
class PlannedApplication:
    """What a visitor applies for, when, and what becomes of it; `agrees_with` is a host found without a round."""

    key: str
    visitor: str
    content: ApplicationDraft
    wishes: tuple[tuple[str, int | None], ...]
    day: date
    flaw: str = ""
    rejected_because: str = ""
    agrees_with: str = ""
    is_left_open: bool = False

    @property
    def is_good(self) -> bool:
        return not (self.flaw or self.rejected_because)


@dataclass(frozen=True)
class World:
    """Everybody and everything of the first call."""

    seed: int
    calendar: Calendar
    partnerships: list[PlannedPartnership]
    parties: list[Party]
    offers: list[PlannedOffer]
    applications: list[PlannedApplication] = field(default_factory=list)

    @cached_property
    def by_key(self) -> dict[str, Party]:
        return {party.key: party for party in self.parties}

    def party(self, key: str) -> Party:
        """The organisation of a key."""
        return self.by_key[key]
