"""Words for the parts of a score, for what keeps two apart, for contacts and pairs, and what is refused."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from mobility.applications.models import Application
from mobility.calls.findings import Finding
from mobility.catalogue.enums import ContactStatus, PairStatus, Side
from mobility.catalogue.models import AgreedPair
from mobility.hosts.wording import ShownFinding, shown_by
from mobility.organisations.wording import TYPES
from mobility.taxonomies.countries import country_name
from mobility.taxonomies.languages import LANGUAGES
from mobility.taxonomies.topics import ECOSYSTEMS, INDUSTRIES, PURPOSES

Values = dict[str, Any]
Tag = tuple[str, str]

# What keeps a visitor and a host apart.
REASONS = {
    "application": _l("The application is not accepted, or not any more."),
    "offer": _l("The offer does not take visits in this call."),
    "visited": _l("The visitor's organisation had, or holds, its one visit in the scheme."),
    "waiting": _l("The visitor's partnership is still assessing the application."),
    "rested": _l("The visitor was not seen for long and did not answer: the application rests."),
    "paired": _l("The visitor has an agreed pair already."),
    "proposed": _l("The visitor has a proposal of a round to answer."),
    "group": _l("The visitor travels with a group: a round finds the host for all of them."),
    "same-organisation": _l("Visitor and host are the same organisation."),
    "same-country": _l("Visitor and host are in the same country."),
    "type": _l("The call does not let this type of organisation visit, or host."),
    # Neutral: nobody is told of being ruled out.
    "never": _l("Not available for this visit."),
    "mode": _l("One would meet in person, the other virtually."),
    "language": _l("No language in common."),
    "length": _l("No length of stay suits both."),
    "no-rate": _l("The call has no lump sum for the host's country."),
    "dates": _l("No common dates that are long enough."),
    "full": _l("No place is left on common dates."),
}
# The same, said to that visitor.
OWN_REASONS = {
    "application": _l("Your application is not accepted, or not any more."),
    "visited": _l("Your organisation had, or holds, its one visit in the scheme."),
    "waiting": _l("Your partnership is still assessing your application."),
    "paired": _l("You have an agreed pair already."),
    "proposed": _l("You have a proposal of a round to answer."),
    "group": _l("You travel with a group: a round finds the host for all of you."),
}
TITLES = {
    "application": _l("Application accepted"),
    "offer": _l("Offer accepted"),
    "visited": _l("First visit"),
    "paired": _l("No other pair"),
    "proposed": _l("No proposal to answer"),
    "group": _l("Not in a group"),
    "same-organisation": _l("Two organisations"),
    "same-country": _l("Two countries"),
    "type": _l("Types of organisation"),
    # Neutral, as its reason.
    "never": _l("Available"),
    "mode": _l("Kind of visit"),
    "language": _l("Shared language"),
    "length": _l("Length that suits both"),
    "no-rate": _l("Lump sum of the host's country"),
    "future": _l("Days to come"),
    "visitor-dates": _l("Dates of the visitor"),
    "host-dates": _l("Dates of the host"),
    "stay-length": _l("Working days of the stay"),
    "full": _l("Place at the host"),
}
STAY_REASONS = {
    "visitor-dates": _l("These days do not lie in one of the visitor's windows."),
    "host-dates": _l("The first and the last day must be open days in one of the host's windows."),
    "stay-length": _l("This makes %(days)s working days; %(lengths)s suit both."),
    "future": _l("The stay has to begin after today."),
    "full": _l("The host has no place left on these days."),
}
REFUSALS = {
    **{f"pair-{code}": words for code, words in REASONS.items()},
    **{f"pair-{code}": words for code, words in STAY_REASONS.items()},
    "pair-validated": _l("This partnership has validated the pair already."),
    "pair-own-visit": _l("This is a visit of your own side: somebody else decides for the partnership."),
    "pair-not-your-side": _l("This is for the other side to say."),
    "pair-own-entry": _l("You entered this visit; somebody of the other side confirms it."),
    "pair-one-person": _l(
        "You have validated for the other partnership; somebody else validates for this one."
    ),
    "pairs-entered": _l(
        "%(most)s visits that you entered wait to be confirmed. Enter another when one of them is answered."
    ),
    "pairs-received": _l("The other side has %(most)s visits to confirm. Try again in a few days."),
    "message-needed": _l("Write a message."),
    "contact-exists": _l("You are in contact already, or one of you waits for an answer."),
    "contacts-sent": _l(
        "%(most)s of your messages wait for an answer. Write again when one of them is answered."
    ),
    "contacts-received": _l("The other side has %(most)s messages to answer. Try again in a few days."),
}
# Reasons that the clock gives for the end of a pair.
BY_THE_CLOCK = {
    "day-passed": _l("Its first day came before everything was settled."),
    "application-gone": _l("The application was withdrawn, or found a host in a round."),
    "second-visit": _l("The visitor's organisation has its one visit in the scheme already."),
}


@dataclass(frozen=True)
class PartRow:
    """A line of the table "why this host"."""

    label: str
    text: str
    points: int
    max: int


def score_rows(parts: Iterable[dict[str, Any]]) -> list[PartRow]:
    """The stored parts of a score as lines a person reads."""
    return [
        PartRow(label(part["code"]), _TEXTS[part["code"]](part["values"]), part["points"], part["max"])
        for part in parts
    ]


def label(code: str) -> str:
    """The name of a criterion."""
    names = {
        "wish": _("Ranked wish"),
        "topics": _("Topics in common"),
        "offer": _("What is sought and offered"),
        "country": _("Host country"),
        "language": _("Language"),
        "period": _("Period"),
        "partner_type": _("Type of partner"),
        "length": _("Length of the stay"),
        "reviews": _("Reviews of the application"),
    }
    return names[code]


def to_raise(parts: Iterable[PartRow]) -> list[PartRow]:
    """The parts that miss most points, the largest gap first."""
    missing = [part for part in parts if part.points < part.max]
    return sorted(missing, key=lambda part: part.points - part.max)[:3]


def shown(findings: Iterable[Finding | dict[str, Any]]) -> list[ShownFinding]:
    """Findings on a pair in words."""
    return shown_by(findings, lambda one: str(TITLES.get(one.code, one.code)), finding_text)


def finding_text(finding: Finding) -> str:
    """Why a rule is not met; nothing for one that is."""
    if finding.passed is not False:
        return ""
    words = STAY_REASONS.get(finding.code) or REASONS[finding.code]
    return str(words) % finding.values if finding.values else str(words)


def reason(code: str, *, to_visitor: bool = False) -> str:
    """What keeps two apart, as anybody reads it, or the visitor."""
    return str((REASONS | OWN_REASONS if to_visitor else REASONS)[code])


def profile(application: Application) -> str:
    """A visitor without a name: the type of organisation and its country."""
    organisation = application.organisation
    return _(
        "%(type)s, %(country)s", type=TYPES[organisation.type], country=country_name(organisation.country)
    )


def end_reason(pair: AgreedPair) -> str:
    """Why a pair was declined or withdrawn, in a person's words or those of the clock."""
    return str(BY_THE_CLOCK.get(pair.decline_reason, pair.decline_reason))


