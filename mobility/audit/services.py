"""Writing the log, sealing it, verifying it, and noting who looked at what."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from itertools import islice
from typing import Any

from flask import Response, after_this_request, has_request_context
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from mobility.audit import queries
from mobility.audit.chain import BEGINNING, Fault, Logged, digest, faults
from mobility.audit.models import Entry, Seal, SealedHead, Viewing
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.together import is_put_off

# Held by whoever seals, so that two sealers make one chain.
SEALER_LOCK = 8_100_081
MOST_FAULTS = 100


def record(verb: str, about: Any, *, actor: Actor | None, **values: Any) -> Entry:
    """Write down a move in its own transaction; `actor` None is the clock or the house."""
    entry = Entry(
        at=clock.utcnow(),
        actor_id=actor.id if actor else None,
        verb=verb,
        about_kind=about.__tablename__,
        values={name: _plain(value) for name, value in values.items()},
    )
    if not is_put_off(_store, (entry, about)):
        db.session.flush()
        _store([(entry, about)])
    return entry


def _store(entries: list[tuple[Entry, Any]]) -> None:
    for entry, about in entries:
        entry.about_id, entry.about_ref = about.id, _reference(about)
        db.session.add(entry)


def note_viewing(actor: Actor, what: str, about: Any) -> None:
    """Write down that somebody sees a full account number, a CV or a piece of evidence (promise T84).

    On a transaction of its own: that of a GET is read only. Within a request it is written before the answer
    leaves, and without it no answer does.
    """
    row = {
        "at": clock.utcnow(),
        "actor_id": actor.id,
        "what": what,
        "about_kind": about.__tablename__,
        "about_id": about.id,
        "about_ref": _reference(about),
    }
    if not has_request_context():
        _store_viewing(row)
        return

    @after_this_request
    def store(response: Response) -> Response:
        # The view is over: what it left uncommitted is lost anyway, and its connection is free for us.
        db.session.rollback()
        _store_viewing(row)
        return response


def _store_viewing(row: dict[str, Any]) -> None:
    with Session(db.engine, join_transaction_mode="create_savepoint") as own:
        own.execute(insert(Viewing).values(**row))
        own.commit()


def seal(limit: int = 1000) -> int:
    """Chain the committed entries that are not sealed yet, one sealer at a time; how many they were.

    An entry may be committed after one with a greater id: it is sealed when it is there.
    """
    db.session.flush()
    # The statements after this one see what the sealer before us has committed.
    db.session.execute(select(func.pg_advisory_xact_lock(SEALER_LOCK)))
    last = queries.head()
    position, previous = (last.position, last.sha256) if last else (0, BEGINNING)
    rows = _links(queries.waiting(limit), position, previous)
    if rows:
        end = rows[-1]
        db.session.execute(insert(Seal), rows)
        db.session.execute(
            insert(SealedHead).values(
                position=end["position"], sha256=end["sha256"], noted_at=end["sealed_at"]
            )
        )
    return len(rows)


def _links(entries: list[Logged], position: int, previous: str) -> list[dict[str, Any]]:
    now, rows = clock.utcnow(), []
    for place, logged in enumerate(entries, start=position + 1):
        previous = digest(previous, place, now, logged)
        rows.append({"position": place, "entry_id": logged.id, "sha256": previous, "sealed_at": now})
    return rows


@dataclass(frozen=True)
class Verdict:
    """What became of the chain: how long it is, what waits, what does not fit."""

    sealed: int
    unsealed: int
    head: str
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def verify(expected: tuple[int, str] | None = None) -> Verdict:
    """Read the whole chain and say what does not fit; `expected` is a head that somebody kept.

    Finds entries and seals that were changed, deleted, exchanged, put in between or cut off at the end. Entries that
    wait for their seal are counted only.
    """
    found = list(islice(faults(queries.chain()), MOST_FAULTS))
    found += [Fault("cut", position) for position in queries.heads_without_seal()[:MOST_FAULTS]]
    if expected is not None:
        found += _against(*expected)
    return Verdict(queries.sealed(), queries.unsealed(), queries.head_words(), tuple(found))


def _against(position: int, sha256: str) -> list[Fault]:
    kept = queries.seal_at(position)
    if kept is None:
        return [Fault("kept-head-gone", position)]
    return [] if kept.sha256 == sha256 else [Fault("kept-head-differs", position)]


def _reference(about: Any) -> str:
    return getattr(about, "reference", None) or getattr(about, "code", None) or str(about.id)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
