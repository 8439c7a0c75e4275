"""What a synthetic round shows: each way to fill it, and what the optimiser gains over it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.rounds.enums import RunStatus
from mobility.rounds.models import SyntheticRound
from mobility.rounds.runs import LIVE
from mobility.rounds.wording import percent, run_tag

ENGINE = "engine"
WAYS = {
    "first_come": _l("First come, first served"),
    "deferred_acceptance": _l("Self-service: visitors ask, hosts choose"),
    ENGINE: _l("The optimiser"),
}
FAILURES = {
    "memory": _l("It needed more memory than it may have. Try a smaller round."),
    "time": _l("It did not end in its time. Try a smaller round or a longer limit."),
    "solver": _l("One of the ways found no plan that keeps all rules in its time. Try a longer limit."),
}


@dataclass(frozen=True)
class Way:
    """One way to fill a round. `gain` is what the optimiser has more of the priority points, as a share."""

    name: str
    matched: int
    value: int
    bound: str
    mean_score: str
    cost_cents: int
    seconds: str
    gain: str
    more_matched: int | None


def ways(found: SyntheticRound) -> Iterator[Way]:
    """The rows of a solved one."""
    best = next(row for row in found.results if row["method"] == ENGINE)
    for row in found.results:
        is_best, bound = row is best, row["bound"]
        mean = row["score"] / row["matched"] if row["matched"] else 0
        yield Way(
            name=str(WAYS[row["method"]]),
            matched=row["matched"],
            value=row["value"],
            bound="" if bound is None else str(format_decimal(round(bound))),
            mean_score=str(format_decimal(round(mean, 1))),
            cost_cents=row["cost_cents"],
            seconds=_("%(seconds)s s", seconds=format_decimal(row["seconds"])),
            gain="" if is_best or not row["value"] else percent(best["value"] / row["value"] - 1),
            more_matched=None if is_best else best["matched"] - row["matched"],
        )


def sentence(found: SyntheticRound) -> str:
    """The gain in a sentence, over both other ways."""
    first, own, best = list(ways(found))
    return _(
        "Of %(all)s visitors the optimiser matches %(matched)s, first come, first served %(first)s and self-service "
        "%(own)s: %(gain)s more priority points than the first, %(own_gain)s more than the second.",
        all=found.visitors,
        matched=best.matched,
        first=first.matched,
        own=own.matched,
        gain=first.gain or "0 %",
        own_gain=own.gain or "0 %",
    )


def progress_of(found: Sequence[SyntheticRound]) -> dict[str, Any]:
    """How far the newest is; done where there is none."""
    newest = next(iter(found), None)
    said = newest.progress if newest else {}
    return {
        "value": said.get("value"),
        "bound": said.get("bound"),
        "method": str(WAYS[said["method"]]) if said else "",
        "text": run_tag(newest.status)[1] if newest else "",
        "done": newest is None or newest.status not in LIVE,
    }


def is_live(found: SyntheticRound) -> bool:
    """Whether it still waits or works."""
    return found.status in LIVE


def is_solved(found: SyntheticRound) -> bool:
    return found.status is RunStatus.SOLVED


def failure(found: SyntheticRound) -> str:
    """Why it has no result."""
    return str(FAILURES[found.failure])
