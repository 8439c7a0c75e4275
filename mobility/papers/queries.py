"""Finding papers. Whoever asks has checked that the record is theirs to see."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast, column, literal, select, table

from mobility.core.db import db
from mobility.papers.enums import PaperState
from mobility.papers.models import Paper

# The queue's own table has no model.
JOB = table("procrastinate_jobs", column("lock"), column("status"))
# Signs that no code has, and what a reader of one meant.
MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B"})


@dataclass(frozen=True)
class Standing:
    """How a paper stands, and which version replaced it."""

    state: PaperState
    replaced_by: Paper | None = None


def live(kind: str, about: Any) -> Paper | None:
    """The paper of this kind that is in force for the record."""
    return db.session.scalar(
        select(Paper).where(
            Paper.kind == kind,
            Paper.about_kind == about.__tablename__,
            Paper.about_id == about.id,
            Paper.replaced_at.is_(None),
        )
    )


def live_of(kind: str, about_kind: str, ids: Iterable[int]) -> dict[int, Paper]:
    """The papers in force for many records: id of the record → its paper, in one query."""
    found = select(Paper).where(
        Paper.kind == kind,
        Paper.about_kind == about_kind,
        Paper.about_id.in_(list(ids)),
        Paper.replaced_at.is_(None),
    )
    return {paper.about_id: paper for paper in db.session.scalars(found)}


def versions(kind: str, about: Any) -> list[Paper]:
    """Every version ever issued, newest first."""
    all_of_it = select(Paper).where(
        Paper.kind == kind, Paper.about_kind == about.__tablename__, Paper.about_id == about.id
    )
    return list(db.session.scalars(all_of_it.order_by(Paper.paper_version.desc())))


def is_being_printed(lock: str, record_id: Any) -> ColumnElement[bool]:
    """Whether a job waits or runs that prints this record's paper; its lock is these letters and the record's key."""
    # One under way counts too: were it queued again meanwhile, its retry would break the queueing lock.
    job = select(JOB.c.lock).where(
        JOB.c.lock == literal(lock) + cast(record_id, String),
        cast(JOB.c.status, String).in_(["todo", "doing"]),
    )
    return job.exists()


def by_code(code: str) -> Paper | None:
    """The paper with that code on it; case, hyphens and spaces do not matter."""
    signs = "".join(sign for sign in code.upper() if sign.isalnum()).translate(MISREAD)
    whole = "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))
    return db.session.scalar(select(Paper).where(Paper.code == whole))


def standing(paper: Paper) -> Standing:
    """Whether a paper is valid, replaced or cancelled."""
    if paper.cancelled_at is not None:
        return Standing(PaperState.CANCELLED)
    if paper.replaced_at is None:
        return Standing(PaperState.VALID)
    newer = select(Paper).where(Paper.number == paper.number, Paper.paper_version > paper.paper_version)
    return Standing(PaperState.REPLACED, db.session.scalar(newer.order_by(Paper.paper_version).limit(1)))
