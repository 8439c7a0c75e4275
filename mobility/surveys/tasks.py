"""What the worker does about surveys."""

from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.queue import enqueue, queue
from mobility.exchanges.models import Exchange
from mobility.surveys import queries, services
from mobility.surveys.models import Invitation
from mobility.surveys.questions import FOLLOW_UPS


@queue.periodic(cron="* * * * * */20")
@queue.task(queueing_lock="invite-due")
def invite_due(timestamp: int) -> None:  # noqa: ARG001
    """Find finished exchanges whose sides were not asked; each is invited in a job of its own."""
    for exchange_id in queries.exchanges_to_ask():
        enqueue(
            invite_one, once=f"invite-{exchange_id}", lock=f"invite-{exchange_id}", exchange_id=exchange_id
        )
    db.session.commit()


@queue.task
def invite_one(exchange_id: int) -> None:
    """Invite both sides of one exchange; who was invited before is not asked again."""
    services.invite(db.session.get_one(Exchange, exchange_id))
    db.session.commit()


@queue.periodic(cron="*/5 * * * *")
@queue.task(queueing_lock="follow-up-due")
def follow_up_due(timestamp: int) -> None:  # noqa: ARG001
    """Find stays that ended 6 or 12 months ago; both sides of each are asked in a job of its own."""
    for months in FOLLOW_UPS:
        for exchange_id in queries.exchanges_to_follow_up(months):
            name = f"follow-up-{months}-{exchange_id}"
            enqueue(follow_up_one, once=name, lock=name, exchange_id=exchange_id, months=months)
    db.session.commit()


@queue.task
def follow_up_one(exchange_id: int, months: int) -> None:
    """Ask both sides of one exchange what came of it; who was asked before is not asked again."""
    services.follow_up(db.session.get_one(Exchange, exchange_id), months)
    db.session.commit()


@queue.periodic(cron="*/5 * * * *")
@queue.task(queueing_lock="remind-due")
def remind_due(timestamp: int) -> None:  # noqa: ARG001
    """Find invitations that wait too long for their answer; each is reminded in a job of its own."""
    for invitation_id in queries.invitations_to_remind():
        name = f"remind-{invitation_id}"
        enqueue(remind_one, once=name, lock=name, invitation_id=invitation_id)
    db.session.commit()


@queue.task
def remind_one(invitation_id: int) -> None:
    """Remind one side if it is still due: a job that runs twice writes once."""
    invitation = db.session.get_one(Invitation, invitation_id)
    if not queries.is_to_remind(invitation):
        return
    try:
        services.remind(invitation)
    except RuleBroken:  # answered, or reminded by another job, between the look and the letter
        db.session.rollback()
        return
    db.session.commit()
