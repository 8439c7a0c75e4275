"""What the clock does to proposals and exchanges."""

from sqlalchemy import Select

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.catalogue.models import AgreedPair
from mobility.catalogue.queries import validated_pairs
from mobility.catalogue.services import withdraw_pair
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.queue import queue
from mobility.exchanges import queries, services
from mobility.rounds.queries import calls_frozen, lock_call


@queue.periodic(cron="* * * * *")
@queue.task(name="exchanges.expire_overdue", queueing_lock="expire-overdue", lock="expire-overdue")
def expire_overdue(timestamp: int) -> None:  # noqa: ARG001
    """Close the proposals that were not answered in time, a commit each."""
    for proposal_id in queries.overdue_ids(clock.utcnow()):
        services.expire(proposal_id)
        db.session.commit()


@queue.periodic(cron="* * * * *")
@queue.task(name="exchanges.keep_time", queueing_lock="keep-time", lock="keep-time")
def keep_time(timestamp: int) -> None:  # noqa: ARG001
    """Start and end exchanges as their days come, and call off what was not signed in time."""
    services.start_due()
    services.end_due()
    db.session.commit()
    services.cancel_unsigned()
    db.session.commit()


@queue.periodic(cron="* * * * *")
@queue.task(name="exchanges.build_validated", queueing_lock="build-validated", lock="build-validated")
def build_validated(timestamp: int) -> None:  # noqa: ARG001
    """Build the exchanges of validated pairs, a commit each; a pair whose call has a frozen round waits."""
    ready = _to_build().with_only_columns(AgreedPair.id, Application.call_id)
    for pair_id, call_id in db.session.execute(ready).all():
        # A round that is being frozen at this moment counts on the pair as it stands.
        lock_call(call_id)
        locked = _to_build().where(AgreedPair.id == pair_id).with_for_update(of=AgreedPair, skip_locked=True)
        pair = db.session.scalar(locked.execution_options(populate_existing=True))
        if pair is not None:
            _build(pair)
        db.session.commit()


def _to_build() -> Select[AgreedPair]:
    ready = validated_pairs().join(AgreedPair.application).order_by(AgreedPair.id)
    return ready.where(
        # What is withdrawn lapses by itself.
        Application.status == ApplicationStatus.ACCEPTED,
        Application.call_id.not_in(calls_frozen()),
    )


def _build(pair: AgreedPair) -> None:
    try:
        with db.session.begin_nested():
            services.build(pair, actor=None)
    except RuleBroken as refused:
        db.session.expire(pair)
        # Another visit of the organisation was agreed meanwhile: this one will never be. All else looks again.
        if refused.code == "second-visit":
            withdraw_pair(pair, refused.code, actor=None)
