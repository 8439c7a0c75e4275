"""From rows to a problem."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from matching import problem as engine
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.enums import Mode
from mobility.calls.models import Call, Rate
from mobility.calls.services import reserve as reserve_budget
from mobility.core.db import db
from mobility.hosts.draft import ClosureDraft
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.hosts.reservations import free_for
from mobility.organisations.enums import OrganisationType
from mobility.rounds import entering
from mobility.rounds.problem import Costs, PossiblePair, Snapshot, build, rule_against
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import SEVILLA, make_host, make_proposals, make_visitor, weeks

pytestmark = pytest.mark.usefixtures("session")


def snapshot_of(call: Call) -> Snapshot:
    db.session.flush()
    return build(entering.inputs_of(call, call.first_day))


def only_pair(call: Call) -> PossiblePair:
    (pair,) = snapshot_of(call).pairs
    return pair


def limit(problem: engine.Problem, name: str) -> engine.Limit:
    return next(one for one in problem.limits if one.id == name)


def test_a_visitor_and_a_host_who_suit_each_other_are_a_pair() -> None:
    call = make_call()
    host, visitor = make_host(call), make_visitor(call)

    snapshot = snapshot_of(call)

    (row,) = snapshot.problem.pairs
    (pair,) = snapshot.pairs
    assert (row.application, row.host) == (visitor.reference, host.reference)
    assert row.score == pair.score.points == sum(part["points"] for part in pair.score.as_dicts())
    assert row.amounts == {"cost_cents": pair.cost_cents}


def test_the_problem_spans_the_days_left_of_the_call_and_reads_back_the_same() -> None:
    call = make_call()
    make_host(call)
    make_visitor(call)

    problem = build(entering.inputs_of(call, call.first_day + timedelta(days=10))).problem

    assert (problem.first_day, problem.last_day) == (call.first_day + timedelta(days=10), call.last_day)
    assert engine.Problem.from_json(problem.to_json()) == problem


def test_the_priority_is_the_sum_of_its_parts() -> None:
    call = make_call()
    visitor = make_visitor(call)

    snapshot = snapshot_of(call)

    parts = {part.code: part.points for part in snapshot.inputs.priorities[visitor.id]}
    assert parts == {"base": 10, "first_exchange": 3, "less_developed_region": 2, "sme": 1}
    assert snapshot.problem.applications[0].priority == 16


def _same_country(call: Call) -> tuple[Application, Offer]:
    home = make_organisation(country="PT", town="Lisboa", region="PT17")
    return make_visitor(call, organisation=home), make_host(call)


def _same_organisation(call: Call) -> tuple[Application, Offer]:
    one = make_organisation(country="ES", type=OrganisationType.CLUSTER)
    return make_visitor(call, organisation=one), make_host(call, organisation=one)


def _type_may_not_host(call: Call) -> tuple[Application, Offer]:
    visitor, host = make_visitor(call), make_host(call)
    call.roles_by_type = call.roles_by_type | {"cluster": ["visitor"]}
    return visitor, host


def _never(call: Call) -> tuple[Application, Offer]:
    host = make_host(call)
    return make_visitor(call, wishes={host: None}), host


def _no_language(call: Call) -> tuple[Application, Offer]:
    return make_visitor(call, languages={"fr": "C2"}), make_host(call)


def _other_mode(call: Call) -> tuple[Application, Offer]:
    return make_visitor(call, mode=Mode.VIRTUAL), make_host(call)


def _too_long_for_the_host(call: Call) -> tuple[Application, Offer]:
    return make_visitor(call, min_days=6, max_days=8), make_host(call)


def _too_short_for_the_host(call: Call) -> tuple[Application, Offer]:
    return make_visitor(call, max_days=4), make_host(call, min_days=5)


def _visited_in_another_call(call: Call) -> tuple[Application, Offer]:
    organisation = make_organisation(country="ES")
    visitor = make_visitor(call, organisation=organisation)
    make_visitor(make_call(), organisation=organisation, status=ApplicationStatus.MATCHED)
    return visitor, make_host(call)


def _holds_a_proposal_in_another_call(call: Call) -> tuple[Application, Offer]:
    organisation, other = make_organisation(**SEVILLA), make_call()
    make_host(other)
    make_visitor(other, organisation=organisation)
    (open_proposal,) = make_proposals(other)
    assert open_proposal.application.organisation is organisation
    return make_visitor(call, organisation=organisation), make_host(call)


def _no_rate(call: Call) -> tuple[Application, Offer]:
    call.rates = [rate for rate in call.rates if rate.country != "PT"]
    return make_visitor(call), make_host(call)


@pytest.mark.parametrize(
    ("code", "arrange"),
    [
        ("same-country", _same_country),
        ("same-organisation", _same_organisation),
        ("type", _type_may_not_host),
        ("never", _never),
        ("language", _no_language),
        ("mode", _other_mode),
        ("length", _too_long_for_the_host),
        ("length", _too_short_for_the_host),
        ("visited", _visited_in_another_call),
        ("visited", _holds_a_proposal_in_another_call),
        ("no-rate", _no_rate),
    ],
)
def test_a_rule_that_stands_against_a_pair_removes_it(
    code: str, arrange: Callable[[Call], tuple[Application, Offer]]
) -> None:
    call = make_call()
    visitor, host = arrange(call)

    snapshot = snapshot_of(call)

    assert rule_against(visitor, host, snapshot.inputs) == code
    assert (snapshot.pairs, snapshot.problem.pairs) == ((), ())
    assert [one.id for one in snapshot.problem.applications] == [visitor.reference]


def test_neither_what_is_not_accepted_nor_what_is_matched_enters() -> None:
    call = make_call()
    make_host(call, status=OfferStatus.SUBMITTED)
    make_visitor(call, status=ApplicationStatus.SUBMITTED)
    make_visitor(call, status=ApplicationStatus.MATCHED)

    problem = snapshot_of(call).problem

    assert (problem.applications, problem.hosts) == ((), ())


def test_the_stay_is_the_longest_that_suits_both_and_fits_the_dates() -> None:
    call = make_call()
    first, _last = weeks(call)
    make_host(call, max_days=10)
    make_visitor(call, max_days=8, windows=((first, first + timedelta(days=7)),))

    pair = only_pair(call)

    # Monday to the Monday after: six working days, unless one is a holiday.
    assert 4 <= pair.days <= 6
    assert snapshot_of(call).problem.pairs[0].days == pair.days


def test_days_that_do_not_suit_the_visitor_part_the_window() -> None:
    call = make_call()
    first, last = weeks(call)
    make_host(call)
    day = timedelta(days=1)
    make_visitor(call, windows=((first, last),), excluded=((first + 7 * day, first + 8 * day),))

    (application,) = snapshot_of(call).problem.applications

    windows = [(window.first, window.last) for window in application.windows]
    assert windows == [(first, first + 6 * day), (first + 9 * day, last)]


def test_a_pair_without_common_dates_stays_so_that_the_engine_can_say_so() -> None:
    call = make_call()
    make_host(call, windows=((*weeks(call, 4, 2), 1),))
    make_visitor(call, windows=(weeks(call, 12, 2),))

    assert only_pair(call).days == 5


def test_weekends_holidays_and_closures_of_the_host_are_closed() -> None:
    call = make_call(first_day=date(2027, 4, 1), last_day=date(2027, 12, 31))
    closures = (ClosureDraft(date(2027, 4, 27), date(2027, 4, 28)),)
    make_host(call, windows=((date(2027, 4, 19), date(2027, 4, 30), 1),), closures=closures)

    closed = snapshot_of(call).problem.hosts[0].to_json()["closed"]

    # 25 April, a Sunday, is Portugal's Freedom Day.
    assert closed == [["2027-04-24", "2027-04-25"], ["2027-04-27", "2027-04-28"]]


def test_the_cost_and_its_trace_follow_the_rules_of_the_lump_sum() -> None:
    call = make_call()
    make_host(call)
    make_visitor(call)

    pair = only_pair(call)

    assert (pair.days, pair.cost_cents) == (5, 78_000)
    assert pair.trace[-1]["cents"] == 78_000
    assert pair.distance_km == pair.trace[-1]["values"]["km"] > 400


def test_the_partnerships_own_rate_counts() -> None:
    call, partnership = make_call(), make_partnership()
    make_allotment(call, partnership, own_rate_cents=40_000)
    make_host(call)
    make_visitor(call, partnership=partnership)

    assert only_pair(call).cost_cents == 40_000


def test_where_rates_change_within_the_call_the_highest_counts_against_the_budget() -> None:
    call = make_call()
    make_host(call)
    make_visitor(call)
    change = call.first_day + timedelta(days=90)
    old = next(rate for rate in call.rates if rate.country == "PT")
    old.to_on = change - timedelta(days=1)
    call.rates.append(Rate(table_name="2028", country="PT", cents=90_000, from_on=change))

    snapshot = snapshot_of(call)
    pair = snapshot.pairs[0]

    assert pair.cost_cents == 90_000
    cost = Costs(snapshot.inputs).highest(pair.application, pair.offer, days=3, km=500)
    assert cost.cents == 45_000


def test_a_partnership_is_limited_to_what_is_free_of_its_allotment() -> None:
    call, partnership = make_call(), make_partnership()
    visitor = make_visitor(call, partnership=partnership, budget_cents=100_000)
    other = make_visitor(call)
    reserve_budget(call, partnership, 30_000)

    problem = snapshot_of(call).problem

    budget = limit(problem, f"budget:{partnership.code}")
    assert (budget.amount, budget.max, budget.applications) == ("cost_cents", 70_000, (visitor.reference,))
    assert other.reference in (limit(problem, f"budget:{other.partnership.code}").applications or ())


def test_a_partnership_without_an_allotment_has_nothing_to_spend() -> None:
    call = make_call()
    visitor = make_visitor(call)
    visitor.partnership = make_partnership()

    problem = snapshot_of(call).problem

    assert limit(problem, f"budget:{visitor.partnership.code}").max == 0


def test_a_host_is_limited_to_its_visits() -> None:
    call = make_call()
    host = make_host(call, max_visits=3)
    make_visitor(call)

    visits = limit(snapshot_of(call).problem, f"visits:{host.reference}")

    assert (visits.amount, visits.max) == ("visits", 3)
    assert (visits.applications, visits.hosts) == (None, (host.reference,))


def test_applications_with_one_group_key_are_a_group() -> None:
    call = make_call()
    make_host(call)
    make_visitor(call, group_key="fair")
    make_visitor(call, group_key="fair")
    make_visitor(call)

    assert sorted(str(one.group) for one in snapshot_of(call).problem.applications) == [
        "None",
        "fair",
        "fair",
    ]


def test_the_sets_name_partnerships_and_countries_of_the_visitors() -> None:
    call = make_call()
    one, other = make_visitor(call), make_visitor(call)

    sets = snapshot_of(call).problem.sets

    assert sets["partnership"] == {
        one.partnership.code: (one.reference,),
        other.partnership.code: (other.reference,),
    }
    assert sets["country"] == {"ES": (one.reference, other.reference)}


def test_reservations_of_earlier_rounds_are_locked_with_their_dates() -> None:
    call = make_call()
    host = make_host(call, max_visits=2)
    make_visitor(call)
    (earlier,) = make_proposals(call)
    late = make_visitor(call)

    problem = snapshot_of(call).problem

    (lock,) = problem.locks
    assert (lock.host, lock.first_day) == (host.reference, earlier.first_day)
    locked = next(one for one in problem.applications if one.id == lock.application)
    assert (locked.days, locked.windows[0].last) == (earlier.days, earlier.last_day)
    assert [one.id for one in problem.applications] == [late.reference, lock.application]
    visits = limit(problem, f"visits:{host.reference}")
    assert (visits.max, visits.applications) == (1, (late.reference,))


def test_a_freed_reservation_leaves_the_problem() -> None:
    call = make_call()
    make_host(call)
    make_visitor(call)
    (earlier,) = make_proposals(call)

    free_for(earlier)

    assert snapshot_of(call).problem.locks == ()


def test_the_same_rows_make_the_same_problem() -> None:
    call = make_call()
    for _ in range(3):
        make_host(call)
        make_visitor(call)

    one: dict[str, Any] = snapshot_of(call).problem.to_json()
    db.session.expire_all()

    assert snapshot_of(call).problem.to_json() == one
