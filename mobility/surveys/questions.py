"""What a survey asks, as data. The words stand in `wording.py`, under the same keys."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mobility.surveys.enums import QuestionKind, Side

BOTH = (Side.VISITOR, Side.HOST)
VISITOR = (Side.VISITOR,)
HOST = (Side.HOST,)
SCALE = ("1", "2", "3", "4", "5")
NPS = tuple(str(points) for points in range(11))
YES_NO = ("yes", "no")


@dataclass(frozen=True)
class Question:
    """One question: how it is answered, who is asked, and whether it may be left out."""

    key: str
    kind: QuestionKind
    part: str
    sides: tuple[Side, ...] = BOTH
    required: bool = False
    choices: tuple[str, ...] = ()
    several: bool = False
    largest: int = 1000
    confidential: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The question as it is stored."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Question":
        """The question as it was stored."""
        sides = tuple(Side(side) for side in stored["sides"])
        kinds = {"kind": QuestionKind(stored["kind"]), "sides": sides, "choices": tuple(stored["choices"])}
        return cls(**(dict(stored) | kinds))

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen, in the order in which it is shown."""
        fixed = {QuestionKind.SCALE: SCALE, QuestionKind.NPS: NPS, QuestionKind.YES_NO: YES_NO}
        return fixed.get(self.kind, self.choices)


def _scale(key: str, part: str, sides: tuple[Side, ...] = BOTH, *, required: bool = False) -> Question:
    return Question(key, QuestionKind.SCALE, part, sides, required=required)


def _yes_no(key: str, part: str) -> Question:
    return Question(key, QuestionKind.YES_NO, part, required=True)


def _text(key: str, part: str, *, confidential: bool = False) -> Question:
    return Question(key, QuestionKind.TEXT, part, confidential=confidential)


def _choices(
    key: str, part: str, *choices: str, sides: tuple[Side, ...] = BOTH, several: bool = False
) -> Question:
    return Question(key, QuestionKind.CHOICES, part, sides, choices=choices, several=several)


AFTER_STAY = "after-stay"
AFTER_STAY_QUESTIONS = (
    Question("took_place", QuestionKind.YES_NO, "stay", required=True),
    _text("deviations", "stay"),
    Question("days", QuestionKind.NUMBER, "stay", required=True, largest=31),
    _choices(
        "activities",
        "stay",
        "capacity",
        "knowledge",
        "innovation",
        "market",
        "networking",
        several=True,
    ),
    _scale("objectives", "stay", required=True),
    _scale("welcome", "stay", VISITOR, required=True),
    _scale("visitor_prepared", "stay", HOST, required=True),
    _scale("needs_matched", "stay", required=True),
    _scale("skills_sector", "results", required=True),
    _scale("skills_other", "results"),
    _scale("insight", "results", required=True),
    Question("contacts", QuestionKind.NUMBER, "results"),
    Question("partnerships", QuestionKind.YES_NO, "results"),
    _text("partnerships_named", "results"),
    _choices("adopted", "results", "yes", "planned", "no", sides=VISITOR),
    _choices(
        "follow_up",
        "results",
        "joint_project",
        "commercial_deal",
        "cluster_membership",
        "technology_transfer",
        "market_entry",
        several=True,
    ),
    _scale("partnership_support", "support", required=True),
    _scale("office_support", "support"),
    _scale("ease_registration", "support"),
    _scale("ease_matching", "support"),
    _scale("ease_paperwork", "support"),
    Question("lump_sum_enough", QuestionKind.YES_NO, "support", VISITOR),
    _choices("cost_band", "support", "to_250", "to_500", "to_750", "to_1000", "over_1000", sides=VISITOR),
    Question("recommend", QuestionKind.NPS, "end", required=True),
    _text("recommend_why", "end"),
    _text("quote", "end"),
    Question("quote_consent", QuestionKind.YES_NO, "end"),
    _text("confidential", "end", confidential=True),
)

# Half a year and a year after the stay the same questions, so that the answers compare (domain.md 8.2, last row).
FOLLOW_UP_QUESTIONS = (
    _yes_no("contacts_kept", "since"),
    _yes_no("joint_project", "since"),
    _yes_no("eu_proposal", "since"),
    _choices("sales_band", "since", "none", "to_10000", "to_50000", "to_250000", "over_250000"),
    Question("jobs", QuestionKind.NUMBER, "since"),
    _yes_no("new_market", "since"),
    _yes_no("new_visit", "since"),
    _text("since_told", "since"),
    _text("confidential", "end", confidential=True),
)
MONTHS = {"after-6-months": 6, "after-12-months": 12}
FOLLOW_UPS = {months: code for code, months in MONTHS.items()}
SURVEYS = {
    AFTER_STAY: ("After the stay", AFTER_STAY_QUESTIONS),
    "after-6-months": ("Six months after the stay", FOLLOW_UP_QUESTIONS),
    "after-12-months": ("Twelve months after the stay", FOLLOW_UP_QUESTIONS),
}
