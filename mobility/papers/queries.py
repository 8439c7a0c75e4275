"""Finding papers. Whoever asks has checked that the record is theirs to see."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from mobility.core.db import db
from mobility.papers.models import Paper


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
