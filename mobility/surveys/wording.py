"""Words of the surveys: questions, what can be chosen, and refusals."""

from typing import Any

from flask_babel import lazy_gettext as _l

from mobility.surveys.enums import QuestionKind, Side
from mobility.surveys.questions import Question

SIDES = {Side.VISITOR: _l("Visitor"), Side.HOST: _l("Host")}
PARTS = {
    "stay": _l("The stay"),
    "results": _l("What came of it"),
    "support": _l("How it was arranged"),
    "since": _l("What has come of it since"),
    "end": _l("Last words"),
}
SURVEYS = {
    "after-stay": _l("After the stay"),
    "after-6-months": _l("Six months after"),
    "after-12-months": _l("Twelve months after"),
}
HEADINGS = {
    "after-stay": _l("How was your exchange?"),
    "after-6-months": _l("What came of your exchange, half a year later?"),
    "after-12-months": _l("What came of your exchange, a year later?"),
}
DURATIONS = {
    "after-stay": _l("About five minutes."),
    "after-6-months": _l("About two minutes."),
    "after-12-months": _l("About two minutes."),
}
QUESTIONS: dict[str, Any] = {
    "took_place": _l("Did the exchange take place as agreed?"),
    "deviations": _l("What was different, if anything?"),
    "days": _l("How many working days did the visitor spend at the host?"),
    "activities": _l("What did you do together?"),
    "objectives": _l("How far were the goals of the exchange reached?"),
    "welcome": _l("How good were the host’s preparation, programme and welcome?"),
    "visitor_prepared": _l("How well was the visitor prepared, and how much did the visitor contribute?"),
    "needs_matched": _l("How well did your needs and the other side’s skills fit together?"),
    "skills_sector": _l("How much did you learn in your own field?"),
    "skills_other": _l("How much did you learn beyond your field?"),
    "insight": _l("How much insight into a foreign market and culture did you gain?"),
    "contacts": _l("How many new contacts did you make?"),
    "partnerships": _l("Did the exchange lead to a new partnership?"),
    "partnerships_named": _l("With whom?"),
    "adopted": _l("Have you taken over a new technology, digital or green solution?"),
    "follow_up": _l("What have you agreed to do next?"),
    "partnership_support": _l("How well did your partnership support you?"),
    "office_support": _l("How well did the support office help you?"),
    "ease_registration": _l("How easy was it to register and apply?"),
    "ease_matching": _l("How easy was it to find each other?"),
    "ease_paperwork": _l("How easy was the paperwork?"),
    "lump_sum_enough": _l("Was the lump sum enough?"),
    "cost_band": _l("What did travel and accommodation cost in all?"),
    "recommend": _l("How likely are you to recommend an exchange to others?"),
    "recommend_why": _l("Why?"),
    "quote": _l("A sentence about your exchange that others should read"),
    "quote_consent": _l("May we publish that sentence with your organisation’s name?"),
    "confidential": _l("For the support office only"),
    "contacts_kept": _l("Are you still in contact with each other?"),
    "joint_project": _l("Have you begun a project together?"),
    "eu_proposal": _l("Have you handed in a proposal for European funding together?"),
    "sales_band": _l("What sales has the exchange brought you so far?"),
    "jobs": _l("How many jobs have been created because of it?"),
    "new_market": _l("Have you entered a new market because of it?"),
    "new_visit": _l("Have you visited each other again, or is a visit planned?"),
    "since_told": _l("What else has come of it?"),
}
HINTS: dict[str, Any] = {
    "activities": _l("Tick all that fit."),
    "follow_up": _l("Tick all that fit; leave it empty if nothing is agreed."),
    "recommend": _l("0 is not at all likely, 10 is certain."),
    "sales_band": _l("A rough figure is enough."),
    "jobs": _l("Full-time posts in your organisation; 0 if none."),
    "confidential": _l("Neither the other side nor the partnerships see this."),
}
SCALE_ENDS = {"1": _l("1 – not at all"), "5": _l("5 – fully")}
CHOICES: dict[str, dict[str, Any]] = {
    "activities": {
        "capacity": _l("Training and building up skills"),
        "knowledge": _l("Sharing of knowledge"),
        "innovation": _l("Project development, innovation, research"),
        "market": _l("Looking at the market"),
        "networking": _l("Meeting new partners"),
    },
    "adopted": {"yes": _l("Yes"), "planned": _l("It is planned"), "no": _l("No")},
    "follow_up": {
        "joint_project": _l("A joint project"),
        "commercial_deal": _l("A commercial deal"),
        "cluster_membership": _l("Membership of a cluster"),
        "technology_transfer": _l("A transfer of technology"),
        "market_entry": _l("Entry into a new market"),
    },
    "cost_band": {
        "to_250": _l("Up to €250"),
        "to_500": _l("€251 to €500"),
        "to_750": _l("€501 to €750"),
        "to_1000": _l("€751 to €1,000"),
        "over_1000": _l("More than €1,000"),
    },
    "sales_band": {
        "none": _l("None so far"),
        "to_10000": _l("Up to €10,000"),
        "to_50000": _l("€10,001 to €50,000"),
        "to_250000": _l("€50,001 to €250,000"),
        "over_250000": _l("More than €250,000"),
    },
}
YES_NO = {"yes": _l("Yes"), "no": _l("No")}
REFUSALS = {
    "survey-answered": _l(
        "This survey was already answered. Every link counts once; the first answer stands."
    ),
    "survey-too-early": _l("It is too early: nobody is asked about this stay yet."),
    "survey-over": _l("Nobody is reminded of this survey: it was answered, or its link has ended."),
}


def label(question: Question) -> Any:
    """The question as people read it."""
    return QUESTIONS[question.key]


def hint(question: Question) -> Any:
    """What helps to answer it."""
    return HINTS.get(question.key, "")


def choice_label(question: Question, choice: str) -> Any:
    """A choice as people read it."""
    if question.kind is QuestionKind.SCALE:
        return SCALE_ENDS.get(choice, choice)
    if question.kind is QuestionKind.YES_NO:
        return YES_NO[choice]
    return CHOICES.get(question.key, {}).get(choice, choice)
