"""Makers of applications."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import changes, cvs, late, queries, services
from mobility.applications.draft import AnswerDraft, ApplicationDraft
from mobility.applications.enums import ApplicationStatus
from mobility.applications.late import LateDraft
from mobility.applications.models import Application, ChangeRequest, LateEntry
from mobility.applications.resting import APPLICATIONS
from mobility.applications.rules import CONSENT_VERSION
from mobility.applications.sections import Section
from mobility.calls.enums import QuestionKind
from mobility.calls.models import Call, CallQuestion
from mobility.core import clock
from mobility.core.db import db
from mobility.core.uploads import Upload
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from tests.make.accounts import make_user
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

# The pages that every call has.
SCHEME = tuple(section for section in Section if section is not Section.QUESTIONS)


def make_application(
    *,
    call: Call | None = None,
    organisation: Organisation | None = None,
    partnership: Partnership | None = None,
    author: User | None = None,
    status: ApplicationStatus = ApplicationStatus.ACCEPTED,
    cv: Upload | None = None,
    **changes: Any,
) -> Application:
    """An application of a Belgian SME that meets every rule, taken to its state by the verbs.

    `changes` are fields of `ApplicationDraft`; `cv` is a file that comes with it.
    """
    call = call or make_call()
    organisation = organisation or make_organisation()
    application = services.draft(
        call,
        organisation,
        replace(application_content(call), **changes),
        partnership=partnership or organisation.partnership or make_partnership(),
        actor=author,
    )
    if cv is not None:
        application.cv = cvs.keep(application, cv, actor=author).sha256
    _take_to(application, status, author)
    db.session.flush()
    return application


def answers_to(questions: Iterable[CallQuestion], words: str = "Hannover") -> tuple[AnswerDraft, ...]:
    """An answer to each of these questions; to those that are answered with text, these words."""
    by_kind = {
        QuestionKind.YES_NO: "yes",
        QuestionKind.CHOICE: "By air",
        QuestionKind.CHOICES: ["By train", "By air"],
        QuestionKind.NUMBER: 1200,
        QuestionKind.DATE: "2027-03-15",
    }
    return tuple(AnswerDraft(one.id, one.wording.id, by_kind.get(one.kind, words)) for one in questions)


def application_content(call: Call) -> ApplicationDraft:
    """What a visitor types who could go in two months of the call."""
    first_day = call.first_day + timedelta(days=10)
    return ApplicationDraft(
        person_name="Ana Peeters",
        person_email="ana@visitor.example",
        position="Engineer",
        windows=((first_day, first_day + timedelta(days=60)),),
        min_days=3,
        max_days=5,
        motivation="To see how blades are tested.",
        ecosystems=("renewables",),
        purposes=("learn",),
        languages={"en": "B2"},
        consent_version=CONSENT_VERSION,
    )


def _take_to(application: Application, status: ApplicationStatus, author: User | None) -> None:
    if status == ApplicationStatus.DRAFT:
        return
    services.submit(application, actor=author)
    if status == ApplicationStatus.CHANGES_ASKED:
        make_change_request(application)
    elif status == ApplicationStatus.WITHDRAWN:
        services.withdraw(application, actor=author)
    elif status == ApplicationStatus.REJECTED:
        services.assess(application, accepted=False, reason="Not now.", actor=None)
    elif status in {ApplicationStatus.ACCEPTED, ApplicationStatus.MATCHED, ApplicationStatus.RESTED}:
        services.assess(application, accepted=True, actor=None)
    if status == ApplicationStatus.MATCHED:
        services.mark_matched(application, actor=None)
    elif status == ApplicationStatus.RESTED:
        APPLICATIONS.rest(application)


def make_change_request(
    application: Application, sections: tuple[Section, ...] = SCHEME, *, days: int = 14
) -> ChangeRequest:
    """Changes asked for in some sections of a submitted application, to be answered in so many days."""
    asked = dict.fromkeys(sections, "Please say more.")
    changes.ask(application, asked, clock.today() + timedelta(days=days), actor=None)
    return queries.open_request(application)


def make_closed_call() -> Call:
    """A call that closed yesterday, with a partnership to look after what comes late."""
    call = make_call(closes_at=clock.utcnow() - timedelta(days=1))
    make_allotment(call)
    return call


def make_late_entry(
    call: Call, email: str, *, reason: str = "The site was down.", uses: int = 1, days: int = 7
) -> tuple[LateEntry, str]:
    """A late entry into a closed call for some days, and the token of its link."""
    content = LateDraft(email, reason, clock.today() + timedelta(days=days), uses)
    given = late.give(call, content, actor=make_user(Role.SUPPORT_OFFICER))
    db.session.flush()
    return given
