"""The letters of payments."""

from typing import Any

from flask_babel import gettext as _

from mobility.core import dates
from mobility.core.money import euro
from mobility.mail.services import LetterDraft, letter
from mobility.partnerships.bank import masked
from mobility.payments.document import beneficiary
from mobility.payments.models import PaymentOrder


def ordered(order: PaymentOrder) -> LetterDraft:
    """Tell the visitor that the lump sum is on its way, and by when."""
    subject = _("Your lump sum is ordered: %(reference)s", reference=order.reference)
    return _to_visitor("payment.ordered", "ordered", order, subject, due=dates.day(order.due_on))


def paid(order: PaymentOrder) -> LetterDraft:
    """Tell the visitor that the bank paid."""
    subject = _("Your lump sum is paid: %(reference)s", reference=order.reference)
    paid_on = dates.day(order.paid_on) if order.paid_on else ""
    return _to_visitor("payment.paid", "paid", order, subject, paid_on=paid_on)


def failed(order: PaymentOrder, anew: PaymentOrder) -> LetterDraft:
    """Ask the visitor to check the account: the bank sent the money back."""
    subject = _("Your lump sum came back: check your account, %(reference)s", reference=order.reference)
    return _to_visitor(
        "payment.failed",
        "failed",
        order,
        subject,
        reason=order.reason,
        anew=anew,
        due=dates.day(anew.due_on),
    )


def _to_visitor(kind: str, template: str, order: PaymentOrder, subject: str, **more: Any) -> LetterDraft:
    exchange = order.exchange
    visitor = exchange.visiting_organisation
    return letter(
        kind,
        template=f"mail/payments/{template}.txt",
        to=(exchange.application.person_name, exchange.application.person_email),
        about=order,
        subject=subject,
        person_id=exchange.application.author_id,
        order=order,
        amount=euro(order.amount_cents),
        beneficiary=beneficiary(visitor),
        account=masked(visitor.iban),
        stay=dates.period(exchange.first_day, exchange.broken_off_on or exchange.last_day),
        days=exchange.call.pay_within_days,
        **more,
    )
