"""The way of an exchange from the application to the bank: every record on it that the reader may open."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, ColumnElement, DateTime, Select, Text, cast, func, select, union_all

from mobility.accounts.models import User
from mobility.agreements.enums import AgreementStatus
from mobility.agreements.models import Agreement
from mobility.agreements.queries import agreements_seen_by
from mobility.applications.models import Application
from mobility.applications.queries import applications_seen_by
from mobility.catalogue.models import AgreedPair
from mobility.catalogue.queries import pairs_seen_by
from mobility.core import clock, dates
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.core.money import euro
from mobility.exchanges.models import Exchange
from mobility.exchanges.queries import proposals_seen_by
from mobility.hosts.models import Offer
from mobility.hosts.queries import offers_seen_by
from mobility.payments.batch_queries import batches_of
from mobility.payments.models import Batch, BatchLine, PaymentOrder
from mobility.payments.queries import orders_of
from mobility.reporting.models import ClosingReport
from mobility.reporting.queries import reports_seen_by
from mobility.rounds.models import Proposal, Round


@dataclass(frozen=True)
class Stop:
    """A record on the way: what it is, its page, and when what happened with it."""

    label: str
    reference: str
    url: str
    text: str


@dataclass(frozen=True)
class _Kind:
    label: Any
    endpoint: str
    argument: str
    words: Callable[[str], str]


KINDS = {
    "application": _Kind(
        _l("Application"), "applications.show", "reference", lambda on: _("sent %(day)s", day=on)
    ),
    "offer": _Kind(_l("Offer of the host"), "hosts.show", "reference", lambda on: _("sent %(day)s", day=on)),
    "round": _Kind(_l("Round"), "rounds.show", "reference", lambda on: _("published %(day)s", day=on)),
    "proposal": _Kind(
        _l("Proposal"), "exchanges.proposal", "reference", lambda on: _("made %(day)s", day=on)
    ),
    "pair": _Kind(
        _l("Agreed pair"), "catalogue.pairs.show", "reference", lambda on: _("entered %(day)s", day=on)
    ),
    "commitment": _Kind(
        _l("Commitment to Quality"),
        "agreements.show",
        "number",
        lambda on: _("signed by all %(day)s", day=on),
    ),
    "financial": _Kind(
        _l("Financial agreement"),
        "agreements.show",
        "number",
        lambda on: _("signed by all %(day)s", day=on),
    ),
    "visitor": _Kind(
        _l("Closing report of the visitor"),
        "reporting.show",
        "reference",
        lambda on: _("sent %(day)s", day=on),
    ),
    "host": _Kind(
        _l("Closing report of the host"), "reporting.show", "reference", lambda on: _("sent %(day)s", day=on)
    ),
    "order": _Kind(
        _l("Payment order"), "payments.show", "reference", lambda on: _("ordered %(day)s", day=on)
    ),
    "batch": _Kind(
        _l("Batch of payments"), "payments.batch", "reference", lambda on: _("file made %(day)s", day=on)
    ),
    "bank": _Kind(_l("Line of the bank"), "payments.show", "reference", lambda on: _("paid %(day)s", day=on)),
}


def way_of(user: User, exchange: Exchange) -> list[Stop]:
    """What came before and after the exchange, in one statement."""
    parts = (
        *_before(user, exchange),
        *_after(user, exchange),
        *_payment(user, exchange),
    )
    found = db.session.execute(union_all(*parts)).all()
    places = list(KINDS)
    return [_stop(*row) for row in sorted(found, key=lambda row: (places.index(row.kind), row.reference))]


def _stop(kind: str, reference: str, shown: str, on: datetime | None, cents: int | None) -> Stop:
    known = KINDS[kind]
    words = [euro(cents)] if cents is not None else []
    words += [known.words(dates.day(clock.local(on).date()))] if on else []
    address: dict[str, Any] = {known.argument: reference}
    return Stop(str(known.label), shown or reference, url_for(known.endpoint, **address), ", ".join(words))


def _before(user: User, exchange: Exchange) -> list[Select[Any]]:
    application = _part("application", Application.reference, Application, Application.submitted_at)
    offer = _part("offer", Offer.reference, Offer, Offer.submitted_at)
    return [
        application.where(
            Application.id == exchange.application_id, _among(Application, applications_seen_by(user))
        ),
        offer.where(Offer.id == exchange.offer_id, _among(Offer, offers_seen_by(user))),
        *(_by_round(user, exchange) if exchange.proposal_id else _by_pair(user, exchange)),
    ]


def _by_round(user: User, exchange: Exchange) -> list[Select[Any]]:
    proposal = _part("proposal", Proposal.reference, Proposal, Proposal.made_at)
    proposal = proposal.where(Proposal.id == exchange.proposal_id, _among(Proposal, proposals_seen_by(user)))
    if not user.may(Permission.ROUNDS_READ):
        return [proposal]
    round_ = _part("round", Round.reference, Round, Round.published_at)
    of_proposal = round_.join(Proposal, Proposal.round_id == Round.id)
    return [of_proposal.where(Proposal.id == exchange.proposal_id), proposal]


def _by_pair(user: User, exchange: Exchange) -> list[Select[Any]]:
    pair = _part("pair", AgreedPair.reference, AgreedPair, AgreedPair.entered_at)
    return [pair.where(AgreedPair.id == exchange.agreed_pair_id, _among(AgreedPair, pairs_seen_by(user)))]


def _after(user: User, exchange: Exchange) -> list[Select[Any]]:
    number = func.concat(Agreement.reference, "-", Agreement.revision)
    agreements = _part(Agreement.kind, number, Agreement, Agreement.signed_at)
    reports = _part(ClosingReport.side, ClosingReport.reference, ClosingReport, ClosingReport.filed_at)
    return [
        agreements.where(
            Agreement.exchange_id == exchange.id,
            Agreement.status != AgreementStatus.VOID,
            _among(Agreement, agreements_seen_by(user)),
        ),
        reports.where(ClosingReport.exchange_id == exchange.id, _among(ClosingReport, reports_seen_by(user))),
    ]


def _payment(user: User, exchange: Exchange) -> list[Select[Any]]:
    cents, bank = PaymentOrder.amount_cents, PaymentOrder.bank_reference
    order = _part("order", PaymentOrder.reference, PaymentOrder, PaymentOrder.ordered_at, cents=cents)
    paid = _part("bank", PaymentOrder.reference, PaymentOrder, PaymentOrder.paid_on, cents=cents, shown=bank)
    batch = _part("batch", Batch.reference, Batch, Batch.exported_at)
    batch = batch.join(BatchLine, BatchLine.batch_id == Batch.id).join(BatchLine.order)
    mine = (PaymentOrder.exchange_id == exchange.id, _among(PaymentOrder, orders_of(user)))
    return [
        order.where(*mine),
        batch.where(*mine, BatchLine.released_at.is_(None), _among(Batch, batches_of(user))),
        paid.where(*mine, PaymentOrder.paid_on.is_not(None)),
    ]


def _part(
    kind: Any, reference: Any, source: Any, on: Any, *, cents: Any = None, shown: Any = ""
) -> Select[Any]:
    columns: list[Any] = [
        cast(kind, Text).label("kind"),
        cast(reference, Text).label("reference"),
        cast(shown, Text),
        cast(on, DateTime(timezone=True)),
        cast(cents, BigInteger),
    ]
    return select(*columns).select_from(source)


def _among(kind: Any, seen: Select[Any]) -> ColumnElement[bool]:
    """The rows that a room's own rule lets somebody see."""
    found: ColumnElement[bool] = kind.id.in_(seen.with_only_columns(kind.id).order_by(None))
    return found
