"""What happens to a partnership."""

from dataclasses import asdict, dataclass

from sqlalchemy import select

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import expect_version
from mobility.mail.services import write
from mobility.partnerships import letters
from mobility.partnerships.bank import AccountDraft, checked_account
from mobility.partnerships.models import Partnership


@dataclass(frozen=True)
class PartnershipDraft:
    """Who a partnership is; its code is its key for imports and letters."""

    code: str
    name: str
    topic: str
    ecosystems: tuple[str, ...]
    country: str
    town: str
    email: str
    coordinator: str
    street: str = ""
    postcode: str = ""


def found(content: PartnershipDraft, *, actor: Actor | None) -> Partnership:
    """Enter a partnership that holds a grant. Raises `RuleBroken("code-taken")`."""
    if db.session.scalar(select(Partnership.id).where(Partnership.code == content.code)):
        raise RuleBroken("code-taken", partnership=content.code)
    partnership = Partnership(founded_at=clock.utcnow())
    _fill(partnership, content)
    db.session.add(partnership)
    record("partnership.founded", partnership, actor=actor)
    return partnership


def update(partnership: Partnership, content: PartnershipDraft, *, actor: Actor | None) -> bool:
    """Change what is known of a partnership; False if nothing is new."""
    if content == draft_of(partnership):
        return False
    _fill(partnership, content)
    record("partnership.updated", partnership, actor=actor)
    return True


def draft_of(partnership: Partnership) -> PartnershipDraft:
    """The partnership as somebody would type it."""
    return PartnershipDraft(
        code=partnership.code,
        name=partnership.name,
        topic=partnership.topic,
        ecosystems=tuple(partnership.ecosystems),
        country=partnership.country,
        town=partnership.town,
        email=partnership.email,
        coordinator=partnership.coordinator,
        street=partnership.street,
        postcode=partnership.postcode,
    )


def set_account(
    partnership: Partnership, account: AccountDraft, *, actor: Actor | None, version: int | None = None
) -> bool:
    """Take down the account that a partnership pays lump sums from; False if it is the same.

    Where another stood, its office is told of both (promise T54). Raises `RuleBroken`: "stale", "no-holder",
    "bad-iban", "bad-bic".
    """
    if version is not None:
        expect_version(partnership, version)
    checked = checked_account(account)
    before = AccountDraft(partnership.account_holder, partnership.iban or "", partnership.bic)
    if before == checked:
        return False
    partnership.account_holder, partnership.iban, partnership.bic = (
        checked.holder,
        checked.iban,
        checked.bic,
    )
    # The log keeps where the money comes from, not the number itself.
    record("partnership.account-changed", partnership, actor=actor, iban_end=checked.iban[-4:])
    if before.iban:
        write(letters.account_changed(partnership, before))
    return True


def _fill(partnership: Partnership, content: PartnershipDraft) -> None:
    for name, value in asdict(content).items():
        setattr(partnership, name, list(value) if isinstance(value, tuple) else value)
