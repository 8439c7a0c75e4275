"""Makers of imports."""

from typing import Any

from mobility.accounts.models import User
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.references import next_reference
from mobility.imports.enums import ImportStatus
from mobility.imports.models import Import

WRONG = {"row": 2, "reason": "is empty; fill it in", "column": "name", "value": None}


def make_import(call: Call, officer: User, status: ImportStatus, **changes: Any) -> Import:
    """A file of partnerships in one of its states."""
    is_refused = status is ImportStatus.REFUSED
    values: dict[str, Any] = {
        "reference": next_reference("IMP"),
        "call": call,
        "handed_in_by": officer,
        "status": status,
        "kind": "partnerships",
        "filename": "partners.csv",
        "sha256": "0" * 64,
        "content": None if is_refused else b"partnership",
        "handed_in_at": clock.utcnow(),
        "rows": 1,
        "problems": [WRONG] if is_refused else [],
        "problem_count": int(is_refused),
    }
    found = Import(**values | changes)
    db.session.add(found)
    db.session.flush()
    return found
