"""Words of payments."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from mobility.calls.findings import Finding
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.reporting.enums import EvidenceKind
from mobility.taxonomies.countries import country_name

STATUS = {
    PaymentStatus.DUE: _l("Due"),
    PaymentStatus.HELD: _l("On hold"),
    PaymentStatus.BATCHED: _l("In a batch"),
    PaymentStatus.EXPORTED: _l("At the bank"),
    PaymentStatus.PAID: _l("Paid"),
    PaymentStatus.FAILED: _l("Failed"),
    PaymentStatus.RECOVERED: _l("Recovered"),
    PaymentStatus.VOID: _l("Void"),
}
STATUS_TAGS = {
    PaymentStatus.DUE: "wait",
    PaymentStatus.HELD: "draft",
    PaymentStatus.BATCHED: "open",
    PaymentStatus.EXPORTED: "open",
    PaymentStatus.PAID: "good",
    PaymentStatus.FAILED: "bad",
    PaymentStatus.RECOVERED: "closed",
    PaymentStatus.VOID: "closed",
}
BATCH_STATUS = {
    BatchStatus.DRAWN_UP: _l("Drawn up"),
    BatchStatus.PROPOSED: _l("To approve"),
    BatchStatus.APPROVED: _l("Approved"),
    BatchStatus.EXPORTED: _l("At the bank"),
    BatchStatus.SETTLED: _l("Settled"),
    BatchStatus.VOID: _l("Void"),
}
BATCH_TAGS = {
    BatchStatus.DRAWN_UP: "draft",
    BatchStatus.PROPOSED: "wait",
    BatchStatus.APPROVED: "open",
    BatchStatus.EXPORTED: "open",
    BatchStatus.SETTLED: "good",
    BatchStatus.VOID: "closed",
}
EVIDENCE = {
    EvidenceKind.BOARDING_PASS: _l("boarding pass"),
    EvidenceKind.TRAVEL_INVOICE: _l("travel invoice"),
    EvidenceKind.ACCOMMODATION_INVOICE: _l("accommodation invoice"),
    EvidenceKind.ATTENDANCE: _l("attendance list"),
    EvidenceKind.OTHER: _l("other"),
}
MISSING = {
    "agreement-signed": _l("Financial agreement signed by both"),
    "report-accepted": _l("Visitor’s closing report accepted"),
    "evidence-there": _l("Evidence of the stay on file"),
    "account-known": _l("Bank account of the organisation known"),
}
REFUSALS = {
    "unknown": _l("No payment order has this reference."),
    "other-amount": _l("The payment order is of another amount."),
    "exchange-not-ended": _l("The stay has not ended, so nothing is due yet."),
    "nothing-to-pay": _l("This exchange carries no lump sum."),
    "amount-without-trace": _l("The amount is not as the rules work it out. Ask the support office."),
    "no-agreement-signed": _l("The financial agreement is not signed by both, so nothing can be paid."),
    "no-report-accepted": _l("The visitor’s closing report is not accepted, so nothing can be paid."),
    "no-evidence-there": _l("There is no evidence of the stay on file, so nothing can be paid."),
    "no-account-known": _l("The organisation gave no bank account, so nothing can be paid."),
    "above-agreement": _l("The amount is above what %(agreement)s fixed, so nothing can be paid."),
    "agreement-outdated": _l(
        "%(agreement)s was signed for a payment by %(payer)s to the account of %(holder)s, which is no longer so."
        " Have the agreements drawn up and signed anew."
    ),
    "already-ordered": _l("The lump sum is ordered already: see %(reference)s."),
    "no-orders": _l("Choose at least one order."),
    "too-many-orders": _l("A batch takes at most %(most)s orders. Draw up another for the rest."),
    "other-payer": _l("%(order)s is not for %(payer)s to pay in this call."),
    "no-business-day": _l("Banks move no money on %(day)s. The next day they do is %(next)s."),
    "day-passed": _l("The execution day %(day)s has passed. Void the batch and draw it up anew."),
    "day-too-far": _l("Choose a day within %(days)s days."),
    "no-debtor-account": _l("The paying account of %(partnership)s is not known."),
    "no-creditor-account": _l("%(organisation)s gave no bank account; leave out %(order)s."),
    "no-creditor-name": _l(
        "Name or town of the payee of %(order)s cannot be written in the letters that banks take."
    ),
    "amount-differs": _l(
        "The exchange of %(order)s now comes to another amount. Take it out and order anew."
    ),
    "already-approved": _l("%(who)s approved %(batch)s a moment ago."),
    "own-batch": _l("You drew up or proposed %(batch)s: somebody else approves it."),
    "own-money": _l(
        "A payment of %(batch)s goes to an organisation that you visit for: somebody else proposes and approves it."
    ),
    "not-what-you-saw": _l("%(batch)s is no longer what your page showed. Open it again and compare."),
    "batch-changed": _l(
        "Since %(batch)s was proposed these have changed: %(what)s. Send it back or void it, and propose it anew."
    ),
    "file-invalid": _l("The file of %(batch)s does not fit the bank’s format. Nothing was stored."),
    "not-exported": _l("The file of %(batch)s has not been made yet (%(state)s)."),
    "bad-statement": _l("This is no bank statement that we can read (%(why)s): camt.053 or CSV."),
    "not-executed": _l("The bank is to pay on %(day)s. From that day on the payment can be taken down."),
    "bad-paid-day": _l("Choose a day from %(first)s to %(last)s."),
}


OBSTACLES = {
    "amount-without-trace": _l("amount is not as worked out"),
    "agreement-outdated": _l("agreement names another payer or account holder"),
    "over-budget": _l("more than the partnership has committed"),
}


def obstacle_words(stands: Iterable[bool]) -> str:
    """What stands in the way of an order, in the order of `proofs.obstacles`."""
    return "; ".join(
        str(words) for words, is_there in zip(OBSTACLES.values(), stands, strict=True) if is_there
    )


def finding_row(finding: Finding) -> dict[str, object]:
    """A condition of a payment as a page shows it."""
    detail = finding.values.get("reference") or ""
    return {
        "code": finding.code,
        "passed": finding.passed,
        "title": str(MISSING[finding.code]),
        "text": str(detail),
    }


def evidence_words(kinds: Iterable[str]) -> list[str]:
    """Kinds of evidence, counted: 2 × boarding pass, travel invoice."""
    counted = Counter(EvidenceKind(kind) for kind in kinds)
    return [
        f"{number} × {EVIDENCE[kind]}" if number > 1 else str(EVIDENCE[kind])
        for kind, number in counted.items()
    ]


def place(town: str, country: str) -> str:
    """A town with its country."""
    return ", ".join(part for part in (town, str(country_name(country))) if part)


def day_of(due_on: date, today: date, of: int) -> int:
    """Which of the days to pay within it is, from 0 to `of`."""
    return min(max(of - (due_on - today).days, 0), of)


def due_text(due_on: date, today: date) -> str:
    """How far the days have run, in words."""
    left = (due_on - today).days
    if left < 0:
        return ngettext("%(num)s day late", "%(num)s days late", -left)
    if left == 0:
        return _("today is the last day")
    return ngettext("%(num)s day left", "%(num)s days left", left)
