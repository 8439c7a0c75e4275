"""What people type into an application."""

from datetime import timedelta
from typing import Any

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.core.db import db
from tests.make.accounts import make_user, sign_in
from tests.visitor import Visitor


def page_of(application: Application, end: str = "") -> str:
    return f"/applications/{application.reference}{end}"


def typed(application: Application, **changes: Any) -> dict[str, Any]:
    """What the browser sends for a filled form."""
    first_day = application.call.first_day
    fields = {
        "version": str(application.version),
        "person_name": "Ana Peeters",
        "person_email": "ana@visitor.example",
        "position": "Engineer",
        "languages-0-language": "en",
        "languages-0-level": "B2",
        "ecosystems": ["renewables"],
        "purposes": ["learn", "markets"],
        "mode": "physical",
        "windows-0-first_day": first_day.isoformat(),
        "windows-0-last_day": (first_day + timedelta(days=60)).isoformat(),
        "min_days": "3",
        "max_days": "5",
        "motivation": "To see how blades are tested.",
        "consent": "y",
        "next": "save",
    }
    return fields | changes


def officer_of(application: Application, client: Visitor, role: Role = Role.PARTNERSHIP_OFFICER) -> User:
    officer = make_user(role, partnership=application.partnership)
    db.session.commit()
    sign_in(client, officer)
    return officer
