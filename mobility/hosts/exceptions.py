"""Exceptions from rules: a partnership's officer asks, somebody of the support office answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mobility.audit.services import record
from mobility.calls.findings import Finding
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import given_text, lock_unchanged
from mobility.hosts import queries, rules, services
from mobility.hosts.enums import EXCEPTION_LIFECYCLE, ExceptionStatus, OfferStatus
from mobility.hosts.models import AskedException, Offer, OfferException


@dataclass(frozen=True)
class Exceptions:
    """How exceptions are asked and answered for the records of one kind."""

    kind: type[Any]
    # The record's name in it.
    about: str
    rules: Sequence[str]
    is_undecided: Callable[[Any], bool]
    asked_for: Callable[[Any], Sequence[AskedException]]
    findings_of: Callable[[Any], list[Finding]]

    def waivable(self, one: Any, exceptions: Sequence[AskedException]) -> list[str]:
        """The rules against a record, as its findings stand, from which an exception may be asked for."""
        live = {asked.rule for asked in exceptions if asked.status is not ExceptionStatus.REFUSED}
        failing = {found["code"] for found in one.findings if found["passed"] is False}
        return [rule for rule in self.rules if rule in failing - live]

    def ask(self, one: Any, rule: str, reason: str, *, actor: Actor) -> Any:
        """Ask that a rule is not held against a record that waits for its decision, as it stands now.

        Raises `RuleBroken`: "reason-needed", "wrong-state", "not-waivable", "asked-already".
        """
        reason = given_text(reason)
        self._lock_undecided(one)
        found = next((finding for finding in self._anew(one) if finding.code == rule), None)
        if rule not in self.rules or found is None or found.passed is not False:
            raise RuleBroken("not-waivable")
        if any(
            asked.rule == rule and asked.status is not ExceptionStatus.REFUSED
            for asked in self.asked_for(one)
        ):
            raise RuleBroken("asked-already")
        exception = self.kind(
            rule=rule,
            values=found.values,
            status=ExceptionStatus.ASKED,
            asked_by_id=actor.id,
            asked_at=clock.utcnow(),
            reason=reason,
            **{self.about: one},
        )
        db.session.add(exception)
        record("exception.asked", one, actor=actor, rule=rule, reason=reason)
        return exception

    def answer(self, exception: Any, *, granted: bool, reason: str, actor: Actor) -> None:
        """Grant or refuse an exception; if granted, the findings say so at once.

        Raises `RuleBroken`: "reason-needed", "same-person", "wrong-state", "stale".
        """
        reason, one = given_text(reason), getattr(exception, self.about)
        if actor.id == exception.asked_by_id:
            raise RuleBroken("same-person")
        self._lock_undecided(one)
        EXCEPTION_LIFECYCLE.move(
            exception,
            to=ExceptionStatus.GRANTED if granted else ExceptionStatus.REFUSED,
            decided_by_id=actor.id,
            decided_at=clock.utcnow(),
            answer=reason,
        )
        # Known as nobody when it was read.
        db.session.expire(exception, ["decided_by"])
        verb = "exception.granted" if granted else "exception.refused"
        record(verb, one, actor=actor, rule=exception.rule, reason=reason)
        self._anew(one)

    def _anew(self, one: Any) -> list[Finding]:
        """The findings, taken anew and kept."""
        found = self.findings_of(one)
        one.findings = [finding.as_dict() for finding in found]
        return found

    def _lock_undecided(self, one: Any) -> None:
        lock_unchanged(one)
        if not self.is_undecided(one):
            raise RuleBroken("wrong-state", state=one.status, to=one.status)


def _is_undecided(offer: Offer) -> bool:
    return offer.status is OfferStatus.SUBMITTED


OFFERS = Exceptions(
    OfferException, "offer", rules.WAIVABLE, _is_undecided, queries.exceptions_of, services.findings_of
)
