"""Synthetic rounds as the worker meets them, and reading them; each verb locks the row, for a job can run twice."""

from typing import Any

from sqlalchemy import select, update

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.db import db
from mobility.rounds.enums import RUN_LIFECYCLE, RunStatus
from mobility.rounds.measuring import Size
from mobility.rounds.models import SyntheticRound

SHOWN = 10


def newest() -> list[SyntheticRound]:
    """The last synthetic rounds, the newest first."""
    return list(db.session.scalars(select(SyntheticRound).order_by(SyntheticRound.id.desc()).limit(SHOWN)))


def begin(synthetic_id: int) -> Size | None:
    """Take one up, also one whose worker died; None if it is over."""
    found = _locked(synthetic_id)
    if found.status is RunStatus.QUEUED:
        RUN_LIFECYCLE.move(found, to=RunStatus.SOLVING)
    elif found.status is not RunStatus.SOLVING:
        return None
    return Size(found.visitors, found.hosts, found.seed, found.is_tight, found.time_limit_s)


def tell(synthetic_id: int, words: dict[str, Any]) -> None:
    """Keep the newest words; those of one that is over are dropped."""
    solving = update(SyntheticRound).where(
        SyntheticRound.id == synthetic_id, SyntheticRound.status == RunStatus.SOLVING
    )
    db.session.execute(solving.values(progress=words).execution_options(synchronize_session=False))


def finish(synthetic_id: int, results: list[dict[str, Any]]) -> None:
    """Keep the results of all methods at once."""
    found = _locked(synthetic_id)
    if found.status is RunStatus.SOLVING:
        RUN_LIFECYCLE.move(found, to=RunStatus.SOLVED, results=results, finished_at=clock.utcnow())
        record("synthetic.solved", found, actor=None)


def fail(synthetic_id: int, code: str) -> None:
    """Note that it ended without all results; none is kept."""
    found = _locked(synthetic_id)
    if found.status is RunStatus.SOLVING:
        RUN_LIFECYCLE.move(found, to=RunStatus.FAILED, failure=code, finished_at=clock.utcnow())
        record("synthetic.failed", found, actor=None, failure=code)


def _locked(synthetic_id: int) -> SyntheticRound:
    one = select(SyntheticRound).where(SyntheticRound.id == synthetic_id).with_for_update()
    return db.session.scalars(one.execution_options(populate_existing=True)).one()
