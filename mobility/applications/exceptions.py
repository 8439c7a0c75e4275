"""Exceptions from rules for applications."""

from mobility.applications import queries, services
from mobility.applications.enums import TO_ASSESS
from mobility.applications.models import Application, RuleException
from mobility.applications.rules import WAIVABLE
from mobility.hosts.exceptions import Exceptions


def _is_undecided(application: Application) -> bool:
    return application.standing in TO_ASSESS


APPLICATIONS = Exceptions(
    RuleException,
    "application",
    WAIVABLE,
    _is_undecided,
    queries.exceptions_of,
    services.findings_of,
)
waivable, ask, answer = APPLICATIONS.waivable, APPLICATIONS.ask, APPLICATIONS.answer
