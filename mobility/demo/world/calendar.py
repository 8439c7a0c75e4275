"""When things happen: everything is counted from the day on which the first call opens."""

from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = 20


@dataclass(frozen=True)
class Calendar:
    """The days of the story; `opens_on` is 20 months before it is told."""

    opens_on: date

    @classmethod
    def of_a_story_told_on(cls, today: date) -> "Calendar":
        """The calendar whose last day is today."""
        months = today.year * 12 + today.month - 1 - MONTHS
        return cls(date(months // 12, months % 12 + 1, min(today.day, 28)))

    def day(self, number: int) -> date:
        """The day so many days after the call opened."""
        return self.opens_on + timedelta(days=number)

    @property
    def offers_until(self) -> date:
        return self.day(24)

    @property
    def closes_on(self) -> date:
        return self.day(63)

    @property
    def first_round_on(self) -> date:
        """Everything is assessed, and the agreed pairs have their exchanges."""
        return self.day(80)

    @property
    def second_round_on(self) -> date:
        return self.day(103)

    @property
    def follow_up_on(self) -> date:
        """The second round is answered: what came free can be filled."""
        return self.day(118)

    @property
    def first_stay_on(self) -> date:
        return self.day(147)

    @property
    def last_stay_on(self) -> date:
        return self.day(335)

    @property
    def settled_on(self) -> date:
        """Stays are reported, paid and closed; only surveys follow."""
        return self.day(385)

    @property
    def second_call_on(self) -> date:
        """The second call opens about six weeks before the story is told."""
        return self.day(565)

    @property
    def second_call_closes_on(self) -> date:
        return self.day(640)

    @property
    def second_stays(self) -> tuple[date, date]:
        return self.day(690), self.day(880)
