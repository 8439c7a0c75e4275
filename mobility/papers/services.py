"""Issuing papers: a new version replaces the one before, and none is ever changed."""

from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.papers import queries
from mobility.papers.models import Paper


def issue(kind: str, about: Any, number: str, title: str, content: bytes, actor: Actor | None) -> Paper:
    """Issue a paper about a record whose row the caller has locked; the same bytes again are no new version."""
    digest = sha256(content).hexdigest()
    before = queries.live(kind, about)
    if before is not None and before.sha256 == digest:
        return before
    if before is not None:
        before.replaced_at = clock.utcnow()
        db.session.flush()
    paper = Paper(
        kind=kind,
        number=number,
        paper_version=next_version(number),
        about_kind=about.__tablename__,
        about_id=about.id,
        title=title,
        content=content,
        sha256=digest,
        bytes_long=len(content),
        issued_at=clock.utcnow(),
    )
    db.session.add(paper)
    record("paper.issued", about, actor=actor, number=number, version=paper.paper_version, sha256=digest)
    return paper


def next_version(number: str) -> int:
    """The version that the next paper of this number gets."""
    last = db.session.scalar(select(func.max(Paper.paper_version)).where(Paper.number == number))
    return (last or 0) + 1


def cancel(kind: str, about: Any, *, actor: Actor | None) -> None:
    """Take the paper out of use; it stays on file."""
    paper = queries.live(kind, about)
    if paper is None:
        return
    paper.replaced_at = clock.utcnow()
    record("paper.cancelled", about, actor=actor, number=paper.number, version=paper.paper_version)
