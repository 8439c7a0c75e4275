"""States of a call, and what its data is made of."""

from enum import StrEnum

from mobility.core.states import lifecycle


class CallStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


LIFECYCLE = lifecycle(
    {
        CallStatus.DRAFT: {CallStatus.OPEN},
        CallStatus.OPEN: {CallStatus.CLOSED},
        CallStatus.CLOSED: {CallStatus.OPEN},
    }
)


class PartRole(StrEnum):
    """How an organisation takes part: the columns of the type × role matrix."""

    VISITOR = "visitor"
    HOST = "host"


class CvAsked(StrEnum):
    """Whether a call asks for the CV of the person who travels."""

    NO = "no"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Mode(StrEnum):
    PHYSICAL = "physical"
    VIRTUAL = "virtual"


class QuestionKind(StrEnum):
    """How a question of a call is answered."""

    LINE = "line"
    TEXT = "text"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"


YES_OR_NO = ("yes", "no")
