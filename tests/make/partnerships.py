"""Makers of partnerships."""

from dataclasses import replace
from itertools import count
from typing import Any

from mobility.core.db import db
from mobility.partnerships.models import Partnership
from mobility.partnerships.services import PartnershipDraft, found

_numbers = count(1)
GREEN = PartnershipDraft(
    code="GREEN",
    name="Green partnership",
    topic="Green technologies",
    ecosystems=("renewables", "construction"),
    country="BE",
    town="Brussels",
    email="office@green.example",
    coordinator="Marie Janssens",
)


def make_partnership(**changes: Any) -> Partnership:
    """A partnership with a code of its own; `changes` are fields of `PartnershipDraft`."""
    content = replace(GREEN, **{"code": f"GREEN{next(_numbers)}", **changes})
    partnership = found(content, actor=None)
    db.session.flush()
    return partnership
