"""What the worker does about closing reports: asks for them, reminds, prints certificates."""

from procrastinate import RetryStrategy

from mobility.core.db import db
from mobility.core.queue import enqueue, queue
from mobility.exchanges.models import Exchange
from mobility.reporting import queries, services
from mobility.reporting.enums import Side
from mobility.reporting.models import ClosingReport


@queue.periodic(cron="* * * * *")
@queue.task(name="reporting.begin_due", queueing_lock="begin-reports", lock="begin-reports")
def begin_due(timestamp: int) -> None:  # noqa: ARG001
    """Ask both sides of every stay that is over for their reports, a commit for each exchange."""
    for exchange_id in queries.exchanges_to_begin():
        exchange = db.session.get_one(Exchange, exchange_id)
        for side in Side:
            services.begin(exchange, side)
        db.session.commit()


@queue.periodic(cron="10 * * * *")
@queue.task(name="reporting.remind_due", queueing_lock="remind-reports", lock="remind-reports")
def remind_due(timestamp: int) -> None:  # noqa: ARG001
    """Remind of the reports whose day is near, come or a week past; each once."""
    for report_id in queries.open_reports():
        services.remind(db.session.get_one(ClosingReport, report_id))
        db.session.commit()


@queue.periodic(cron="* * * * * */20")
@queue.task(name="reporting.certify_due", queueing_lock="certify-due", lock="certify-due")
def certify_due(timestamp: int) -> None:  # noqa: ARG001
    """Find accepted reports without certificates; each gets a job of its own."""
    for report_id in queries.reports_to_certify(list(services.CERTIFICATES.values())):
        have_certified(report_id)
    db.session.commit()


def have_certified(report_id: int) -> None:
    """Have the worker print the certificates of a report, once the caller has committed."""
    lock = f"{queries.PRINT_LOCK}{report_id}"
    enqueue(certify_one, once=lock, lock=lock, report_id=report_id)


# Whatever stood in the way, memory or database, may be gone in a while: 2, 4, 8, … 256 s.
@queue.task(name="reporting.certify_one", retry=RetryStrategy(max_attempts=8, exponential_wait=2))
def certify_one(report_id: int) -> None:
    """Print the certificates of one report."""
    services.certify(db.session.get_one(ClosingReport, report_id))
    db.session.commit()
