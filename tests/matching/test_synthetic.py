"""Generated rounds repeat, differ by seed and look like the scheme's."""

import pytest

from matching import Problem, generate
from matching.ways import explore


def test_equal_arguments_make_equal_problems() -> None:
    assert generate(applications=50, hosts=15, seed=1) == generate(applications=50, hosts=15, seed=1)


def test_another_seed_makes_another_problem() -> None:
    assert generate(applications=50, hosts=15, seed=1) != generate(applications=50, hosts=15, seed=2)


@pytest.mark.parametrize(("applications", "hosts"), [(1, 1), (2, 1), (1, 30), (101, 7)])
def test_a_problem_has_the_sizes_that_were_asked_for(applications: int, hosts: int) -> None:
    problem = generate(applications=applications, hosts=hosts, seed=1)

    assert (len(problem.applications), len(problem.hosts)) == (applications, hosts)


@pytest.mark.parametrize(("applications", "hosts"), [(0, 1), (1, 0), (-1, 5)])
def test_a_problem_of_nothing_is_refused(applications: int, hosts: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        generate(applications=applications, hosts=hosts, seed=1)


def test_a_round_has_groups_budgets_quotas_sets_and_weekends() -> None:
    problem = generate(applications=200, hosts=60, seed=1)

    assert any(one.group for one in problem.applications)
    assert {limit.id.split(":")[0] for limit in problem.limits} == {
        "budget",
        "quota",
        "visits",
        "organisation",
    }
    assert set(problem.sets) == {"partnership", "country"}
    assert all(len(host.closed) > 52 for host in problem.hosts)
    assert 5 <= len(problem.pairs) / len(problem.applications) <= 20


def test_the_calendar_binds_in_a_tight_round() -> None:
    assert _room(tight=True) < 1 < _room(tight=False)


def _room(*, tight: bool) -> float:
    """Return the place-days of the hosts for each day asked for."""
    problem: Problem = generate(applications=200, hosts=40, seed=1, tight=tight)
    asked = sum(one.days for one in problem.applications)
    return sum(sum(line.places) for line in explore(problem).axes.values()) / asked
