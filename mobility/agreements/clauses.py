"""The terms of both agreements, as they are frozen into their text (domain 5.1 R6, 6, 6.1, 11)."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from mobility.calls.models import Call

Clause = tuple[str, str]


def of_commitment(call: Call) -> Iterator[Clause]:
    """What the four parties undertake: heading and text of each clause."""
    yield (
        _("Visiting organisation"),
        _(
            "It sends the person named above, who prepares the stay, takes part on every working day of the"
            " agenda and keeps the rules of the host; tells both partnerships at once if something stands in"
            " the way; and files a closing report with evidence within %(days)s days after the stay.",
            days=call.report_days,
        ),
    )
    yield (
        _("Host organisation"),
        _(
            "It receives the visitor as the agenda says, gives access to the people and places it names, asks no"
            " fee, and reports on the stay within %(days)s days after it.",
            days=call.report_days,
        ),
    )
    yield (
        _("Visitor’s partnership (VOP)"),
        _(
            "It follows the exchange, checks the closing report and its evidence, and pays the lump sum as the"
            " financial agreement with the visiting organisation says."
        ),
    )
    yield (
        _("Host’s partnership (HOP)"),
        _(
            "It helps host and visitor before and during the stay, and steps in when the agenda cannot be kept."
        ),
    )
    yield (
        _("Costs"),
        _(
            "The visiting organisation pays its own costs first. The lump sum is a contribution to travel and"
            " accommodation. The host receives no payment and asks for none."
        ),
    )
    yield (
        _("Insurance"),
        _(
            "The visiting organisation sees to it that its person is insured against illness, accident and"
            " liability for the whole stay and the way there and back. The scheme and the partnerships insure"
            " nobody."
        ),
    )
    yield (
        _("Health and safety"),
        _(
            "The host explains the safety rules of its premises on the first day. The visitor follows them."
            " Special needs made known to the host are provided for."
        ),
    )
    yield (
        _("Confidentiality"),
        _(
            "What is marked as confidential, or is so by its nature, is neither passed on nor used for"
            " anything but this exchange, during the stay and after it."
        ),
    )
    yield (
        _("Results"),
        _(
            "This commitment transfers no rights in knowledge or inventions. What the parties develop together"
            " they settle between them in writing."
        ),
    )
    yield (
        _("Not a work placement"),
        _(
            "The exchange is neither employment nor an internship, and the visitor does not replace staff of"
            " the host."
        ),
    )
    yield _data()
    yield _changes()


def of_financial(call: Call, commitment: str) -> Iterator[Clause]:
    """What the visiting organisation and its partnership owe each other: heading and text of each clause."""
    yield (
        _("Purpose"),
        _(
            "The partnership pays the visiting organisation a lump sum towards travel and accommodation for"
            " the exchange described in the Commitment to Quality %(number)s.",
            number=commitment,
        ),
    )
    yield (
        _("Payment"),
        _(
            "The lump sum is paid in one payment within %(days)s days after the partnership has accepted the"
            " closing report, into an account held by the visiting organisation itself.",
            days=call.pay_within_days,
        ),
    )
    yield (
        _("Conditions"),
        _(
            "Payment needs (a) the closing report of the visiting organisation, (b) its validation by the"
            " partnership, and (c) evidence that the exchange took place, such as boarding passes and invoices"
            " for travel and accommodation."
        ),
    )
    yield (
        _("A lump sum"),
        _(
            "The visiting organisation pays its costs itself and first. Expenses are not added up: the amount"
            " is neither raised nor lowered by what the stay really cost."
        ),
    )
    yield (
        _("Duties"),
        _(
            "The visiting organisation carries out the exchange as agreed, reports within %(days)s days after"
            " the stay, keeps its evidence as long as the grant of the partnership can be audited, and tells"
            " the partnership at once of anything that changes the exchange.",
            days=call.report_days,
        ),
    )
    yield _("Early termination"), _ended_early(call)
    yield (
        _("Recovery"),
        _(
            "What was paid although a condition was not met, or on a false statement, is paid back on written"
            " request within 30 days."
        ),
    )
    yield (
        _("No double funding"),
        _(
            "The visiting organisation declares that no other money of the European Union pays for the same"
            " travel and accommodation."
        ),
    )
    yield (
        _("Checks"),
        _(
            "The European Commission, its agency, the European Court of Auditors and the European Anti-Fraud"
            " Office may check the exchange and its papers."
        ),
    )
    yield _data()
    yield _changes()


def _ended_early(call: Call) -> str:
    shortest = ngettext("%(num)s working day", "%(num)s working days", call.min_days)
    return _(
        "The working days really stayed count: fewer than %(shortest)s bring no payment, fewer than %(full)s"
        " bring half of the full amount. In a case of force majeure the partnership may decide otherwise, with"
        " a written note.",
        shortest=shortest,
        full=call.full_days,
    )


def _data() -> Clause:
    return _("Data protection"), _(
        "Personal data in this agreement are used for the exchange, its payment and its audit only, and are"
        " kept as long as these need them (Regulation (EU) 2016/679)."
    )


def _changes() -> Clause:
    return _("Changes"), _(
        "Any change of this text or of the dates makes the agreement void; it is then drawn up anew and signed"
        " again by all parties."
    )
