"""One small round by hand, and a solution of it that is right in every field."""

from copy import deepcopy
from typing import Any

from matching import Problem, Solution
from matching.solution import inputs_digest, result_digest

# Monday to Sunday: the weekend of 6 and 7 March and Wednesday 10 March are closed at H1.
PROBLEM = Problem.from_json(
    {
        "format": "exchange-problem/1",
        "first_day": "2027-03-01",
        "last_day": "2027-03-31",
        "applications": [
            {"id": "A1", "days": 3, "priority": 5, "windows": [["2027-03-01", "2027-03-19"]]},
            {"id": "A2", "days": 2, "priority": 3, "windows": [["2027-03-01", "2027-03-19"]]},
            {"id": "G1", "days": 2, "priority": 4, "windows": [["2027-03-15", "2027-03-26"]], "group": "G"},
            {"id": "G2", "days": 3, "priority": 4, "windows": [["2027-03-15", "2027-03-26"]], "group": "G"},
            {"id": "A3", "days": 1, "priority": 2, "windows": [["2027-03-01", "2027-03-05"]]},
            {"id": "A4", "days": 1, "priority": 1, "windows": [["2027-03-01", "2027-03-31"]]},
        ],
        "hosts": [
            {
                "id": "H1",
                "windows": [["2027-03-01", "2027-03-12", 1], ["2027-03-08", "2027-03-26", 2]],
                "closed": [["2027-03-06", "2027-03-07"], "2027-03-10"],
            },
            {"id": "H2", "windows": [["2027-03-01", "2027-03-31", 1]]},
        ],
        "pairs": [
            {"application": "A1", "host": "H1", "score": 7, "amounts": {"cost_cents": 300}},
            {"application": "A1", "host": "H2", "score": 9, "amounts": {"cost_cents": 900}},
            {"application": "A2", "host": "H1", "score": 5, "days": 3, "amounts": {"cost_cents": 200}},
            {"application": "G1", "host": "H1", "score": 1, "amounts": {"cost_cents": 50}},
            {"application": "G2", "host": "H1", "score": 1, "amounts": {"cost_cents": 50}},
            {"application": "A3", "host": "H2", "score": 6},
            {"application": "A4", "host": "H2", "score": 6},
        ],
        "limits": [
            {"id": "budget", "amount": "cost_cents", "max": 700, "min": 100},
            {"id": "visits:H2", "amount": "visits", "max": 1, "hosts": ["H2"]},
        ],
        "locks": [{"application": "A1", "host": "H1", "first_day": "2027-03-04"}],
        "forbidden": [{"application": "A1", "host": "H2"}],
        "sets": {"partnership": {"P1": ["A1", "A2", "A3"], "P2": ["G1", "G2", "A4"], "P3": []}},
        "previous": [
            {"application": "A1", "host": "H1", "first_day": "2027-03-04"},
            {"application": "A3", "host": "H2", "first_day": "2027-03-02"},
            {"application": "A4", "host": "H9", "first_day": "2027-03-02"},
        ],
    }
)

SOLUTION: dict[str, Any] = {
    "format": "exchange-solution/1",
    "status": "feasible",
    "goals": [
        {"name": "priority", "value": 18, "bound": 18, "gap": 0.0, "status": "optimal"},
        {"name": "fairness", "value": 2 / 3, "bound": 1.0, "gap": 1 / 3, "status": "feasible"},
        {"name": "score", "value": 20, "bound": 25, "gap": 0.2, "status": "feasible"},
        {"name": "cost", "value": 600, "bound": 500, "gap": 0.16667, "status": "feasible"},
        {"name": "changes", "value": 5, "bound": None, "gap": None, "status": "feasible"},
    ],
    "assignments": [
        {"application": "A1", "host": "H1", "first_day": "2027-03-04", "last_day": "2027-03-08"},
        {"application": "A2", "host": "H1", "first_day": "2027-03-09", "last_day": "2027-03-12"},
        {"application": "A3", "host": "H2", "first_day": "2027-03-05", "last_day": "2027-03-05"},
        {"application": "G1", "host": "H1", "first_day": "2027-03-17", "last_day": "2027-03-18"},
        {"application": "G2", "host": "H1", "first_day": "2027-03-17", "last_day": "2027-03-19"},
    ],
    "unmatched": [{"application": "A4", "code": "limit", "text": "visits:H2 is full", "evidence": {}}],
    "seed": 1,
    "engine": "by hand",
    "options": {"goals": ["priority"]},
    "seconds": 0.5,
}


def sealed(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the solution with the hashes that fit it."""
    read = Solution.from_json(raw)
    result = result_digest(read.assignments, read.goals or ())
    return {
        **raw,
        "result": result,
        "inputs": inputs_digest(PROBLEM, raw["options"], raw["seed"], raw["engine"]),
    }


def solution() -> dict[str, Any]:
    """Return a copy of the solution, to be spoilt."""
    return deepcopy(SOLUTION)
