"""Words for rounds, runs, proposals and what they refuse."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale
from babel.numbers import format_percent
from flask_babel import format_decimal, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.catalogue.wording import REASONS
from mobility.core.dates import day
from mobility.core.money import euro
from mobility.rounds.enums import ProposalStatus, Reply, RoundStatus, RunStatus
from mobility.rounds.models import Run

Tag = tuple[str, str]

# What keeps an accepted application out of a round.
LEFT_OUT = {
    "proposed": _l("Has a proposal to answer."),
    "paired": _l("Found its host by itself: its agreed pair keeps place and lump sum."),
    "declined": _l("Said no, or nothing, to the proposal before, or a member of its group did."),
    "group-waits": _l("A member of its group is still to be assessed or to answer."),
    "rested": _l("Rests: its applicant was not seen for long and did not answer."),
    "findings-fail": _l("A rule forbids it now: its organisation has changed since it was assessed."),
}

CHANGES = {
    "lock": _l("Lock a pair"),
    "forbid": _l("Forbid a pair"),
    "places": _l("More places at a host"),
    "budget": _l("Another budget of a partnership"),
    "visits": _l("Another number of visits that a host takes"),
    "keep": _l("Keep everybody’s proposal"),
}

# Staff may know who ruled whom out.
RULES_AGAINST = REASONS | {
    "never": _l("The visitor ruled it out."),
    "declined": _l("An earlier proposal of the two came to nothing."),
}

REFUSALS = {
    "move-no-visit": _l("%(application)s has no visit in this run."),
    "change-no-entrant": _l("%(application)s is not in this round."),
    "change-no-host": _l("%(host)s is not a host of this round."),
    "change-no-budget": _l("No partnership with the code %(partnership)s pays in this round."),
    "change-no-window": _l("%(host)s has no window with the day %(day)s."),
    "change-twice": _l("Two changes are about the same: %(about)s."),
    "lock-no-pair": _l("The rules keep %(application)s and %(host)s apart, so they cannot be locked."),
    "lock-forbidden": _l("%(application)s and %(host)s cannot be locked and forbidden."),
    "lock-twice": _l("%(application)s is locked to two hosts."),
    "locks-clash": _l("The locks cannot all be kept. Together these clash: %(found)s."),
    "run-unreal": _l(
        "Run %(run)s counts on places or money that are not there yet: %(missing)s. Have them entered, then"
        " freeze and solve again."
    ),
    "round-too-late": _l(
        "No day is left for a visit in this call once the proposals are answered and signed."
    ),
    "call-over": _l("The last day for a stay in %(call)s, %(last_day)s, is over."),
    "round-under-way": _l("%(call)s has a round that is not published yet: go on with %(round)s."),
    "synthetic-live": _l("%(reference)s is under way: wait for it, then start another."),
    "round-empty": _l("No accepted application waits for a host."),
    "runs-live": _l("A run is still going. Wait for it, or cancel it first."),
    "run-not-published": _l("Run %(run)s is not published: nobody is on reserve yet."),
    "not-studied": _l("Run %(run)s is not studied yet. Have it studied first."),
    "lottery-announced": _l("The lottery of %(round)s is announced already."),
    "lottery-follows": _l("%(round)s follows another round, and draws its lots or none."),
    "lottery-drawn": _l("There is nothing to draw for %(round)s."),
    "lottery-not-drawn": _l(
        "The lottery of %(round)s is announced but not drawn. Write down what the source gave."
    ),
    "seed-needed": _l("Write down what the source gave."),
    "round-over": _l("%(round)s was given up."),
    "run-not-solved": _l("Only a run with a result can be published."),
    "nobody-declined": _l("No proposal of this round was declined or has lapsed: there is no place to fill."),
    "decisions-held": _l("The applicants of %(call)s are not told yet who is accepted. Tell them first."),
    "run-outdated": _l("Run %(run)s was solved before the round was frozen again. Solve it once more."),
    "inputs-changed": _l(
        "Since the round was frozen something has changed: %(parts)s. Open it, freeze and solve again."
    ),
    "visit-too-soon": _l(
        "The visit of %(application)s would begin before it can be answered. Freeze and solve again."
    ),
}


def round_tag(status: RoundStatus) -> Tag:
    """The state of a round, as kind of tag and word."""
    words = {
        RoundStatus.OPEN: ("draft", _("Open")),
        RoundStatus.FROZEN: ("open", _("Frozen")),
        RoundStatus.PUBLISHED: ("good", _("Published")),
        RoundStatus.GIVEN_UP: ("closed", _("Given up")),
    }
    return words[status]


def run_tag(status: RunStatus) -> Tag:
    """The state of a run, as kind of tag and word."""
    words = {
        RunStatus.QUEUED: ("wait", _("Waiting")),
        RunStatus.SOLVING: ("open", _("Solving")),
        RunStatus.SOLVED: ("good", _("Solved")),
        RunStatus.FAILED: ("bad", _("Failed")),
        RunStatus.CANCELLED: ("closed", _("Cancelled")),
    }
    return words[status]


def proposal_tag(status: ProposalStatus) -> Tag:
    """The state of a proposal, as kind of tag and word."""
    words = {
        ProposalStatus.OPEN: ("wait", _("Waiting for answers")),
        ProposalStatus.ACCEPTED: ("good", _("Accepted")),
        ProposalStatus.DECLINED: ("bad", _("Declined")),
        ProposalStatus.EXPIRED: ("closed", _("Not answered in time")),
        ProposalStatus.WITHDRAWN: ("closed", _("Taken back by the office")),
    }
    return words[status]


def reply_words(reply: Reply | None) -> str:
    """What one side answered."""
    words = {None: _("No answer yet"), Reply.ACCEPTED: _("Accepted"), Reply.DECLINED: _("Declined")}
    return words[reply]


def fallen_away(counts: Mapping[str, int]) -> list[str]:
    """How many hosts fall away by which rule, the most first."""
    return [
        ngettext("%(num)s host: %(rule)s", "%(num)s hosts: %(rule)s", count, rule=RULES_AGAINST[code])
        for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def run_name(run: Run) -> str:
    """A run by its number and the name that staff gave it."""
    if run.name:
        return _("Run %(number)s: %(name)s", number=run.number, name=run.name)
    return _("Run %(number)s", number=run.number)


def gain(what: str, of: str, by: int, names: Mapping[str, str]) -> str:
    """A change that would gain something."""
    kind, _colon, whose = of.partition(":")
    host = names.get(whose or of, "")
    if what == "place":
        return _("One place more at %(host)s (%(ref)s)", host=host, ref=of)
    if what == "week":
        return _("A week more at %(host)s (%(ref)s)", host=host, ref=of)
    if kind == "budget":
        return _(
            "%(amount)s more in the budget of %(partnership)s", amount=euro(by), partnership=host or whose
        )
    return _("One visit more that %(host)s (%(ref)s) takes", host=host, ref=whose)


def answer_title(run: Run) -> str:
    """Which of the two answers after declines a run is."""
    if run.changes:
        return _("Everybody else keeps the proposal; free places go to who waits")
    return _("Only who has a yes keeps the proposal; as few as possible are moved")


def change(row: Mapping[str, Any]) -> str:
    """What a change of a run's problem says."""
    values = (
        dict(row) | {"first_day": day(date.fromisoformat(row["first_day"]))} if "first_day" in row else row
    )
    if row["kind"] in {"lock", "keep", "forbid"}:
        return _pair_change(values)
    if row["kind"] == "budget":
        return _("%(code)s may spend %(amount)s", code=row["partnership"], amount=euro(row["number"]))
    if row["kind"] == "visits":
        return ngettext(
            "%(host)s takes at most %(num)s visit",
            "%(host)s takes at most %(num)s visits",
            row["number"],
            host=row["host"],
        )
    return ngettext(
        "%(num)s place more at %(host)s in its window around %(day)s",
        "%(num)s places more at %(host)s in its window around %(day)s",
        row["number"],
        host=row["host"],
        day=values["first_day"],
    )


