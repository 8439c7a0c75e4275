"""Words of the log."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.accounts.wording import ROLES
from mobility.agreements.wording import SLOTS
from mobility.applications.wording import SECTIONS
from mobility.bulk.wording import ACTS
from mobility.core import dates
from mobility.core.money import euro
from mobility.reporting.wording import SIDES

VIEWED = {
    "iban": _l("Full account number"),
    "bank-account": _l("Full account number"),
    "cv": _l("CV"),
    "evidence": _l("Evidence of a stay"),
    "file": _l("File for the bank"),
}
VERBS = {
    "account.added": _l("Account added"),
    "account.closed": _l("Account closed"),
    "account.opened": _l("Account opened again"),
    "account.registered": _l("Account created"),
    "account.sessions-ended": _l("Signed out everywhere"),
    "agreement.complete": _l("Agreement signed by all"),
    "agreement.drawn_up": _l("Agreement drawn up"),
    "agreement.signed": _l("Agreement signed"),
    "agreement.voided": _l("Agreement made void"),
    "application.accepted": _l("Application accepted"),
    "application.asked": _l("Applicant asked whether a host is still looked for"),
    "application.assigned": _l("Application given to a partnership"),
    "application.changes-asked": _l("Changes of the application asked for"),
    "application.changes-reminded": _l("Reminder of the changes sent"),
    "application.corrected": _l("Application corrected"),
    "application.cv-kept": _l("CV received"),
    "application.drafted": _l("Application begun"),
    "application.freed": _l("Application free again to be matched"),
    "application.late": _l("Application begun late, by a link"),
    "application.names-shown": _l("Names shown though the call hides them"),
    "application.matched": _l("Application matched"),
    "application.not-looking": _l("Applicant looks for no host any more"),
    "application.rejected": _l("Application not accepted"),
    "application.revised": _l("Application changed"),
    "application.released": _l("Applicant told of the decision"),
    "application.reopened": _l("Decision taken back"),
    "application.rested": _l("Application laid to rest without an answer"),
    "application.sent-again": _l("Application sent again"),
    "application.still-valid": _l("Applicant still looks for a host"),
    "application.submitted": _l("Application sent"),
    "application.taken": _l("Application taken by an officer"),
    "application.withdrawn": _l("Application withdrawn"),
    "application.woken": _l("Application woken"),
    "batch.approved": _l("Batch approved"),
    "batch.drawn-up": _l("Batch drawn up"),
    "batch.exported": _l("File for the bank made"),
    "batch.proposed": _l("Batch proposed"),
    "batch.sent-back": _l("Batch sent back"),
    "batch.settled": _l("Batch settled"),
    "batch.taken-out": _l("Payment order taken out of its batch"),
    "batch.voided": _l("Batch made void"),
    "bulk.done": _l("Several changed at once"),
    "bulk.undone": _l("Change of several taken back"),
    "calendar.made": _l("Address of the own calendar made"),
    "calendar.revoked": _l("Address of the own calendar closed"),
    "call.allotted": _l("Budget allotted"),
    "call.closed": _l("Call closed"),
    "call.cv-asked": _l("CV asked for in the call"),
    "call.drafted": _l("Call drafted"),
    "call.names-hidden": _l("Names hidden from those who assess"),
    "call.names-shown": _l("Names shown to those who assess"),
    "call.opened": _l("Call opened"),
    "call.release-chosen": _l("Chosen how applicants are told of decisions"),
    "call.released": _l("Applicants of the call told of all decisions"),
    "call.payer-set": _l("Payer of the call chosen"),
    "call.question-added": _l("Question of the call added"),
    "call.question-changed": _l("Question of the call changed"),
    "call.question-deleted": _l("Question of the call deleted"),
    "call.question-moved": _l("Question of the call moved"),
    "cluster.answered": _l("Cluster answered about a member"),
    "cluster.asked": _l("Cluster asked about a member"),
    "cluster.lapsed": _l("Question to the cluster ended without an answer"),
    "cluster.reminded": _l("Cluster reminded of the question"),
    "cluster.taken": _l("Answer of the cluster checked and taken"),
    "cluster.taken-back": _l("Question to the cluster taken back"),
    "colleague.invited": _l("Colleague invited"),
    "colleague.taken-back": _l("Invitation of a colleague taken back"),
    "contact.accepted": _l("Contact accepted"),
    "contact.closed": _l("Contact closed"),
    "contact.declined": _l("Contact declined"),
    "contact.written": _l("Contact begun"),
    "demo.begun": _l("Demonstration begun"),
    "demo.told": _l("Demonstration complete"),
    "exception.asked": _l("Exception from a rule asked for"),
    "exception.granted": _l("Exception from a rule granted"),
    "exception.refused": _l("Exception from a rule refused"),
    "exchange.adjusted": _l("Amount worked out again"),
    "exchange.agreed": _l("Exchange agreed"),
    "exchange.cancelled": _l("Exchange cancelled"),
    "exchange.closed": _l("Exchange closed"),
    "exchange.confirmed": _l("Exchange confirmed"),
    "exchange.ended": _l("Visit over"),
    "exchange.moved": _l("Visit moved to other days"),
    "exchange.started": _l("Visit begun"),
    "exchange.terminated": _l("Visit broken off"),
    "import.begun": _l("Import begun"),
    "import.checked": _l("Import checked"),
    "import.discarded": _l("Import discarded"),
    "import.handed_in": _l("Import handed in"),
    "import.imported": _l("Imported"),
    "import.refused": _l("Import refused"),
    "late-entry.given": _l("Late entry given"),
    "late-entry.revoked": _l("Late entry taken back"),
    "note.written": _l("Note written"),
    "offer.accepted": _l("Offer accepted"),
    "offer.asked": _l("Host asked whether an offer still holds"),
    "offer.closed": _l("Offer closed"),
    "offer.corrected": _l("Offer corrected"),
    "offer.drafted": _l("Offer begun"),
    "offer.places-changed": _l("Dates and places of an offer changed"),
    "offer.rejected": _l("Offer not accepted"),
    "offer.rested": _l("Offer laid to rest without an answer"),
    "offer.reopened": _l("Acceptance of an offer taken back"),
    "offer.revised": _l("Offer changed"),
    "offer.still-valid": _l("Offer still holds"),
    "offer.submitted": _l("Offer sent"),
    "offer.woken": _l("Offer woken"),
    "organisation.account-changed": _l("Bank account of the organisation changed"),
    "organisation.assigned": _l("Organisation given to a partnership"),
    "organisation.joined": _l("Person added to the organisation"),
    "organisation.left": _l("Person removed from the organisation"),
    "organisation.merge-undone": _l("Merge of two organisations undone"),
    "organisation.merged": _l("Two organisations merged"),
    "organisation.place-corrected": _l("Place of the organisation corrected"),
    "organisation.registered": _l("Organisation registered"),
    "organisation.told-apart": _l("Two organisations told apart"),
    "organisation.updated": _l("Organisation changed"),
    "pair.confirmed": _l("Pair confirmed by the other side"),
    "pair.declined": _l("Pair declined"),
    "pair.entered": _l("Pair entered"),
    "pair.reserved": _l("Place and money reserved for the pair"),
    "pair.validated": _l("Pair validated by a partnership"),
    "pair.withdrawn": _l("Pair withdrawn"),
    "paper.cancelled": _l("Paper cancelled"),
    "paper.issued": _l("Paper issued"),
    "partnership.account-changed": _l("Bank account of the partnership changed"),
    "partnership.founded": _l("Partnership added"),
    "partnership.updated": _l("Partnership changed"),
    "payment.failed": _l("Payment failed at the bank"),
    "payment.held": _l("Payment put on hold"),
    "payment.ordered": _l("Payment ordered"),
    "payment.paid": _l("Paid"),
    "payment.recovered": _l("Payment came back"),
    "payment.released": _l("Payment released"),
    "payment.voided": _l("Payment order made void"),
    "plan.begun": _l("Plan begun"),
    "plan.moved": _l("Dates of the plan moved"),
    "plan.revised": _l("Plan changed"),
    "proposal.accepted": _l("Proposal accepted"),
    "proposal.declined": _l("Proposal declined"),
    "proposal.expired": _l("Proposal not answered in time"),
    "proposal.made": _l("Host proposed"),
    "proposal.withdrawn": _l("Proposal taken back by the office"),
    "recovery-code.used": _l("Recovery code used"),
    "recovery-codes.made": _l("New recovery codes made"),
    "report.accepted": _l("Closing report accepted"),
    "report.begun": _l("Closing report asked for"),
    "report.bypassed": _l("Went on without the closing report"),
    "report.evidence-added": _l("Evidence added"),
    "report.evidence-removed": _l("Evidence removed"),
    "report.filed": _l("Closing report sent"),
    "report.reminded": _l("Reminder of the closing report sent"),
    "report.returned": _l("Closing report sent back"),
    "report.revised": _l("Closing report changed"),
    "review.criteria-set": _l("Criteria of the reviews set"),
    "review.given": _l("Review given"),
    "review.handed-out": _l("Reviews handed out"),
    "role.approved": _l("Role approved"),
    "role.granted": _l("Role given"),
    "role.revoked": _l("Role taken away"),
    "round.frozen": _l("Round frozen"),
    "round.given_up": _l("Round given up"),
    "round.names-hidden": _l("Names of the round hidden"),
    "round.names-shown": _l("Names of the round shown"),
    "round.hosts-asked": _l("Hosts asked for more"),
    "round.lottery-announced": _l("Lottery announced"),
    "round.lottery-drawn": _l("Lottery drawn"),
    "round.opened": _l("Round opened"),
    "round.published": _l("Round published"),
    "round.reopened": _l("Round opened again"),
    "round.reserve-told": _l("Those on reserve told"),
    "run.begun": _l("Run begun"),
    "run.begun_again": _l("Run begun again"),
    "run.cancelled": _l("Run stopped"),
    "run.failed": _l("Run failed"),
    "run.queued": _l("Run asked for"),
    "run.solved": _l("Run solved"),
    "run.studied": _l("Run studied"),
    "second-factor.off": _l("Second step turned off"),
    "second-factor.reset": _l("Second step reset"),
    "second-factor.set": _l("Second step set up"),
    "synthetic.failed": _l("Synthetic round failed"),
    "synthetic.queued": _l("Synthetic round asked for"),
    "synthetic.solved": _l("Synthetic round solved"),
    "survey.answered": _l("Survey answered"),
    "survey.invited": _l("Survey sent"),
    "survey.reminded": _l("Reminder of the survey sent"),
}
KEYS = {
    "accepted": _l("accepted"),
    "act": _l("what"),
    "after": _l("after"),
    "amount_cents": _l("amount"),
    "answer_by": _l("to be answered by"),
    "applications": _l("applications"),
    "bank_reference": _l("the bank’s reference"),
    "before": _l("before"),
    "before_cents": _l("amount before"),
    "broken_off_on": _l("broken off on"),
    "budget_cents": _l("budget"),
    "call": _l("call"),
    "cents": _l("amount"),
    "changes": _l("changes"),
    "changed": _l("changed"),
    "closes_at": _l("closes"),
    "criteria": _l("criteria"),
    "days": _l("days"),
    "due_on": _l("due"),
    "entrants": _l("applications"),
    "exchange": _l("exchange"),
    "failure": _l("why"),
    "first_day": _l("first day"),
    "follows": _l("followed by"),
    "gains": _l("possible gains"),
    "goals": _l("goals"),
    "held": _l("not told yet"),
    "iban_end": _l("account ends in"),
    "kind": _l("kind"),
    "last_day": _l("last day"),
    "letters": _l("letters"),
    "locked": _l("fixed pairs"),
    "mend_by": _l("to be mended by"),
    "moved": _l("moved"),
    "name": _l("name"),
    "now": _l("now"),
    "now_cents": _l("amount now"),
    "number": _l("number"),
    "new": _l("new"),
    "offer": _l("offer"),
    "opens_at": _l("opens"),
    "order": _l("payment order"),
    "orders": _l("payment orders"),
    "other": _l("the other entry"),
    "organisation": _l("organisation"),
    "origin": _l("came of"),
    "application": _l("application"),
    "paid_on": _l("paid on"),
    "pairs": _l("possible pairs"),
    "partnership": _l("partnership"),
    "points": _l("points"),
    "proposals": _l("proposals"),
    "question": _l("question"),
    "reason": _l("reason"),
    "reserve": _l("on reserve"),
    "records": _l("records"),
    "rejected": _l("rejected"),
    "result": _l("fingerprint of the result"),
    "revision": _l("revision"),
    "right": _l("right"),
    "role": _l("role"),
    "round": _l("round"),
    "rule": _l("rule"),
    "rules": _l("rules"),
    "run": _l("run"),
    "seed": _l("seed"),
    "sections": _l("sections"),
    "sha256": _l("fingerprint (SHA-256)"),
    "shared": _l("also for the other side"),
    "side": _l("side"),
    "slot": _l("for"),
    "source": _l("source"),
    "stage": _l("stage"),
    "status": _l("how it ended"),
    "survey": _l("survey"),
    "times": _l("times"),
    "together": _l("all in one step"),
    "total_cents": _l("sum"),
    "updated": _l("changed"),
    "version": _l("version"),
}
RECORDS = {
    "agreed_pair": _l("agreed pair"),
    "agreement": _l("agreement"),
    "application": _l("application"),
    "batch": _l("batch"),
    "bulk_step": _l("several at once"),
    "call": _l("call"),
    "closing_report": _l("closing report"),
    "cluster_question": _l("question to a cluster"),
    "colleague_invitation": _l("invitation of a colleague"),
    "contact": _l("contact"),
    "evidence": _l("evidence"),
    "exchange": _l("exchange"),
    "import": _l("import"),
    "invitation": _l("survey"),
    "late_entry": _l("late entry"),
    "offer": _l("offer"),
    "organisation": _l("organisation"),
    "partnership": _l("partnership"),
    "payment_order": _l("payment order"),
    "proposal": _l("proposal"),
    "round": _l("round"),
    "run": _l("run"),
    "user": _l("person"),
}
ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d.*)?")
# Values that are codes of ours.
CODES: dict[str, Mapping[Any, Any]] = {
    "role": ROLES,
    "sections": SECTIONS,
    "act": ACTS,
    "side": SIDES,
    "slot": SLOTS,
}
SPELLED_CODES = frozenset({"before", "changed", "kind", "stage", "status"})


def viewed(what: str) -> str:
    """What was looked at, as people read it."""
    return str(VIEWED.get(what, what))


def verb(code: str) -> str:
    """What was done, as people read it."""
    return str(VERBS.get(code, code))


def verbs_saying(words: str) -> list[str]:
    """The codes of what people read with these words in it."""
    asked = words.lower()
    return [code for code, said in (VERBS | VIEWED).items() if asked in str(said).lower()]


def record(kind: str) -> str:
    """The kind of record, as people read it."""
    return str(RECORDS.get(kind, kind.replace("_", " ")))


def values(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an entry says beside its verb, named; what is empty or a key of the database says nothing."""
    return [
        (str(KEYS.get(key, key.replace("_", " "))), _value(key, one))
        for key, one in sorted(given.items())
        if one not in (None, "", []) and key != "person" and not key.endswith("_id")
    ]


def _value(key: str, given: Any) -> str:
    if isinstance(given, list):
        return ", ".join(_value(key, one) for one in given)
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if key.endswith("cents"):
        return euro(given)
    if key in CODES:
        return str(CODES[key].get(given, given))
    return _text(str(given), is_code=key in SPELLED_CODES)


def _text(given: str, *, is_code: bool) -> str:
    if is_code and given.islower():
        return given.replace("_", " ").replace("-", " ")
    if not ISO.fullmatch(given):
        return given
    moment = datetime.fromisoformat(given)
    return str(format_datetime(moment, dates.MOMENT)) if "T" in given else dates.day(moment.date())
