"""The account that a partnership pays from."""

from typing import Any

from flask_babel import lazy_gettext as _l

from mobility.core.forms import HouseForm, Line, VersionField
from mobility.partnerships.bank import AccountDraft, problems_of
from mobility.partnerships.wording import REFUSALS


class AccountForm(HouseForm):
    """Holder and number of a paying account."""

    version = VersionField()
    holder = Line(_l("Account holder"), longest=70, description=_l("As the bank writes it."))
    iban = Line(_l("IBAN"), longest=50)
    bic = Line(_l("BIC"), required=False, longest=11)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        fields = {"no-holder": self.holder, "bad-iban": self.iban, "bad-bic": self.bic}
        for code in problems_of(self.account()):
            if not fields[code].errors:
                fields[code].errors = [str(REFUSALS[code])]
                valid = False
        return valid

    def account(self) -> AccountDraft:
        """What was typed, for the verb."""
        return AccountDraft(self.holder.data or "", self.iban.data or "", self.bic.data or "")
