"""Exceptions from rules: a partnership's officer asks, somebody of the support office answers."""

from collections.abc import Sequence

from mobility.applications import queries, services
from mobility.applications.enums import EXCEPTION_LIFECYCLE, TO_ASSESS, ExceptionStatus
from mobility.applications.models import Application, RuleException
from mobility.applications.rules import WAIVABLE
from mobility.audit.services import record
from mobility.calls.findings import Finding
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import given_text, lock_unchanged


def waivable(application: Application, exceptions: Sequence[RuleException]) -> list[str]:
    """The rules against an application, as its findings stand, from which an exception may be asked for."""
    live = {one.rule for one in exceptions if one.status is not ExceptionStatus.REFUSED}
    failing = {found["code"] for found in application.findings if found["passed"] is False}
    return [rule for rule in WAIVABLE if rule in failing - live]


def ask(application: Application, rule: str, reason: str, *, actor: Actor) -> RuleException:
    """Ask that a rule is not held against an application that waits for its decision, as it stands now.

    Raises `RuleBroken`: "reason-needed", "wrong-state", "not-waivable", "asked-already".
    """
    reason = given_text(reason)
    _lock_undecided(application)
    found = next((one for one in _anew(application) if one.code == rule), None)
    if rule not in WAIVABLE or found is None or found.passed is not False:
        raise RuleBroken("not-waivable")
    if any(
        one.rule == rule and one.status is not ExceptionStatus.REFUSED
        for one in queries.exceptions_of(application)
    ):
        raise RuleBroken("asked-already")
    exception = RuleException(
        application=application,
        rule=rule,
        values=found.values,
        status=ExceptionStatus.ASKED,
        asked_by_id=actor.id,
        asked_at=clock.utcnow(),
        reason=reason,
    )
    db.session.add(exception)
    record("exception.asked", application, actor=actor, rule=rule, reason=reason)
    return exception


def answer(exception: RuleException, *, granted: bool, reason: str, actor: Actor) -> None:
    """Grant or refuse an exception; if granted, the findings say so at once.

    Raises `RuleBroken`: "reason-needed", "same-person", "wrong-state", "stale".
    """
    reason, application = given_text(reason), exception.application
    if actor.id == exception.asked_by_id:
        raise RuleBroken("same-person")
    _lock_undecided(application)
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
    record(verb, application, actor=actor, rule=exception.rule, reason=reason)
    _anew(application)


def _anew(application: Application) -> list[Finding]:
    """The findings, taken anew and kept."""
    found = services.findings_of(application)
    application.findings = [finding.as_dict() for finding in found]
    return found


def _lock_undecided(application: Application) -> None:
    lock_unchanged(application)
    if application.standing not in TO_ASSESS:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