def _pair_change(values: Mapping[str, Any]) -> str:
    if values["kind"] == "keep":
        return _("Everybody keeps the host and the days proposed before")
    if values["kind"] == "forbid":
        return _("%(application)s does not stay at %(host)s", **values)
    if "first_day" in values:
        return _("%(application)s stays at %(host)s from %(first_day)s on", **values)
    return _("%(application)s stays at %(host)s", **values)


MOVE_RULES = {
    "length": _l("Open days, as many as the visit takes"),
    "windows": _l("Within the windows of visitor and host"),
    "places": _l("A place at the host on each day"),
    "limits": _l("Budgets and the number of visits"),
    "groups": _l("Who travels together stays together"),
    "locks": _l("Locks are kept"),
}


def goal(name: str) -> str:
    """The name of a goal."""
    names = {
        "priority": _("Priority points"),
        "fairness": _("Worst matched share"),
        "score": _("Points of the pairs"),
        "cost": _("Lump sums"),
        "changes": _("Changes"),
        "lottery": _("Lots drawn"),
    }
    return names[name]


def goals(names: Iterable[str]) -> str:
    """The goals of a run, in their order."""
    return ", ".join(
        _("%(place)s. %(goal)s", place=place, goal=goal(name)) for place, name in enumerate(names, 1)
    )


