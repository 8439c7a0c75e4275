"""What people type into an application."""

from datetime import timedelta
from typing import Any

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.core.db import db
from tests.make.accounts import make_user, sign_in
from tests.make.applications import SCHEME
from tests.visitor import Visitor


def page_of(application: Application, end: str = "") -> str:
    return f"/applications/{application.reference}{end}"


def form_at(application: Application, section: Section, end: str = "") -> str:
    """The address of a page of the form."""
    return page_of(application, f"/edit/{section.value}{end}")


def typed(application: Application, section: Section, **changes: Any) -> dict[str, Any]:
    """What the browser sends for a filled page."""
    return {"version": str(application.version), "next": "on", **_answers(application)[section], **changes}


def fill(client: Visitor, application: Application, *but: Section) -> None:
    """Fill the pages one after the other, all but those named."""
    for section in SCHEME:
        if section not in but:
            db.session.expire_all()
            answer = client.submit(form_at(application, section), typed(application, section))
            assert answer.status_code == 302, section


def _answers(application: Application) -> dict[Section, dict[str, Any]]:
    first_day = application.call.first_day
    return {
        Section.PERSON: {
            "person_name": "Ana Peeters",
            "person_email": "ana@visitor.example",
            "position": "Engineer",
            "languages-0-language": "en",
            "languages-0-level": "B2",
        },
        Section.TOPICS: {
            "ecosystems": ["renewables"],
            "purposes": ["learn", "markets"],
            "motivation": "To see how blades are tested.",
        },
        Section.DATES: {
            "mode": "physical",
            "windows-0-first_day": first_day.isoformat(),
            "windows-0-last_day": (first_day + timedelta(days=60)).isoformat(),
            "min_days": "3",
            "max_days": "5",
        },
        Section.HOSTS: {},
        Section.QUESTIONS: {},
        Section.CONSENTS: {"consent": "y"},
    }


def officer_of(application: Application, client: Visitor, role: Role = Role.PARTNERSHIP_OFFICER) -> User:
    officer = make_user(role, partnership=application.partnership)
    db.session.commit()
    sign_in(client, officer)
    return officer
