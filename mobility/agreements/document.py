"""What an agreement says on its page and on its paper: its frozen text, and who has signed it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from mobility.agreements import wording
from mobility.agreements.enums import AgreementStatus
from mobility.agreements.models import Agreement
from mobility.core.pdf import LOCALE
from mobility.papers.stamp import Stamp, stamp


@dataclass(frozen=True)
class AgendaRow:
    """One working day."""

    day: date
    text: str


@dataclass(frozen=True)
class Signed:
    """One party, and who signed for it when; a line to sign on while nobody has."""

    role: str
    party: str
    name: str = ""
    position: str = ""
    signed_at: datetime | None = None


@dataclass(frozen=True)
class AgreementText:
    """The frozen text, ready to show; `content` is what was hashed."""

    content: dict[str, Any]
    sha256: str
    number: str
    first_day: date
    last_day: date
    drawn_up_on: date
    agenda: tuple[AgendaRow, ...]


@dataclass(frozen=True)
class AgreementDocument:
    """One version of the paper of an agreement."""

    title: str
    issued_at: datetime
    version: int
    is_signed: bool
    text: AgreementText
    signatures: tuple[Signed, ...]
    stamp: Stamp


def text_of(agreement: Agreement) -> AgreementText:
    """The frozen text of an agreement."""
    content = agreement.content
    return AgreementText(
        content=content,
        sha256=agreement.sha256,
        number=agreement.number,
        first_day=date.fromisoformat(content["stay"]["first_day"]),
        last_day=date.fromisoformat(content["stay"]["last_day"]),
        drawn_up_on=date.fromisoformat(content["drawn_up_on"]),
        agenda=tuple(
            AgendaRow(date.fromisoformat(row["day"]), row["text"]) for row in content.get("agenda", [])
        ),
    )


def document(agreement: Agreement, version: int) -> AgreementDocument:
    """The paper, in English whoever asks: to sign on, or with all signatures once it is signed."""
    is_signed = agreement.status is AgreementStatus.SIGNED
    with force_locale(LOCALE):
        return AgreementDocument(
            title=_("%(kind)s %(number)s", kind=wording.KINDS[agreement.kind], number=agreement.number),
            issued_at=agreement.signed_at or agreement.drawn_up_at,
            version=version,
            is_signed=is_signed,
            text=text_of(agreement),
            signatures=signatures(agreement, with_names=is_signed),
            stamp=stamp(agreement.number, version),
        )


def signatures(agreement: Agreement, *, with_names: bool = True) -> tuple[Signed, ...]:
    """Each party of the agreement in its order, with its signature if there is one."""
    by_slot = {signature.slot.value: signature for signature in agreement.signatures} if with_names else {}
    rows = []
    for party in agreement.content["parties"]:
        found = by_slot.get(party["slot"])
        signed = (found.name, found.position, found.signed_at) if found else ()
        rows.append(Signed(party["role"], party["name"], *signed))
    return tuple(rows)
