"""What the worker does about questions to clusters."""

from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.queue import queue
from mobility.organisations import clusters, merges, queries
from mobility.organisations.models import ClusterQuestion


@queue.periodic(cron="*/5 * * * *")
@queue.task(queueing_lock="cluster-questions-due")
def questions_due(timestamp: int) -> None:  # noqa: ARG001
    """Remind clusters that did not answer, and close the questions whose link has ended; a commit for each."""
    for question_id in queries.questions_to_remind(clock.utcnow() - clusters.REMIND_AFTER):
        clusters.remind(db.session.get_one(ClusterQuestion, question_id))
        db.session.commit()
    for question_id in queries.questions_over():
        _let_lapse(db.session.get_one(ClusterQuestion, question_id))


@queue.periodic(cron="40 2 * * *")
@queue.task(queueing_lock="find-likenesses")
def find_likenesses(timestamp: int) -> None:  # noqa: ARG001
    """Look at night for organisations that were entered twice."""
    merges.find()
    db.session.commit()


def _let_lapse(question: ClusterQuestion) -> None:
    try:
        clusters.let_lapse(question)
    except RuleBroken:  # answered between the look and the lock
        db.session.rollback()
        return
    db.session.commit()
