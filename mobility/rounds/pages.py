"""What the pages of a run show, gathered from its rows."""

from typing import Any

from flask_babel import gettext as _

from mobility.applications.models import Application
from mobility.core.lists import Column, Filter, Listing, listing
from mobility.hosts.models import Offer
from mobility.rounds import queries, wording
from mobility.rounds.models import Gain, Reserve, Run, Unmatched, Visit
from mobility.rounds.runs import LIVE


def visits(run: Run) -> Listing:
    """The page of visits that the address asks for."""
    visitor, host = _named(run, queries.VISITING), _named(run, queries.HOSTING)
    return listing(
        queries.visits_listed(run),
        columns=[
            Column("application", _("Application"), Application.reference),
            Column("visitor", _("Visitor"), *(one.name_folded for one in visitor)),
            Column("host", _("Host"), *(one.name_folded for one in host)),
            Column("first_day", _("Dates"), Visit.first_day),
            Column("days", _("Days"), Visit.days, numeric=True),
            Column("priority", _("Priority"), Visit.priority, numeric=True),
            Column("score", _("Score"), Visit.score, numeric=True),
            Column("cost", _("Lump sum"), Visit.cost_cents, numeric=True),
        ],
        search=[Application.reference, *(one.name for one in (*visitor, *host))],
        default_sort="application",
    )


def unmatched(run: Run) -> Listing:
    """The page of the unmatched that the address asks for."""
    visitor = _named(run, queries.VISITING)
    codes = [(code, wording.unmatched(code)) for code in wording.UNMATCHED]
    return listing(
        queries.unmatched_listed(run),
        columns=[
            Column("application", _("Application"), Application.reference),
            Column("visitor", _("Visitor"), *(one.name_folded for one in visitor)),
            Column("priority", _("Priority"), Unmatched.priority, numeric=True),
            Column("code", _("Why"), Unmatched.code),
        ],
        search=[Application.reference, *(one.name for one in visitor)],
        filters=[Filter("code", _("Why"), codes, lambda code: Unmatched.code == code)],
        default_sort="-priority",
    )


def gains(run: Run) -> Listing:
    """The page of what a little more would gain that the address asks for, the most first."""
    kinds = [("place", _("One place more")), ("week", _("A week more")), ("limit", _("Money and visits"))]
    return listing(
        queries.gains_listed(run),
        columns=[
            Column("of", _("What more"), Gain.of),
            Column("let_in", _("Who could come")),
            Column("sure", _("Points for sure"), Gain.sure, numeric=True),
            Column("estimate", _("Points by prices"), Gain.estimate_hundredths, numeric=True),
        ],
        search=[Gain.of],
        filters=[Filter("what", _("What more"), kinds, lambda what: Gain.what == what)],
        default_sort="-sure",
    )


def reserve(run: Run) -> Listing:
    """The page of those on reserve that the address asks for, host by host."""
    visitor, host = _named(run, queries.VISITING), _named(run, queries.HOSTING)
    by_host = [one.name_folded for one in host] or [Offer.reference]
    freed = [("yes", _("Where a place came free"))]
    return listing(
        queries.reserves_listed(run),
        columns=[
            Column("host", _("Host"), *by_host),
            Column("place", _("Place"), Reserve.place, numeric=True),
            Column("application", _("Application"), Application.reference),
            Column("visitor", _("Visitor"), *(one.name_folded for one in visitor)),
            Column("now", _("Now")),
        ],
        search=[Application.reference, *(one.name for one in (*visitor, *host))],
        filters=[
            Filter(
                "freed",
                _("Hosts"),
                freed,
                lambda _value: Reserve.offer_id.in_(queries.freed_offer_ids(run.round)),
            )
        ],
        default_sort="host",
    )


def _named(run: Run, side: Any) -> list[Any]:
    """The side by whose name a list may be sorted and searched: none where the round hides names."""
    return [] if run.round.hides_names else [side]


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
