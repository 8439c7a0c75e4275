"""What somebody types into an application, by form or by import."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mobility.calls.enums import Mode


@dataclass(frozen=True)
class WishDraft:
    """An offer (its id) with its rank from 1, or None for "never"."""

    offer_id: int
    rank: int | None


@dataclass(frozen=True)
class AnswerDraft:
    """What somebody answers to a question of the call, in the words in which it was asked."""

    question_id: int
    wording_id: int
    value: Any


@dataclass(frozen=True)
class ApplicationDraft:
    """The content of an application; `applications.services` turns it into rows."""

    person_name: str
    person_email: str
    windows: tuple[tuple[date, date], ...]
    min_days: int
    max_days: int
    # Days inside the windows that do not suit.
    excluded: tuple[tuple[date, date], ...] = ()
    position: str = ""
    # The fingerprint of a file that is kept for the application.
    cv: str | None = None
    motivation: str = ""
    is_third_country: bool = False
    residence_days: int | None = None
    has_business: bool = False
    ecosystems: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    partner_types: tuple[str, ...] = ()
    languages: dict[str, str] = field(default_factory=dict)
    mode: Mode = Mode.PHYSICAL
    wishes: tuple[WishDraft, ...] = ()
    answers: tuple[AnswerDraft, ...] = ()
    group_key: str | None = None
    consent_version: str = ""