def side(name: Side) -> str:
    """Which side, in a word."""
    return _("Visitor") if name is Side.VISITOR else _("Host")


def contact_tag(status: ContactStatus) -> Tag:
    """The state of a contact, as kind of tag and word."""
    words = {
        ContactStatus.OPEN: ("wait", _("Waits for an answer")),
        ContactStatus.ACCEPTED: ("good", _("In contact")),
        ContactStatus.DECLINED: ("closed", _("No contact")),
    }
    return words[status]


def pair_tag(status: PairStatus) -> Tag:
    """The state of a pair, as kind of tag and word."""
    words = {
        PairStatus.ENTERED: ("wait", _("To confirm")),
        PairStatus.CONFIRMED: ("wait", _("To validate")),
        PairStatus.VALIDATED: ("good", _("Validated")),
        PairStatus.BUILT: ("good", _("Exchange built")),
        PairStatus.DECLINED: ("bad", _("Declined")),
        PairStatus.WITHDRAWN: ("closed", _("Withdrawn")),
    }
    return words[status]


def _wish(values: Values) -> str:
    return _(
        "The visitor ranked this host number %(rank)s; the rank replaces all other criteria.",
        rank=values["rank"],
    )


def _topics(values: Values) -> str:
    names = {"ecosystem": ECOSYSTEMS, "industry": INDUSTRIES}
    common = [str(names[kind][code]) for kind, code in values["common"]]
    return ", ".join(common) or _("No topic in common.")


def _offer(values: Values) -> str:
    common = [str(PURPOSES[code]) for code in values["common"]]
    return ", ".join(common) or _("The host offers none of the purposes sought.")


def _country(values: Values) -> str:
    name = country_name(values["country"])
    if values["any"]:
        return _("%(country)s; the visitor is open to any country.", country=name)
    return str(name)


def _language(values: Values) -> str:
    if values["language"] is None:
        return _("No language in common.")
    return _("%(language)s at %(level)s", language=LANGUAGES[values["language"]], level=values["level"])


def _period(values: Values) -> str:
    return ngettext(
        "%(num)s day lies in the windows of both sides.",
        "%(num)s days lie in the windows of both sides.",
        values["days"],
    )


def _partner_type(values: Values) -> str:
    if values["suits_visitor"] and values["suits_host"]:
        return _("Both sides are of a type the other welcomes.")
    if values["suits_visitor"]:
        return _("The host would rather receive another type of visitor.")
    if values["suits_host"]:
        return _("The visitor would rather go to another type of host.")
    return _("Neither side is of the type the other would rather meet.")


def _length(values: Values) -> str:
    return _("%(days)s working days of %(wished)s wished", days=values["days"], wished=values["wished"])


def _reviews(values: Values) -> str:
    if values["percent"] is None:
        return _("Nobody has reviewed it.")
    return _("%(percent)s of 100 on average", percent=values["percent"])


_TEXTS: dict[str, Callable[[Values], str]] = {
    "wish": _wish,
    "topics": _topics,
    "offer": _offer,
    "country": _country,
    "language": _language,
    "period": _period,
    "partner_type": _partner_type,
    "length": _length,
    "reviews": _reviews,
}
