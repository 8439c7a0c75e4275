"""Forms of payments."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.core.forms import Day, HouseForm, Line, Paragraph, Tick, Ticks, VersionField, options, storable
from mobility.payments.models import Batch, PaymentOrder
from mobility.payments.rules import require_execution_day, require_paid_day


def _is_day(field: Any, require: Callable[[date], None]) -> bool:
    """Whether a rule takes the day that was typed; else its words stand beside the field."""
    try:
        require(field.data)
    except RuleBroken as refusal:
        field.errors = [current_app.extensions["rule_words"](refusal)]
        return False
    return True


class ReasonForm(HouseForm):
    """Why an order or a batch is stopped, sent back or taken back."""

    version = VersionField()
    reason = Paragraph(
        _l("Reason"), longest=500, description=_l("The reason stays with the record and is seen by auditors.")
    )


class PressForm(HouseForm):
    """A button alone: nothing is typed."""

    version = VersionField()


class PaidForm(HouseForm):
    """When the bank paid."""

    version = VersionField()
    paid_on = Day(_l("Paid on"), description=_l("As on the bank statement."))
    bank_reference = Line(_l("Reference of the bank"), required=False, longest=100)

    def __init__(self, *args: Any, batch: Batch | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        if batch is not None and not self.is_submitted():
            self.paid_on.data = max(clock.today(), batch.execution_on)

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        return self.batch is None or _is_day(self.paid_on, partial(require_paid_day, self.batch.execution_on))


class BatchForm(HouseForm):
    """Which due orders leave together, and when."""

    orders = Ticks(_l("Orders"), [], required=True)
    execution_on = Day(
        _l("Execution day"),
        description=_l("On which the bank is to pay: no weekend, no holiday of the banks."),
    )

    def __init__(self, *args: Any, orders: Iterable[PaymentOrder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.due = {order.reference: order for order in orders}
        self.orders.choices = options([(reference, reference) for reference in self.due])

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        is_typed = not self.execution_on.errors and self.execution_on.data is not None
        return is_typed and _is_day(self.execution_on, require_execution_day) and valid

    def chosen(self) -> tuple[list[PaymentOrder], date]:
        """What the verb takes; only after `validate_on_submit`."""
        return [self.due[reference] for reference in self.orders.data], self.execution_on.data


class ApproveForm(HouseForm):
    """What the approver saw, by its hash, and that it was compared."""

    sha256 = HiddenField(validators=[storable])
    seen = Tick(_l("I looked at each line and its payment order."), required=True)