@dataclass(frozen=True)
class GoalRow:
    """A line of the table of goals."""

    name: str
    value: str
    bound: str
    gap: str
    is_proven: bool


def goal_rows(run: Run) -> list[GoalRow]:
    """The goals that a run reached, with value, bound and gap."""
    return [
        GoalRow(
            goal(row["name"]),
            goal_value(row["name"], row["value"]),
            goal_value(row["name"], row.get("bound")),
            percent(row.get("gap")),
            row.get("status") == "optimal",
        )
        for row in run.reached
    ]


def percent(share: float | None) -> str:
    """A share as a percentage, with two decimals at most."""
    if share is None:
        return _("not known")
    locale = get_locale() or Locale("en", "GB")
    return str(format_percent(round(share, 4), locale=locale, decimal_quantization=False))


def goal_value(name: str, value: float | None) -> str:
    """What a goal reached, as people read it."""
    if value is None:
        return _("not known")
    if name == "cost":
        return euro(int(value))
    return percent(value) if name == "fairness" else format_decimal(round(value))


def loss(name: str, value: int) -> str:
    """By how much a goal would get worse."""
    return f"{goal(name)} {goal_value(name, value)}"


def failure(run: Run) -> str:
    """Why a run failed."""
    code, _colon, found = run.failure.partition(": ")
    words = {
        "infeasible": _("No solution can keep all rules: %(found)s", found=found or _("they clash")),
        "unknown": _("No solution was found in the time given. Allow more."),
        "violations": _("The check found the result wrong, so it was thrown away: %(found)s", found=found),
        "memory": _("The solver needed more memory than it may have."),
        "time": _("The solver did not end in time."),
        "solver": _("The solver ended without a result."),
    }
    return words.get(code, run.failure)


UNMATCHED = {
    "no_host": _l("The rules leave no host"),
    "no_dates": _l("No common dates"),
    "limit": _l("A budget or a quota is used up"),
    "group": _l("The group cannot stay together"),
    "competition": _l("No place, dates or money left: they went to others"),
}


# The same for the applicant: what is no secret of others, and no amount.
WITHOUT_HOST = {
    "no_host": _l("No host of this call suits your application by the rules and by your wishes."),
    "no_dates": _l("Hosts suit you, but none has a place for your whole stay within your dates."),
    "limit": _l("Hosts and dates suit you, but the money or the number of visits they can take is used up."),
    "group": _l("No host can take all of your group together from one day on."),
    "competition": _l(
        "Hosts and dates suit you, but in this round their places or the money went to others."
    ),
}


def without_host(code: str) -> str:
    """Why a round found no host, for the applicant."""
    return str(WITHOUT_HOST[code])


def unmatched(code: str) -> str:
    """Why somebody was not matched, in general words."""
    return str(UNMATCHED[code])
