"""From rows to a problem of the engine: who enters, which pairs the rules allow, what binds them.

Reads the rows it is given and asks no database; `entering.inputs_of` loads them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any

from matching import problem as engine
from mobility.applications.models import Application
from mobility.applications.rules import PriorityPart
from mobility.calls.lump_sum import LumpSum, TraceLine, base_on, lump_sum, on_base
from mobility.calls.models import Allotment, Call
from mobility.catalogue import rules as catalogue
from mobility.catalogue.days import HostDays, stay_days
from mobility.catalogue.suiting import Suiting
from mobility.hosts.models import Offer, Reservation
from mobility.rounds.models import Proposal
from mobility.taxonomies import distance

COST = "cost_cents"


@dataclass(frozen=True)
class Inputs:
    """All that a problem is made of."""

    call: Call
    # Nobody can visit before this day: proposals have to be answered first, plans and papers signed.
    first_day: date
    applications: Sequence[Application]
    offers: Sequence[Offer]
    # By application, what its priority is made of.
    priorities: Mapping[int, Sequence[PriorityPart]]
    # Live reservations of the offers, whoever made them.
    reservations: Sequence[Reservation]
    allotments: Mapping[int, Allotment]
    # Organisations that had their one visit, or hold a proposal or an agreed pair for it.
    visited_ids: frozenset[int]
    # By reference: accepted applications that do not enter, with the code of what keeps them out.
    left_out: Mapping[str, str]
    # After declines: proposals nobody has said yes to, whose visitors enter again with what they hold; and who, by
    # application and offer, had a proposal that came to nothing.
    movable: Sequence[Proposal] = ()
    ended: frozenset[tuple[int, int]] = frozenset()
    # By reference, what each drew in the public lottery, more being better.
    lots: Mapping[str, int] = field(default_factory=dict)

    @property
    def last_day(self) -> date:
        return self.call.last_day

    @cached_property
    def held(self) -> Mapping[tuple[int, int], Proposal]:
        """The movable proposals by the keys of application and offer."""
        return {(one.application_id, one.offer_id): one for one in self.movable}


@dataclass(frozen=True)
class PossiblePair:
    """A visitor and a host whom no rule keeps apart."""

    application: Application
    offer: Offer
    days: int
    cost_cents: int
    trace: list[dict[str, Any]]
    distance_km: int
    score: catalogue.Score


@dataclass(frozen=True)
class Snapshot:
    """A problem with the rows it stands for."""

    inputs: Inputs
    pairs: tuple[PossiblePair, ...]
    problem: engine.Problem


def build(inputs: Inputs) -> Snapshot:
    """The problem of a call as its rows stand."""
    hosts = [HostDays(offer, inputs.first_day, inputs.last_day) for offer in inputs.offers]
    pairs = tuple(_pairs(inputs, hosts))
    fixed = [one for one in (_fixed(reservation, hosts) for reservation in inputs.reservations) if one]
    problem = engine.Problem(
        first_day=inputs.first_day,
        last_day=inputs.last_day,
        applications=(*map(_application(inputs), inputs.applications), *(one.application for one in fixed)),
        hosts=tuple(map(_host, hosts)),
        pairs=(*map(_problem_pair, pairs), *(one.pair for one in fixed)),
        limits=(*_budgets(inputs, pairs), *_visits(inputs, pairs)),
        locks=tuple(one.lock for one in fixed),
        sets={"partnership": _by_partnership(inputs), "country": _by_country(inputs)},
        previous=tuple(_previous(inputs)),
    )
    return Snapshot(inputs, pairs, problem)


def cost_on(first_day: date, offer: Offer, allotment: Allotment | None, *, days: int, km: int) -> LumpSum:
    """The lump sum of a stay that begins on a day. Raises `RuleBroken("no-rate")`."""
    return lump_sum(
        offer.call,
        country=offer.organisation.country,
        starts_on=first_day,
        days=days,
        km=km,
        mode=offer.mode,
        own_rate_cents=allotment.own_rate_cents if allotment else None,
    )


class Costs:
    """The lump sums that count against budgets while the first day is open: those of the highest rate."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self._bases: dict[tuple[str, int | None], list[tuple[TraceLine, ...]]] = {}

    def counted(self, application: Application, offer: Offer, *, days: int, km: int) -> LumpSum:
        """What a pair counts: at the day that its visitor holds already, else the highest."""
        held = self.inputs.held.get((application.id, offer.id))
        if held is None:
            return self.highest(application, offer, days=days, km=km)
        allotment = self.inputs.allotments.get(application.partnership_id)
        return cost_on(held.first_day, offer, allotment, days=days, km=km)

    def highest(self, application: Application, offer: Offer, *, days: int, km: int) -> LumpSum:
        """The lump sum of a pair at the highest rate."""
        bases = self._bases_of(application, offer.organisation.country)
        costs = [on_base(self.inputs.call, base, days=days, km=km, mode=offer.mode) for base in bases]
        return max(costs, key=lambda cost: cost.cents)

    def _bases_of(self, application: Application, country: str) -> list[tuple[TraceLine, ...]]:
        """For each rate that holds; asked once for a country and a partnership's own rate."""
        call, allotment = self.inputs.call, self.inputs.allotments.get(application.partnership_id)
        own_rate_cents = allotment.own_rate_cents if allotment else None
        key = country, own_rate_cents
        if key not in self._bases:
            days = catalogue.rate_days(call, country, self.inputs.first_day)
            self._bases[key] = [base_on(call, country, day, own_rate_cents) for day in days]
        return self._bases[key]


