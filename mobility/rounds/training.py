"""Asking for a synthetic round."""

from datetime import timedelta

from sqlalchemy import select

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.queue import enqueue
from mobility.core.references import next_reference
from mobility.rounds import tasks
from mobility.rounds.enums import RunStatus
from mobility.rounds.measuring import Size
from mobility.rounds.models import SyntheticRound
from mobility.rounds.runs import LIVE

# Training waits for training, so that real rounds do not wait for it; one that was lost blocks nobody for longer.
LONGEST = timedelta(minutes=30)


def ask(size: Size, *, actor: Actor | None) -> SyntheticRound:
    """Queue an invented round for the worker. Raises `RuleBroken("synthetic-live")` while another is under way."""
    live = select(SyntheticRound.reference).where(
        SyntheticRound.status.in_(LIVE), SyntheticRound.queued_at > clock.utcnow() - LONGEST
    )
    other = db.session.scalar(live.limit(1))
    if other is not None:
        raise RuleBroken("synthetic-live", reference=other)
    asked = SyntheticRound(
        reference=next_reference("SYN"),
        status=RunStatus.QUEUED,
        visitors=size.visitors,
        hosts=size.hosts,
        seed=size.seed,
        is_tight=size.is_tight,
        time_limit_s=size.time_limit_s,
        progress={},
        results=[],
        queued_at=clock.utcnow(),
    )
    db.session.add(asked)
    record("synthetic.queued", asked, actor=actor, seed=size.seed)
    enqueue(tasks.measure, once=f"synthetic-{asked.id}", lock=f"synthetic-{asked.id}", synthetic_id=asked.id)
    return asked
