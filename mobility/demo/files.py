"""What the demo leaves in `var/demo`: rounds, papers, payments, letters, accounts and a summary."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from mobility.core.db import db
from mobility.core.money import euro
from mobility.dashboard.queries import figures
from mobility.demo import cast, story
from mobility.mail.models import Letter
from mobility.mail.services import message_of
from mobility.papers.models import Paper
from mobility.payments.batches import HANDED_OUT
from mobility.payments.commands import write_batch
from mobility.payments.models import Batch
from mobility.rounds.models import Round, Run
from mobility.rounds.scenario import problem_of


def write_files(folder: Path, url: str) -> dict[str, Any]:
    """Write every file anew and return the summary."""
    folder.mkdir(parents=True, exist_ok=True)
    summary = {
        "url": url,
        "call": story.call().reference,
        "open_call": story.open_call().reference,
        **_figures(),
        "batches": _batches(),
        "rounds": [str(path) for path in _rounds(folder / "rounds")],
        "papers": [str(path) for path in _papers(folder / "papers")],
        "payments": [str(path) for path in _payments(folder / "payments")],
        "letters": str(_letters(folder / "letters")),
        "accounts": str(cast.write_accounts(folder)),
    }
    (folder / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    return summary


def _figures() -> dict[str, Any]:
    every = [figure for group in figures(story.call()) for figure in group.figures]
    return {
        "figures": {figure.key: figure.value for figure in every},
        "shown": {figure.key: figure.shown for figure in every},
        "labels": {figure.key: str(figure.label) for figure in every},
    }


def _batches() -> dict[str, Any]:
    counted = select(
        func.count(), func.coalesce(func.sum(Batch.number_of_orders), 0), func.sum(Batch.total_cents)
    )
    number, orders, cents = db.session.execute(counted.where(Batch.status.in_(HANDED_OUT))).one()
    total_cents = int(cents or 0)
    return {
        "number": number,
        "payments": int(orders),
        "total_cents": total_cents,
        "total": euro(total_cents),
    }


def _rounds(folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    published = select(Round, Run).join(Run, Run.round_id == Round.id).where(Run.is_published)
    written = []
    for round_, run in db.session.execute(published.order_by(Round.id)).all():
        for name, content in (("problem", problem_of(run)), ("solution", run.solution)):
            path = folder / f"{round_.reference}.{name}.json"
            path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
            written.append(path)
    return written


def _papers(folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    live = select(Paper.id).where(Paper.replaced_at.is_(None)).order_by(Paper.number)
    return [_paper(folder, db.session.get_one(Paper, key)) for key in db.session.scalars(live).all()]


def _paper(folder: Path, paper: Paper) -> Path:
    path = folder / f"{paper.number}.pdf"
    path.write_bytes(paper.content)
    db.session.expunge(paper)
    return path


def _payments(folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    left = select(Batch).where(Batch.status.in_(HANDED_OUT)).order_by(Batch.id)
    return [path for batch in db.session.scalars(left).all() for path in write_batch(batch, folder)]


def _letters(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for letter in db.session.scalars(select(Letter).order_by(Letter.id)):
        (folder / f"{letter.id:05d}-{letter.kind}.eml").write_bytes(message_of(letter).as_bytes())
    return folder
