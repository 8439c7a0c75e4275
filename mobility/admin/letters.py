"""The letters of the administration."""

from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.audit.services import Verdict
from mobility.audit.wording import fault, summary
from mobility.core import clock, dates
from mobility.core.web import external_url
from mobility.mail.services import LetterDraft, letter


def head(auditor: User, verdict: Verdict) -> LetterDraft:
    """The head of the sealed log, once a day: who keeps these letters can prove what the log once said."""
    today = clock.today()
    return letter(
        "admin.head",
        template="mail/admin/head.txt",
        to=(auditor.name or auditor.email, auditor.email),
        about=auditor,
        subject=_("The log on %(day)s", day=dates.day(today)),
        person_id=auditor.id,
        turn=today.toordinal(),
        head=verdict.head,
        summary=summary(verdict),
        faults=[fault(found) for found in verdict.faults],
        link=external_url("admin.log_page"),
    )
