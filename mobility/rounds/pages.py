"""What the pages of a run show, gathered from its rows."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from mobility.applications.models import Application
from mobility.rounds import queries, wording
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Entrant, Pair, Round, Run
from mobility.rounds.queries import Visit
from mobility.rounds.runs import LIVE


@dataclass(frozen=True)
class VisitRow:
    """A visit of a result, with its pair and what its visitor's priority is."""

    visit: Visit
    pair: Pair
    entrant: Entrant


@dataclass(frozen=True)
class UnmatchedRow:
    """Somebody without a visit, and why."""

    entrant: Entrant
    reason: str
    text: str


@dataclass(frozen=True)
class LeftOutRow:
    """An accepted application that does not enter, and why."""

    application: Application
    text: str


def left_out(round_: Round) -> list[LeftOutRow]:
    """Who of the call is accepted but kept out of a round that is still to be published."""
    if round_.status is RoundStatus.PUBLISHED:
        return []
    kept_out = [(one, reason) for one, reason in queries.standing(round_.call) if reason]
    return [LeftOutRow(one, str(wording.LEFT_OUT[reason])) for one, reason in kept_out]


@dataclass(frozen=True)
class Result:
    """A solved run for people to read."""

    visits: list[VisitRow]
    unmatched: list[UnmatchedRow]
    goals: list[wording.GoalRow]
    is_proven: bool

    @property
    def entrants(self) -> int:
        return len(self.visits) + len(self.unmatched)

    @property
    def matched_share(self) -> str:
        return wording.percent(len(self.visits) / self.entrants if self.entrants else 0)

    @property
    def cost_cents(self) -> int:
        return sum(row.pair.cost_cents for row in self.visits)

    @property
    def mean_score(self) -> int:
        return round(sum(row.pair.score for row in self.visits) / len(self.visits)) if self.visits else 0

    @property
    def hosts(self) -> int:
        return len({row.visit.offer.id for row in self.visits})


def result_of(run: Run) -> Result:
    """The visits of a solved run, and those it leaves out with the reason."""
    solution: dict[str, Any] = run.solution or {}
    visits = queries.visits_of(run)
    pairs = queries.pairs_of(run.round, visits)
    entrants = {entrant.application_id: entrant for entrant in queries.entrants_of(run.round)}
    rows = [
        VisitRow(one, pairs[one.application.id, one.offer.id], entrants[one.application.id]) for one in visits
    ]
    matched = {one.application.id for one in visits}
    reasons = {row["application"]: row for row in solution.get("unmatched") or ()}
    paired = {row["application"] for row in (run.round.problem or {}).get("pairs", ())}
    left = [entrant for key, entrant in entrants.items() if key not in matched]
    unmatched = [_unmatched(entrant, reasons, paired) for entrant in left]
    return Result(rows, unmatched, wording.goal_rows(solution), solution.get("status") == "optimal")


def progress_of(run: Run) -> dict[str, Any]:
    """How far a run is, for the page and the script that keeps it fresh."""
    said = run.progress
    value, bound = said.get("value"), said.get("bound")
    return {
        "status": run.status.value,
        "value": value,
        "bound": bound,
        "text": _progress_text(run, said),
        "goal": wording.goal(said["goal"]) if said.get("goal") else "",
        "gap": wording.percent(_gap(value, bound)),
        "done": run.status not in LIVE,
    }


def _progress_text(run: Run, said: dict[str, Any]) -> str:
    if not said:
        return wording.run_tag(run.status)[1]
    return _("%(seconds)s s of %(limit)s s", seconds=round(said.get("seconds", 0)), limit=run.time_limit_s)


def _gap(value: float | None, bound: float | None) -> float | None:
    if value is None or bound is None:
        return None
    largest = max(abs(value), abs(bound))
    return abs(bound - value) / largest if largest else 0.0


def _unmatched(entrant: Entrant, reasons: dict[str, dict[str, Any]], paired: set[str]) -> UnmatchedRow:
    reference = entrant.application.reference
    if reference in reasons:
        return UnmatchedRow(
            entrant, wording.unmatched(reasons[reference]["code"]), reasons[reference]["text"]
        )
    if reference not in paired:
        return UnmatchedRow(entrant, wording.unmatched("no_host"), "")
    return UnmatchedRow(entrant, _("No place, dates or money left"), "")
