"""Calls that are assessed without names: of whom staff read a reference until the applicant is told."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, or_, select

from mobility.accounts.models import User
from mobility.applications import queries
from mobility.applications.models import Application
from mobility.audit.services import record
from mobility.calls.findings import Finding
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.lists import Shown
from mobility.core.states import given_text, lock_unchanged
from mobility.core.together import lock


@dataclass(frozen=True)
class Named:
    """As what somebody knows the applicant: by name, or by the reference alone."""

    organisation: str
    person: str
    email: str
    is_hidden: bool


def choose(call: Call, *, is_blind: bool, actor: Actor | None) -> None:
    """Say whether a call is assessed without names. Raises `RuleBroken("decided-already")` after its first decision."""
    # Whoever decides holds the call meanwhile.
    lock(call)
    decided = or_(Application.decided_at.is_not(None), Application.held.is_not(None))
    if db.session.scalar(select(Application.id).where(Application.call_id == call.id, decided).limit(1)):
        raise RuleBroken("decided-already")
    if call.is_blind is not is_blind:
        call.is_blind = is_blind
        record("call.names-hidden" if is_blind else "call.names-shown", call, actor=actor)


def lift(application: Application, reason: str, *, actor: Actor) -> None:
    """Show the names of one application to those who assess it; the log keeps the reason.

    Raises `RuleBroken`: "reason-needed", "stale", "wrong-state" where none are hidden.
    """
    reason = given_text(reason)
    lock_unchanged(application)
    if not application.is_blind:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    application.names_shown_at = clock.utcnow()
    record("application.names-shown", application, actor=actor, reason=reason)


def hidden_from(user: User, applications: Collection[Application]) -> set[int]:
    """Of these applications, by key, those whose names the person does not read: who takes part knows them."""
    blind = {one.id for one in applications if hides(user, one, takes_part=False)}
    if not blind:
        return set()
    theirs = select(Application.id).where(Application.id.in_(blind), queries.takes_part(user))
    return blind - set(db.session.scalars(theirs))


def hides(user: User, application: Application, *, takes_part: bool) -> bool:
    """Whether a person who takes part in an application, or not, reads it without names."""
    return application.is_blind and user.is_staff and not takes_part


def names_for(user: User, applications: Sequence[Application]) -> dict[int, Named]:
    """As what the person knows each of these applicants, by key; staff as it was sent, whatever is being changed."""
    hidden = hidden_from(user, applications)
    sent = queries.sent_names(applications) if user.is_staff else {}
    return {
        one.id: named(one, sent.get(one.id, one.person_name), is_hidden=one.id in hidden)
        for one in applications
    }


def named(application: Application, person: str, email: str = "", *, is_hidden: bool) -> Named:
    """The names, or what stands in their place."""
    if is_hidden:
        return Named(application.reference, "", "", is_hidden=True)
    return Named(application.organisation.name, person, email, is_hidden=False)


def searched(names: Sequence[Any]) -> list[Any]:
    """Names as staff may search them: not where they are hidden."""
    return [Shown(name, ~queries.is_blind()) for name in names]


def sorted_by(name: Any) -> ColumnElement[Any]:
    """A name as staff may sort by it: nothing where it is hidden."""
    return case((queries.is_blind(), ""), else_=name)


def findings_known(
    findings: Iterable[Finding | dict[str, Any]], application: Application, *, is_hidden: bool
) -> list[Finding]:
    """Findings, stored or fresh; where names are hidden they call the organisation by the application's reference."""
    read = [Finding.from_dict(one) if isinstance(one, dict) else one for one in findings]
    if not is_hidden:
        return read
    return [Finding(one.code, one.passed, _renamed(one.values, application)) for one in read]


def _renamed(values: dict[str, Any], application: Application) -> dict[str, Any]:
    # It may have had another name when they were taken, and a cluster is named as its own member.
    name = application.organisation.name
    naming = {key for key, value in values.items() if key == "organisation" or value == name}
    return values | dict.fromkeys(naming, application.reference)
