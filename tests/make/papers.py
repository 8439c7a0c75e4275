"""Makers of papers, without the time that printing takes."""

from typing import Any

from mobility.core.db import db
from mobility.papers import queries, services
from mobility.papers.models import Paper


def make_paper(
    about: Any,
    *,
    kind: str = "note",
    number: str = "",
    title: str = "Note",
    content: bytes = b"%PDF-1.7 one",
) -> Paper:
    """The next version of a paper about a record, as it is issued."""
    before = queries.live(kind, about)
    version = before.paper_version + 1 if before else 1
    number = number or f"N-{about.__tablename__}-{about.id}"
    paper = services._issue(before, kind, about, number, version, title, content, None, page_sha256="")
    db.session.flush()
    return paper
