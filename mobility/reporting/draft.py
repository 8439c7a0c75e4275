"""What one side tells of a stay, before it is a row."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ReportDraft:
    """The days really stayed, and how it went; `is_as_agreed` None is not answered yet."""

    first_day: date | None
    last_day: date | None
    is_as_agreed: bool | None = None
    deviations: str = ""
    activities: str = ""
    results: str = ""
    follow_up: str = ""
