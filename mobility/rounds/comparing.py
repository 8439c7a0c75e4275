"""The words of two results side by side: a sentence for each table, and its rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from mobility.core.dates import day
from mobility.core.money import euro
from mobility.rounds import wording
from mobility.rounds.comparison import Change, Comparison, ShareRow, Side, Stay
from mobility.rounds.enums import RunStatus
from mobility.rounds.models import Run
from mobility.rounds.moving import Move
from mobility.taxonomies.countries import country_name

LOWER_IS_BETTER = frozenset({"cost", "changes"})


@dataclass(frozen=True)
class Row:
    """A measure of both results; `better` is 0 or 1 for the side that is, None where neither is."""

    label: str
    values: tuple[str, str]
    difference: str
    better: int | None = None
    notes: tuple[str, str] = ("", "")


def who_sentence(found: Comparison, names: tuple[int, int]) -> str:
    """Who gains and who loses, in a sentence."""
    if not found.changes:
        return _("Both runs give everybody the same host and the same days.")
    counts = {kind: len(found.of_kind(kind)) for kind in ("gains", "loses", "moves", "redated")}
    return _(
        "Run %(other)s against run %(one)s: %(gains)s gain a host, %(loses)s lose theirs, %(moves)s get another host"
        " and %(redated)s other days; %(same)s stay as they are.",
        one=names[0],
        other=names[1],
        same=found.unchanged,
        **counts,
    )


def cost_words(without: Run | None, run: Run) -> str:
    """What one change of a run costs by the goals, against the run with all others."""
    if without is None:
        return _("not known")
    if without.status is not RunStatus.SOLVED:
        return _("run %(number)s is under way", number=without.number)
    rows = [row for row in goal_rows((without, run)) if row.better is not None]
    if not rows:
        return _("nothing (run %(number)s)", number=without.number)
    named = ", ".join(f"{row.label} {row.difference}" for row in rows)
    return _("%(goals)s (run %(number)s)", goals=named, number=without.number)


def answer_sentence(found: Comparison) -> str:
    """What publishing an answer would do to those who wait or have not said yes."""
    if not found.changes:
        return _("Nobody gains a host and nobody is moved.")
    counts = {kind: len(found.of_kind(kind)) for kind in ("gains", "loses", "moves", "redated")}
    return _(
        "%(gains)s gain a host, %(moves)s get another host, %(redated)s other days, and %(loses)s lose theirs;"
        " %(same)s keep what was proposed.",
        same=found.unchanged,
        **counts,
    )


def answer_rows(runs: tuple[Run, Run], found: tuple[Comparison, Comparison]) -> list[Row]:
    """Both answers by the goals and by the people they touch."""
    counts = [[len(one.of_kind(kind)) for kind in ("gains", "moves", "redated", "loses")] for one in found]
    labels = (_("Gain a host"), _("Get another host"), _("Get other days"), _("Lose their host"))
    people = [
        _row(label, one, other, _whole, lower=at > 0)
        for at, (label, one, other) in enumerate(zip(labels, *counts, strict=True))
    ]
    one, other = (side.other for side in found)
    return [
        *people,
        *(row for row in goal_rows(runs) if row.difference),
        _row(_("Mean points of a pair"), one.mean_score, other.mean_score, _tenth),
        _row(_("Lump sums"), one.cost_cents, other.cost_cents, _euro, is_judged=False),
    ]


def gap_row(runs: tuple[Run, Run]) -> Row:
    """How far each answer may be from the best by its first goal."""
    one, other = (wording.percent(run.reached[0].get("gap")) for run in runs)
    return Row(_("Gap of the first goal"), (one, other), "")


def change_title(kind: str, count: int) -> str:
    """What happens to so many entrants."""
    titles = {
        "gains": ngettext("%(num)s gains a host", "%(num)s gain a host", count),
        "loses": ngettext("%(num)s loses its host", "%(num)s lose their host", count),
        "moves": ngettext("%(num)s gets another host", "%(num)s get another host", count),
        "redated": ngettext("%(num)s gets other days", "%(num)s get other days", count),
    }
    return titles[kind]


def stay_words(stay: Stay | None) -> str:
    """Where and from when somebody stays."""
    return _("%(host)s, from %(day)s", host=stay.host, day=day(stay.first_day)) if stay else _("no host")


def change_words(change: Change) -> str:
    """From where to where somebody moves."""
    return _("%(before)s → %(after)s", before=stay_words(change.one), after=stay_words(change.other))


def trade_sentence(found: Comparison, names: tuple[int, int]) -> str:
    """More visits or better visits: what one run trades for the other."""
    more = found.other.matched - found.one.matched
    if not found.one.matched or not found.other.matched:
        return _("There are no visits to lay beside each other.")
    return _(
        "Run %(other)s matches %(matched)s than run %(one)s; on average its visits score %(score)s, last %(days)s"
        " and cost %(cost)s.",
        one=names[0],
        other=names[1],
        matched=_fewer_or_more(more),
        score=_by(found.other.mean_score - found.one.mean_score, _points),
        days=_by(found.other.mean_days - found.one.mean_days, _days),
        cost=_by(found.other.mean_cost_cents - found.one.mean_cost_cents, _euro),
    )


def _fewer_or_more(by: int) -> str:
    if not by:
        return _("as many")
    return _("%(num)s more", num=by) if by > 0 else _("%(num)s fewer", num=-by)


def _by(difference: float, words: Callable[[float], str]) -> str:
    amount = words(abs(difference))
    if amount == words(0):
        return _("the same")
    return _("%(amount)s more", amount=amount) if difference > 0 else _("%(amount)s less", amount=amount)


def _points(number: float) -> str:
    return _("%(number)s points", number=_tenth(number))


def _days(number: float) -> str:
    return _("%(number)s days", number=_tenth(number))


def _euro(cents: float) -> str:
    return euro(round(cents))


def _tenth(number: float) -> str:
    return str(format_decimal(round(number, 1)))


def move_rows(move: Move) -> list[Row]:
    """Each goal before and after a visit is moved by hand."""
    return [
        _goal_row(name, [{"value": before}, {"value": after}], has_bounds=False)
        for name, before, after in move.goals
    ]


def goal_rows(runs: tuple[Run, Run]) -> list[Row]:
    """What both runs reached of each goal that either had, with bounds; a goal that one had not is not known there."""
    reached = [{goal["name"]: goal for goal in run.reached} for run in runs]
    return [_goal_row(name, [of.get(name, {}) for of in reached]) for name in reached[0] | reached[1]]


def _goal_row(name: str, reached: list[dict[str, float | None]], *, has_bounds: bool = True) -> Row:
    one, other = (goal.get("value") for goal in reached)
    notes = tuple(
        _("bound %(bound)s", bound=wording.goal_value(name, goal.get("bound"))) if goal and has_bounds else ""
        for goal in reached
    )
    values = (wording.goal_value(name, one), wording.goal_value(name, other))
    if one is None or other is None:
        return Row(wording.goal(name), values, "", notes=(notes[0], notes[1]))
    better = _better(one, other, lower=name in LOWER_IS_BETTER)
    words = signed(other - one, lambda value: wording.goal_value(name, value))
    return Row(wording.goal(name), values, words, better, (notes[0], notes[1]))


def measures(found: Comparison) -> Iterator[Row]:
    """More matches against better matches."""
    one, other = found.sides
    yield _row(_("Visitors matched"), one.matched, other.matched, _whole)
    yield _row(_("Mean points of a pair"), one.mean_score, other.mean_score, _tenth)
    yield _row(_("Mean days of a stay"), one.mean_days, other.mean_days, _tenth, is_judged=False)
    yield _row(_("Mean lump sum"), one.mean_cost_cents, other.mean_cost_cents, _euro, is_judged=False)
    yield _first_choices(one, other)
    yield _row(_("Hosts with a visit"), _visited(one), _visited(other), _whole)
    yield _row(_("Most visits at one host"), _most(one), _most(other), _whole, lower=True)
    yield _row(
        _("Spread of visits over hosts (Gini: 0 is even)"),
        one.load_gini,
        other.load_gini,
        _hundredth,
        lower=True,
    )


def _first_choices(one: Side, other: Side) -> Row:
    (got, of), (got_other, _of) = one.first_choices, other.first_choices
    notes = tuple(_("of %(num)s who named one", num=of) for _side in (one, other))
    row = _row(_("Got the host wished for most"), got, got_other, _whole)
    return Row(row.label, row.values, row.difference, row.better, (notes[0], notes[1]))


def _visited(side: Side) -> int:
    return sum(load > 0 for load in side.loads)


def _most(side: Side) -> int:
    return max(side.loads, default=0)


def _whole(number: float) -> str:
    return str(format_decimal(round(number)))


def _hundredth(number: float) -> str:
    return str(format_decimal(round(number, 2)))


def _row(
    label: str,
    one: float,
    other: float,
    words: Callable[[float], str],
    *,
    lower: bool = False,
    is_judged: bool = True,
) -> Row:
    better = _better(one, other, lower=lower) if is_judged and words(one) != words(other) else None
    return Row(label, (words(one), words(other)), signed(other - one, words), better)


def _better(one: float, other: float, *, lower: bool) -> int | None:
    if one == other:
        return None
    return int((other < one) if lower else (other > one))


def signed(difference: float, words: Callable[[float], str]) -> str:
    """A difference with its sign; 0 has none."""
    amount = words(abs(difference))
    if amount == words(0):
        return amount
    return f"+{amount}" if difference > 0 else f"−{amount}"


def money_sentence(found: Comparison, names: tuple[int, int]) -> str:
    """What the runs cost together."""
    return _(
        "Run %(one)s comes to %(cents)s, run %(other)s to %(others)s: %(difference)s.",
        one=names[0],
        cents=euro(found.one.cost_cents),
        other=names[1],
        others=euro(found.other.cost_cents),
        difference=signed(found.other.cost_cents - found.one.cost_cents, _euro),
    )


def money_rows(found: Comparison) -> list[Row]:
    """The lump sums of each partnership."""
    return [_row(name, one, other, _euro, is_judged=False) for name, one, other in found.money()]


def _set_words(family: str, name: str) -> str:
    if family == "country":
        return country_name(name)
    if family == "length":
        return ngettext("%(num)s day", "%(num)s days", int(name))
    words = {
        "first": _("First exchange"),
        "again": _("Has been before"),
        "micro": _("Micro: fewer than 10 staff"),
        "small": _("Small: 10 to 49 staff"),
        "medium": _("Medium: 50 to 249 staff"),
        "large": _("Large: 250 staff and more"),
        "unknown": _("Staff not stated"),
    }
    return name if family == "partnership" else words[name]


def family_title(family: str) -> str:
    """What the sets of a family are."""
    words = {
        "partnership": _("Partnership"),
        "country": _("Country of the visitor"),
        "size": _("Size of the organisation"),
        "first_timer": _("First exchange or not"),
        "length": _("Longest stay asked for"),
    }
    return words[family]


def share_rows(found: Comparison, family: str) -> list[Row]:
    """The matched share of each set of a family, the worst first."""
    return [_share_row(_set_words(family, row.name), row) for row in found.shares(family)]


def _share_row(label: str, row: ShareRow) -> Row:
    one, other = row.shares
    notes = (
        _("%(num)s of %(all)s", num=row.one, all=row.of),
        _("%(num)s of %(all)s", num=row.other, all=row.of),
    )
    words = signed(other - one, lambda share: _("%(num)s points", num=_tenth(100 * share)))
    return Row(label, (_percent(one), _percent(other)), words, _better(one, other, lower=False), notes)


def _percent(share: float) -> str:
    return wording.percent(round(share, 2))


def fairness_sentence(found: Comparison, names: tuple[int, int]) -> str:
    """The worst share of a partnership in both, which is what the scheme promises to look at."""
    rows = found.shares("partnership")
    worst = min(rows, key=lambda row: row.shares[0]), min(rows, key=lambda row: row.shares[1])
    return _(
        "Worst off in run %(one)s: %(worst)s with %(share)s matched; in run %(other)s: %(worsts)s with %(shares)s.",
        one=names[0],
        worst=worst[0].name,
        share=_percent(worst[0].shares[0]),
        other=names[1],
        worsts=worst[1].name,
        shares=_percent(worst[1].shares[1]),
    )


def goals_sentence(rows: list[Row], names: tuple[int, int]) -> str:
    """Which goals differ."""
    better = [[row.label for row in rows if row.better == at] for at in (0, 1)]
    if not any(better):
        return _("Both runs reach the same on every goal they share.")
    parts = [
        _("run %(run)s is better on %(goals)s", run=name, goals=", ".join(labels))
        for name, labels in zip(names, better, strict=True)
        if labels
    ]
    return _("By the goals %(parts)s.", parts="; ".join(parts))
