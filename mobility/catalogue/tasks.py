"""What the clock does to contacts and pairs, and to offers and applications that nobody uses."""

from mobility.applications.resting import APPLICATIONS
from mobility.catalogue import services, unused
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.queue import queue
from mobility.hosts.resting import OFFERS, Resting


@queue.periodic(cron="* * * * *")
@queue.task(name="catalogue.lapse", queueing_lock="lapse", lock="lapse")
def lapse(timestamp: int) -> None:  # noqa: ARG001
    """Withdraw what can no longer come about, and give back what it held."""
    services.lapse()
    db.session.commit()


@queue.periodic(cron="20 5 * * *")
@queue.task(name="catalogue.unused", queueing_lock="unused", lock="unused")
def ask_about_unused(timestamp: int) -> None:  # noqa: ARG001
    """Ask whose offers and applications nobody uses, and let those rest about which nobody answered; a commit each."""
    for resting in (OFFERS, APPLICATIONS):
        for key in unused.to_rest(resting.kind):
            _let_rest(resting, key)
        for key in unused.to_ask(resting.kind):
            resting.ask(db.session.get_one(resting.kind, key))
            db.session.commit()


def _let_rest(resting: Resting, key: int) -> None:
    try:
        resting.rest(db.session.get_one(resting.kind, key))
    except RuleBroken:  # answered, closed or promised between the look and the move
        db.session.rollback()
        return
    db.session.commit()
