"""The account that a partnership pays from."""

from typing import Any

from flask_babel import lazy_gettext as _l

from mobility.core.errors import RuleBroken
from mobility.core.forms import HouseForm, Line, VersionField
from mobility.partnerships.bank import AccountDraft, checked_account
from mobility.partnerships.wording import REFUSALS


class AccountForm(HouseForm):
    """Holder and number of a paying account."""

    version = VersionField()
    holder = Line(_l("Account holder"), longest=70, description=_l("As the bank writes it."))
    iban = Line(_l("IBAN"), longest=50)
    bic = Line(_l("BIC"), required=False, longest=11)

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            checked_account(self.account())
        except RuleBroken as refusal:
            field = {"no-holder": self.holder, "bad-bic": self.bic}.get(refusal.code, self.iban)
            field.errors = [*field.errors, str(REFUSALS[refusal.code])]
            return False
        return True

    def account(self) -> AccountDraft:
        """What was typed, for the verb."""
        return AccountDraft(self.holder.data or "", self.iban.data or "", self.bic.data or "")
