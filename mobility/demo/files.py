"""What the demo leaves in `var/demo`: rounds, papers, letters, accounts and a summary."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mobility.calls.models import Call
from mobility.core.db import db
from mobility.dashboard.queries import figures
from mobility.demo import cast, story
from mobility.mail.models import Letter
from mobility.mail.services import message_of
from mobility.papers.models import Paper
from mobility.rounds.models import Round, Run


def write_files(folder: Path, url: str) -> dict[str, Any]:
    """Write every file anew and return the summary."""
    folder.mkdir(parents=True, exist_ok=True)
    summary = {
        "url": url,
        "call": story.CALL,
        **_figures(),
        "rounds": [str(path) for path in _rounds(folder / "rounds")],
        "papers": [str(path) for path in _papers(folder / "papers")],
        "letters": str(_letters(folder / "letters")),
        "accounts": str(cast.write_accounts(folder)),
    }
    (folder / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    return summary


def _figures() -> dict[str, Any]:
    call = db.session.scalars(select(Call).where(Call.reference == story.CALL)).one()
    every = [figure for group in figures(call) for figure in group.figures]
    return {
        "figures": {figure.key: figure.value for figure in every},
        "shown": {figure.key: figure.shown for figure in every},
    }


def _rounds(folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    published = select(Round, Run).join(Run, Run.round_id == Round.id).where(Run.is_published)
    written = []
    for round_, run in db.session.execute(published).all():
        for name, content in (("problem", round_.problem), ("solution", run.solution)):
            path = folder / f"{round_.reference}.{name}.json"
            path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
            written.append(path)
    return written


def _papers(folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    live = db.session.scalars(select(Paper).where(Paper.replaced_at.is_(None)).order_by(Paper.number)).all()
    written = []
    for paper in live:
        path = folder / f"{paper.number}.pdf"
        path.write_bytes(paper.content)
        written.append(path)
    return written


def _letters(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for letter in db.session.scalars(select(Letter).order_by(Letter.id)):
        (folder / f"{letter.id:05d}-{letter.kind}.eml").write_bytes(message_of(letter).as_bytes())
    return folder
