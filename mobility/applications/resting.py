"""Applications whose applicant is not seen any more: asked, at rest without an answer, woken, as offers are."""

from mobility.applications import letters, queries
from mobility.applications.enums import LIFECYCLE, ApplicationStatus
from mobility.applications.models import Application
from mobility.audit.services import record
from mobility.core.errors import RuleBroken
from mobility.core.together import lock
from mobility.hosts.resting import Resting


class _RestingApplications(Resting):
    def rest(self, one: Application) -> None:
        """The same, but nobody rests who is promised to a host. Raises `RuleBroken("promised")`."""
        _hold_free(one)
        super().rest(one)


APPLICATIONS = _RestingApplications(
    Application,
    LIFECYCLE,
    ApplicationStatus.ACCEPTED,
    ApplicationStatus.RESTED,
    "still looking",
    letters.still_looking,
    letters.rested,
)


def say_over(application: Application) -> None:
    """The applicant looks for no host any more, asked by letter: the application rests at once, and may be woken.

    Raises `RuleBroken`: "wrong-state" where nothing is asked, "promised".
    """
    _hold_free(application)
    if application.asked_at is None:
        raise RuleBroken("wrong-state", state=application.status, to=ApplicationStatus.RESTED)
    LIFECYCLE.move(application, to=ApplicationStatus.RESTED)
    record("application.not-looking", application, actor=None)


def _hold_free(application: Application) -> None:
    """Hold an application that no pair and no proposal waits for."""
    lock(application)
    if queries.is_promised(application):
        raise RuleBroken("promised")
