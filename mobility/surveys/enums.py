"""Who is asked, and how a question is answered."""

from enum import StrEnum


class Side(StrEnum):
    VISITOR = "visitor"
    HOST = "host"


class QuestionKind(StrEnum):
    SCALE = "scale"  # 1 to 5
    NPS = "nps"  # 0 to 10
    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICES = "choices"
    TEXT = "text"
