"""The letters of payments."""

from flask_babel import gettext as _

from mobility.core.money import euro
from mobility.mail.services import LetterDraft, letter
from mobility.payments import wording
from mobility.payments.document import beneficiary, masked
from mobility.payments.models import PaymentOrder


def ordered(order: PaymentOrder) -> LetterDraft:
    """Tell the visitor that the lump sum is on its way, and by when."""
    exchange = order.exchange
    return letter(
        "payment.ordered",
        template="mail/payments/ordered.txt",
        to=(exchange.application.person_name, exchange.application.person_email),
        about=order,
        subject=_("Your lump sum is ordered: %(reference)s", reference=order.reference),
        person_id=exchange.application.author_id,
        order=order,
        amount=euro(order.amount_cents),
        due=wording.day(order.due_on),
        beneficiary=beneficiary(exchange.visiting_organisation),
        account=masked(exchange.visiting_organisation.iban or ""),
        stay=wording.period(exchange.first_day, exchange.last_day),
    )
