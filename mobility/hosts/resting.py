"""Records that nobody uses: whose they are is asked whether they still hold, and without an answer they rest."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import or_, update

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.crypto import link_token, token_hash
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.settings import Settings
from mobility.core.states import Lifecycle
from mobility.core.together import lock
from mobility.hosts import letters
from mobility.hosts.enums import LIFECYCLE, OfferStatus
from mobility.hosts.models import Offer
from mobility.mail.services import LetterDraft, write


@dataclass(frozen=True)
class Resting:
    """How the records of one kind are asked about, rest and are woken."""

    kind: type[Any]
    lifecycle: Lifecycle
    accepted: StrEnum
    rested: StrEnum
    # What the link in the letters is for.
    purpose: str
    letter_asking: Callable[[Any, str, timedelta], LetterDraft]
    letter_rested: Callable[[Any, str], LetterDraft]

    def ask(self, one: Any) -> bool:
        """Ask by letter whether a record still holds; False if it was asked since it was last used."""
        token, kind = self.token_of(one), self.kind
        asked = (
            update(kind)
            .where(
                kind.id == one.id,
                kind.status == self.accepted,
                or_(kind.asked_at.is_(None), kind.asked_at < clock.utcnow() - unused_after()),
            )
            .values(asked_at=clock.utcnow(), still_sha256=token_hash(token))
            .returning(kind.id)
        )
        if db.session.scalar(asked) is None:
            return False
        db.session.refresh(one)
        self._record("asked", one, None)
        write(self.letter_asking(one, token, answer_within()))
        return True

    def rest(self, one: Any) -> None:
        """Take a record about which nobody answered out of lists, catalogue and rounds. Raises `RuleBroken`."""
        self.lifecycle.move(one, to=self.rested)
        self._record("rested", one, None)
        write(self.letter_rested(one, self.token_of(one)))

    def say_valid(self, one: Any, *, actor: Actor | None) -> None:
        """It still holds; one that rests is awake again. Raises `RuleBroken("wrong-state")` for any other."""
        lock(one)
        if not self.may_answer(one):
            raise RuleBroken("wrong-state", state=one.status, to=self.accepted)
        rested = one.status == self.rested
        if rested:
            self.lifecycle.move(one, to=self.accepted)
        one.used_at, one.asked_at = clock.utcnow(), None
        self._record("woken" if rested else "still-valid", one, actor)

    def may_answer(self, one: Any) -> bool:
        """Whether there is something to say about it: it is accepted, or rests."""
        return one.status in (self.accepted, self.rested)

    def token_of(self, one: Any) -> str:
        """The token of the link in its letters."""
        return link_token(self.purpose, str(one.id))

    def _record(self, verb: str, one: Any, actor: Actor | None) -> None:
        record(f"{self.kind.__tablename__}.{verb}", one, actor=actor)


def unused_after() -> timedelta:
    """So long nobody has to use a record before it is asked about."""
    return timedelta(days=_settings().unused_days)


def answer_within() -> timedelta:
    """So long there is to answer."""
    return timedelta(days=_settings().rest_days)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


OFFERS = Resting(
    Offer, LIFECYCLE, OfferStatus.ACCEPTED, OfferStatus.RESTED, "still", letters.still_valid, letters.rested
)
