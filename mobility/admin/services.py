"""What the administration sends out."""

from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.admin import letters
from mobility.audit.services import verify
from mobility.core.db import db
from mobility.mail.services import write


def mail_head() -> int:
    """Write the head of the log to each auditor, once a day; how many letters are new."""
    is_auditor = User.grants.any((RoleGrant.role == Role.AUDITOR) & RoleGrant.partnership_id.is_(None))
    auditors = list(db.session.scalars(select(User).where(User.active, is_auditor).order_by(User.id)))
    if not auditors:
        return 0
    verdict = verify()
    return sum(write(letters.head(auditor, verdict)) for auditor in auditors)
