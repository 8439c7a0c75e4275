"""Makers of rounds: a small market of visitors and hosts, frozen, solved and published by the real verbs."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

from matching import Problem, Solution
from matching.reserve import reserve
from matching.sensitivity import sensitivity
from mobility.applications.draft import WishDraft
from mobility.applications.models import Application
from mobility.audit.services import record
from mobility.calls.models import Call
from mobility.calls.queries import allotment_of
from mobility.core import clock
from mobility.core.db import db
from mobility.core.references import next_reference
from mobility.hosts.draft import WindowDraft
from mobility.hosts.models import Offer
from mobility.organisations.enums import OrganisationType
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.rounds import runs, services, studies
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Proposal, Round, Run
from mobility.rounds.scenario import problem_of
from mobility.rounds.solver import Options, solved
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

SEVILLA: dict[str, Any] = {
    "country": "ES",
    "town": "Sevilla",
    "latitude": 37.39,
    "longitude": -5.99,
    "region": "ES61",
}
_numbers = count(1)
PORTO_CLUSTER: dict[str, Any] = {**PORTO, "type": OrganisationType.CLUSTER}
QUICK = Options(time_limit_s=10, is_deterministic=True)


def weeks(call: Call, first: int = 4, number: int = 4) -> tuple[date, date]:
    """From the Monday some weeks into the call's days to the Friday some weeks later."""
    monday = call.first_day + timedelta(days=-call.first_day.weekday() % 7, weeks=first)
    return monday, monday + timedelta(weeks=number, days=-3)


def make_host(
    call: Call,
    *,
    organisation: Organisation | None = None,
    windows: tuple[tuple[date, date, int], ...] | None = None,
    **changes: Any,
) -> Offer:
    """A Portuguese cluster's accepted offer for four weeks; `changes` are those of `make_offer`."""
    number = next(_numbers)
    windows = windows or ((*weeks(call), 2),)
    usual: dict[str, Any] = {
        "contact_name": f"Hugo Host {number}",
        "contact_email": f"host{number}@example.org",
        "max_visits": 5,
    }
    return make_offer(
        call=call,
        organisation=organisation or make_organisation(**PORTO_CLUSTER),
        windows=tuple(WindowDraft(*window) for window in windows),
        **usual | changes,
    )


def make_visitor(
    call: Call,
    *,
    organisation: Organisation | None = None,
    partnership: Partnership | None = None,
    wishes: dict[Offer, int | None] | None = None,
    budget_cents: int = 1_000_000,
    **changes: Any,
) -> Application:
    """A Spanish SME's accepted application for the same weeks; `changes` are those of `make_application`."""
    number = next(_numbers)
    partnership = partnership or make_partnership()
    if allotment_of(call, partnership) is None:
        make_allotment(call, partnership, budget_cents=budget_cents)
    usual: dict[str, Any] = {
        "person_name": f"Vera Visitor {number}",
        "person_email": f"visitor{number}@example.org",
        "windows": (weeks(call),),
    }
    return make_application(
        call=call,
        organisation=organisation or make_organisation(**SEVILLA),
        partnership=partnership,
        wishes=tuple(WishDraft(offer.id, rank) for offer, rank in (wishes or {}).items()),
        **usual | changes,
    )


def make_market(*, visitors: int = 2, hosts: int = 2) -> Call:
    """A call with accepted visitors and hosts that all suit each other."""
    call = make_call()
    for _ in range(hosts):
        make_host(call)
    for _ in range(visitors):
        make_visitor(call)
    return call


def make_frozen_round(call: Call | None = None) -> Round:
    """A frozen round of a call, or of a new market; also a second one, from before a call had one at a time."""
    round_ = Round(
        reference=next_reference("RND"),
        call=call or make_market(),
        status=RoundStatus.OPEN,
        opened_at=clock.utcnow(),
        problem=None,
    )
    db.session.add(round_)
    db.session.flush()
    record("round.opened", round_, actor=None)
    services.freeze(round_, actor=None)
    return round_


def make_solved_run(round_: Round | None = None, options: Options = QUICK, **told: Any) -> Run:
    """A run of a round, perhaps with a name and changes, solved here and now instead of by the worker."""
    run = services.solve(round_ or make_frozen_round(), options, actor=None, **told)
    assert runs.begin(run.id)
    reached = solved(problem_of(run), replace(options, goals=tuple(run.goals)))
    runs.finish(run.id, dict(reached.to_json()))
    return run


def make_study(run: Run) -> None:
    """Study a run here and now, as the worker's child does."""
    problem, solution = Problem.from_json(problem_of(run)), Solution.from_json(run.solution)
    studies.keep(
        run.id, [gain.to_json() for gain in sensitivity(problem, solution)], reserve(problem, solution)
    )


def solution_of(round_: Round, options: Options = QUICK) -> dict[str, Any]:
    """What the engine makes of a frozen round."""
    return dict(solved(round_.problem or {}, options).to_json())


def make_proposals(call: Call | None = None) -> list[Proposal]:
    """What a published round of a call, or of a new market, proposes."""
    proposals = services.publish(make_solved_run(make_frozen_round(call)), actor=None)
    db.session.flush()
    return proposals


def make_proposal(call: Call | None = None) -> Proposal:
    """One proposal of a market of one visitor and one host."""
    return make_proposals(call or make_market(visitors=1, hosts=1))[0]