def rule_against(application: Application, offer: Offer, inputs: Inputs) -> str | None:
    """The code of the first rule that keeps a visitor and a host apart, or None."""
    if (application.id, offer.id) in inputs.ended:
        return "declined"
    has_visited = application.organisation_id in inputs.visited_ids
    found = catalogue.rules_against(
        application, offer, call=inputs.call, has_visited=has_visited, first_day=inputs.first_day
    )
    return next(found, None)


def _pairs(inputs: Inputs, hosts: Sequence[HostDays]) -> Iterator[PossiblePair]:
    """Whom `rule_against` leaves to each other."""
    suiting = Suiting(inputs.offers, call=inputs.call, first_day=inputs.first_day)
    costs, ended = Costs(inputs), defaultdict[int, set[int]](set)
    for application_id, offer_id in inputs.ended:
        ended[application_id].add(offer_id)
    for application in inputs.applications:
        if application.organisation_id not in inputs.visited_ids:
            for place in suiting.places(application, without=ended[application.id]):
                yield _pair(application, hosts[place], inputs, costs)


def _pair(application: Application, host: HostDays, inputs: Inputs, costs: Costs) -> PossiblePair:
    offer = host.offer
    # Where nothing fits the pair stays, so that the engine can name the dates as the reason.
    days = stay_days(application, host, inputs.call)
    visitor, at = application.organisation, offer.organisation
    km = distance.km(visitor.latitude, visitor.longitude, at.latitude, at.longitude)
    cost = costs.counted(application, offer, days=days, km=km)
    score = catalogue.score(application, offer, days=days, call=inputs.call)
    score = catalogue.with_reviews(score, application, inputs.call)
    return PossiblePair(
        application, offer, days, cost.cents, [line.as_dict() for line in cost.trace], km, score
    )


def _application(inputs: Inputs) -> Any:
    def row(application: Application) -> engine.Application:
        return engine.Application(
            id=application.reference,
            days=application.max_days,
            priority=sum(part.points for part in inputs.priorities[application.id]),
            windows=tuple(engine.Window(*days) for days in application.free_windows),
            group=application.group_key,
            lot=inputs.lots.get(application.reference, 0),
        )

    return row


def _host(host: HostDays) -> engine.Host:
    windows = tuple(engine.HostWindow(one.first_day, one.last_day, one.places) for one in host.offer.windows)
    return engine.Host(
        host.offer.reference, windows, tuple(engine.Window(*ends) for ends in _spans(host.closed))
    )


