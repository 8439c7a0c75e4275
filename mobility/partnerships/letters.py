"""The letters of partnerships."""

from flask_babel import gettext as _

from mobility.mail.services import LetterDraft, letter, next_turn
from mobility.partnerships.bank import AccountDraft, masked
from mobility.partnerships.models import Partnership

ACCOUNT_CHANGED = "partnership.account-changed"


def account_changed(partnership: Partnership, before: AccountDraft) -> LetterDraft:
    """Tell a partnership's office that its payments leave from another account."""
    return letter(
        ACCOUNT_CHANGED,
        template="mail/partnerships/account_changed.txt",
        to=(partnership.name, partnership.email),
        about=partnership,
        subject=_("The paying account of %(partnership)s was changed", partnership=partnership.name),
        turn=next_turn(ACCOUNT_CHANGED, partnership.email, partnership),
        partnership=partnership.name,
        before=masked(before.iban),
        now=masked(partnership.iban),
        holder=partnership.account_holder,
    )
