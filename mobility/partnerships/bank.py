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
    for code in problems_of(account):
        raise RuleBroken(code)
    bic = str(BIC(account.bic)) if account.bic else ""
    return AccountDraft(account.holder, str(IBAN(account.iban)), bic)


def problems_of(account: AccountDraft) -> list[str]:
    """All that is wrong with an account, by the codes of `checked_account`."""
    found = [] if account.holder else ["no-holder"]
    if not _is_right(IBAN, account.iban):
        found.append("bad-iban")
    if account.bic and not _is_right(BIC, account.bic):
        found.append("bad-bic")
    return found


def _is_right(kind: type[IBAN | BIC], written: str) -> bool:
    try:
        kind(written)
    except SchwiftyException:
        return False
    return True


def masked(iban: str | None) -> str:
    """An account that shows only its country and last four signs; its length stays hidden."""
    plain = "".join((iban or "").split())
    return f"{plain[:2]}{HIDDEN * 2} {HIDDEN * 4} {plain[-4:]}" if plain else ""