def _problem_pair(pair: PossiblePair) -> engine.Pair:
    return engine.Pair(
        application=pair.application.reference,
        host=pair.offer.reference,
        score=pair.score.points,
        days=pair.days,
        amounts={COST: pair.cost_cents},
    )


@dataclass(frozen=True)
class _Fixed:
    """A reservation of an earlier round or an agreed pair, as an application locked to its host and first day."""

    application: engine.Application
    pair: engine.Pair
    lock: engine.Lock


def _fixed(reservation: Reservation, hosts: Sequence[HostDays]) -> _Fixed | None:
    host = next(one for one in hosts if one.offer.id == reservation.offer_id)
    days = host.between(max(reservation.first_day, host.first_day), reservation.last_day)
    if not days:
        return None
    name, window = f"reservation:{reservation.id}", engine.Window(days[0], days[-1])
    return _Fixed(
        engine.Application(name, len(days), 1, (window,)),
        engine.Pair(name, host.offer.reference, 0, len(days)),
        engine.Lock(name, host.offer.reference, days[0]),
    )


def is_fixed(application_id: str) -> bool:
    """Whether an application of a problem stands for a reservation made before."""
    return application_id.startswith("reservation:")


def _previous(inputs: Inputs) -> Iterator[engine.Previous]:
    for proposal in inputs.movable:
        yield engine.Previous(proposal.application.reference, proposal.offer.reference, proposal.first_day)


def _held_cents(inputs: Inputs, pairs: Sequence[PossiblePair]) -> dict[int, int]:
    """What movable proposals hold of their visitors' partnerships' budgets, by key: a round may give it to others."""
    cents = defaultdict[int, int](int)
    for pair in pairs:
        held = inputs.held.get((pair.application.id, pair.offer.id))
        if held is not None:
            cents[pair.application.partnership_id] += held.lump_sum_cents
    return cents


def _budgets(inputs: Inputs, pairs: Sequence[PossiblePair]) -> Iterator[engine.Limit]:
    partnerships = {one.partnership_id: one.partnership for one in inputs.applications}
    members, held = _by_partnership(inputs), _held_cents(inputs, pairs)
    for partnership_id, partnership in partnerships.items():
        allotment = inputs.allotments.get(partnership_id)
        free = allotment.budget_cents - allotment.committed_cents if allotment else 0
        free += held[partnership_id]
        yield engine.Limit(f"budget:{partnership.code}", COST, free, applications=members[partnership.code])


def _visits(inputs: Inputs, pairs: Sequence[PossiblePair]) -> Iterator[engine.Limit]:
    """What each host still takes. Only where reservations are beside the limit it names whom it counts: who could come.

    A list of all visitors for each host would outgrow what PostgreSQL stores.
    """
    taken: dict[int, int] = defaultdict(int)
    for reservation in inputs.reservations:
        taken[reservation.offer_id] += 1
    coming: dict[int, list[str]] = {offer_id: [] for offer_id in taken}
    for pair in pairs:
        if pair.offer.id in coming:
            coming[pair.offer.id].append(pair.application.reference)
    for offer in inputs.offers:
        left = max(0, offer.max_visits - taken[offer.id])
        counted = tuple(coming[offer.id]) if offer.id in coming else None
        yield engine.Limit(
            f"visits:{offer.reference}", "visits", left, applications=counted, hosts=(offer.reference,)
        )


def _by_partnership(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    return _sets((one.partnership.code, one.reference) for one in inputs.applications)


def _by_country(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    return _sets((one.organisation.country, one.reference) for one in inputs.applications)


def _sets(members: Iterator[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(reference for _, reference in rows)
        for name, rows in groupby(sorted(members), key=lambda member: member[0])
    }


def _spans(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Neighbouring days joined into ranges."""
    for _, run in groupby(enumerate(days), key=lambda found: found[1].toordinal() - found[0]):
        joined = [day for _, day in run]
        yield joined[0], joined[-1]
