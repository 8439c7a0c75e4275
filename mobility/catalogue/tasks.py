"""What the clock does to contacts, pairs and offers that nobody uses."""

from mobility.catalogue import services, unused
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.queue import queue
from mobility.hosts import resting
from mobility.hosts.models import Offer


@queue.periodic(cron="* * * * *")
@queue.task(name="catalogue.lapse", queueing_lock="lapse", lock="lapse")
def lapse(timestamp: int) -> None:  # noqa: ARG001
    """Withdraw what can no longer come about, and give back what it held."""
    services.lapse()
    db.session.commit()


@queue.periodic(cron="20 5 * * *")
@queue.task(name="catalogue.unused", queueing_lock="unused", lock="unused")
def unused_offers(timestamp: int) -> None:  # noqa: ARG001
    """Ask the hosts of unused offers, and let those rest whose host did not answer; a commit for each."""
    for offer_id in unused.offers_to_rest():
        _let_rest(db.session.get_one(Offer, offer_id))
    for offer_id in unused.offers_to_ask():
        resting.ask(db.session.get_one(Offer, offer_id))
        db.session.commit()


def _let_rest(offer: Offer) -> None:
    try:
        resting.rest(offer)
    except RuleBroken:  # answered or closed between the look and the move
        db.session.rollback()
        return
    db.session.commit()
