"""Bank accounts: whose, and whether the number can be one."""

from dataclasses import dataclass

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from mobility.core.errors import RuleBroken

HIDDEN = "•"


@dataclass(frozen=True)
class AccountDraft:
    """A bank account: the holder is the organisation itself (domain.md 5.1 R9)."""

    holder: str
    iban: str
    bic: str = ""


def checked_account(account: AccountDraft) -> AccountDraft:
    """The account with its IBAN in compact form: country, length and check digits (mod 97) are right.

    Raises `RuleBroken`: "no-holder", "bad-iban", "bad-bic".
    """
    if not account.holder:
        raise RuleBroken("no-holder")
    try:
        iban = IBAN(account.iban)
    except SchwiftyException:
        raise RuleBroken("bad-iban") from None
    try:
        bic = str(BIC(account.bic)) if account.bic else ""
    except SchwiftyException:
        raise RuleBroken("bad-bic") from None
    return AccountDraft(account.holder, str(iban), bic)


def masked(iban: str | None) -> str:
    """An account that shows only its country and last four signs; its length stays hidden."""
    plain = "".join((iban or "").split())
    return f"{plain[:2]}{HIDDEN * 2} {HIDDEN * 4} {plain[-4:]}" if plain else ""
