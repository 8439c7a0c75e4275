"""Issuing papers: a new version replaces the one before, and none is ever changed."""

import hmac
from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.pdf import Document, print_page, set_page
from mobility.papers import queries
from mobility.papers.models import Paper


def issue_if_new(
    kind: str,
    about: Any,
    number: str,
    template: str,
    document: Callable[[int], Document],
    actor: Actor | None,
) -> Paper:
    """Print the next version of a document and issue it, unless the live version says the same.

    The caller has locked the record's row.
    """
    before = queries.live(kind, about)
    if before is not None and set_page(template, document(before.paper_version)).sha256 == before.page_sha256:
        return before
    version = _next_version(number)
    drawn_up = document(version)
    page = set_page(template, drawn_up)
    content = print_page(page)
    return _issue(
        before, kind, about, number, version, drawn_up.title, content, actor, page_sha256=page.sha256
    )


def code_of(number: str, version: int) -> str:
    """What the public check page of a paper goes by: 100 bits that only this house can work out."""
    key = current_app.config["SECRET_KEY"].encode()
    drawn = b32encode(hmac.digest(key, f"paper\0{number}\0{version}".encode(), "sha256")).decode()
    return "-".join(drawn[start : start + 4] for start in range(0, 20, 4))


def cancel(kind: str, about: Any, *, actor: Actor | None) -> None:
    """Take the paper out of use; it stays on file."""
    paper = queries.live(kind, about)
    if paper is None:
        return
    paper.replaced_at = paper.cancelled_at = clock.utcnow()
    record("paper.cancelled", about, actor=actor, number=paper.number, version=paper.paper_version)


def _next_version(number: str) -> int:
    last = db.session.scalar(select(func.max(Paper.paper_version)).where(Paper.number == number))
    return (last or 0) + 1


def _issue(
    before: Paper | None,
    kind: str,
    about: Any,
    number: str,
    version: int,
    title: str,
    content: bytes,
    actor: Actor | None,
    *,
    page_sha256: str,
) -> Paper:
    if before is not None:
        before.replaced_at = clock.utcnow()
        db.session.flush()
    digest = sha256(content).hexdigest()
    paper = Paper(
        kind=kind,
        number=number,
        paper_version=version,
        code=code_of(number, version),
        about_kind=about.__tablename__,
        about_id=about.id,
        title=title,
        page_sha256=page_sha256,
        content=content,
        sha256=digest,
        bytes_long=len(content),
        issued_at=clock.utcnow(),
    )
    db.session.add(paper)
    record("paper.issued", about, actor=actor, number=number, version=version, sha256=digest)
    return paper
