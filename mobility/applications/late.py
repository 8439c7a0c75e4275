"""Late entries: somebody by name may still apply in a call that is closed, by a link in a letter."""

from dataclasses import dataclass
from datetime import date
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, and_, update

from mobility.accounts.models import User
from mobility.accounts.services import user_by_email
from mobility.applications import letters, queries, services
from mobility.applications.draft import ApplicationDraft
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, LateEntry
from mobility.audit.services import record
from mobility.calls.models import Call
from mobility.calls.queries import is_over
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.crypto import token_hash
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import given_text
from mobility.core.together import lock
from mobility.mail.services import write
from mobility.organisations.models import Organisation

MOST_USES = 20


@dataclass(frozen=True)
class LateDraft:
    """Who may still apply, why, until which day, and how often."""

    email: str
    reason: str
    last_on: date
    uses: int = 1


def give(call: Call, content: LateDraft, *, actor: Actor) -> tuple[LateEntry, str]:
    """Let the owner of an address apply in a closed call; the letter takes the link there. The entry, and its token.

    Raises `RuleBroken`: "call-not-over", "late-day", "reason-needed", "late-already" while the address has another.
    """
    if not is_over(call):
        raise RuleBroken("call-not-over")
    if not clock.today() <= content.last_on <= call.last_day:
        raise RuleBroken("late-day", last_day=call.last_day)
    email = content.email.strip().lower()
    lock(call)
    if queries.unused_late_entry(call, email):
        raise RuleBroken("late-already")
    token, invited = token_urlsafe(32), user_by_email(email)
    entry = LateEntry(
        call=call,
        email=email,
        reason=given_text(content.reason),
        last_on=content.last_on,
        uses=content.uses,
        used=0,
        token_sha256=token_hash(token),
        given_by_id=actor.id,
        given_at=clock.utcnow(),
    )
    db.session.add(entry)
    record(
        "late-entry.given",
        entry,
        actor=actor,
        call=call.reference,
        reason=entry.reason,
        last_day=entry.last_on,
    )
    write(letters.late_entry(entry, token, invited.id if invited else None))
    return entry, token


def revoke(entry: LateEntry, *, actor: Actor) -> None:
    """Let the link open nothing more; a draft begun by it can no longer be sent. Raises `RuleBroken("late-over")`."""
    _change(entry, LateEntry.revoked_at.is_(None), revoked_at=clock.utcnow())
    record("late-entry.revoked", entry, actor=actor, call=entry.call.reference)


def begin(
    entry: LateEntry, organisation: Organisation, content: ApplicationDraft, *, actor: User
) -> Application:
    """Begin an application by the link, or go on with a draft from before the call closed: one of its uses.

    What was begun by it before is found again. Raises `RuleBroken`: "late-other-address", "late-over".
    """
    if not is_for(entry, actor):
        raise RuleBroken("late-other-address")
    live = queries.live_application(entry.call, organisation)
    if live is not None and (live.status != ApplicationStatus.DRAFT or live.late_entry_id == entry.id):
        return live
    # One conditional UPDATE: of two at once on the last use, one finds nothing left.
    _change(entry, _is_left(), used=LateEntry.used + 1)
    application = live or services.draft(entry.call, organisation, content, actor=actor)
    application.late_entry = entry
    record("application.late", application, actor=actor, last_day=entry.last_on)
    return application


def is_for(entry: LateEntry, user: User) -> bool:
    """Whether the person has confirmed the address to which the link went."""
    return user.confirmed_at is not None and user.email.lower() == entry.email


def is_left(entry: LateEntry) -> bool:
    """Whether the link still begins something."""
    return entry.used < entry.uses and entry.revoked_at is None and clock.today() <= entry.last_on


def _is_left() -> ColumnElement[bool]:
    days_left = LateEntry.last_on >= clock.today()
    return and_(LateEntry.used < LateEntry.uses, LateEntry.revoked_at.is_(None), days_left)


def _change(entry: LateEntry, condition: ColumnElement[bool], **values: object) -> None:
    db.session.flush()
    changed = (
        update(LateEntry)
        .where(LateEntry.id == entry.id, condition)
        .values(**values)
        .returning(LateEntry.id)
        .execution_options(synchronize_session=False)
    )
    if db.session.scalar(changed) is None:
        raise RuleBroken("late-over")
    db.session.refresh(entry)
