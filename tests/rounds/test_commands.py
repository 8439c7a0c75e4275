"""`flask rounds …`."""

import json
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

import matching
from mobility.core.db import db
from mobility.rounds import services
from mobility.rounds.commands import rounds
from mobility.rounds.models import Proposal, Round, Run
from mobility.rounds.scenario import Change
from tests.make.calls import make_call
from tests.make.rounds import QUICK, make_frozen_round, make_market, make_solved_run

pytestmark = pytest.mark.usefixtures("session")


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    db.session.commit()
    result = app.test_cli_runner().invoke(rounds, list(arguments))
    return result.exit_code, result.output


def test_problem_and_solution_of_a_round_are_json_that_the_checker_accepts(app: Flask) -> None:
    solved = make_solved_run()
    reference = solved.round.reference

    problem = json.loads(run(app, "problem", reference)[1])
    solution = json.loads(run(app, "solution", reference)[1])

    assert matching.check(matching.Problem.from_json(problem), solution) == []
    assert len(solution["assignments"]) == 2


def test_the_problem_of_a_run_has_its_changes(app: Flask) -> None:
    round_ = make_frozen_round()
    pair = (round_.problem or {})["pairs"][0]
    change = Change("forbid", "Why", pair["application"], pair["host"])
    services.solve(round_, QUICK, actor=None, changes=[change])

    changed = json.loads(run(app, "problem", round_.reference, "--run", "1")[1])

    assert changed["forbidden"] == [{"application": pair["application"], "host": pair["host"]}]
    assert "forbidden" not in json.loads(run(app, "problem", round_.reference)[1])


def test_a_run_of_an_older_problem_has_none_to_print(app: Flask) -> None:
    round_ = make_frozen_round()
    make_solved_run(round_)
    services.reopen(round_, actor=None)

    status, said = run(app, "problem", round_.reference, "--run", "1")

    assert (status, "its problem is gone" in said) == (1, True)


def test_the_solution_is_the_published_one_even_if_another_was_solved_later(app: Flask) -> None:
    round_ = make_frozen_round()
    first, second = make_solved_run(round_), make_solved_run(round_)
    assert first.solution
    first_seconds = first.solution["seconds"]
    services.publish(first, actor=None)

    printed = json.loads(run(app, "solution", round_.reference)[1])

    assert second.number > first.number
    assert printed["seconds"] == first_seconds


def test_what_does_not_exist_is_said_in_a_sentence(app: Flask) -> None:
    open_round = services.open_round(make_call(), actor=None)
    db.session.flush()

    for arguments in (
        ("problem", "RND-1999-0001"),
        ("problem", open_round.reference),
        ("solution", open_round.reference),
        ("publish", open_round.reference, "1"),
        ("open", "CXC-1999"),
        ("solve", open_round.reference, "--goals", "beauty"),
    ):
        code, said = run(app, *arguments)
        assert code == 1
        assert said.startswith("Error: ")


def test_a_round_is_opened_frozen_solved_and_published_by_hand(app: Flask) -> None:
    call = make_market()

    opened = run(app, "open", call.reference)
    reference = opened[1].strip()
    assert run(app, "freeze", reference)[0] == 0
    assert run(app, "solve", reference, "--time-limit", "5", "--seed", "2") == (0, "1\n")

    round_ = db.session.scalars(select(Round)).one()
    queued = db.session.scalars(select(Run)).one()
    assert (round_.reference, queued.time_limit_s, queued.seed) == (reference, 5, 2)

    make_solved_run(round_, QUICK)
    assert run(app, "publish", reference, "2") == (0, "2 proposals\n")
    assert len(db.session.scalars(select(Proposal)).all()) == 2


def test_a_named_scenario_gives_the_same_hash_when_it_is_solved_again(app: Flask) -> None:
    round_ = make_frozen_round()
    pair = (round_.problem or {})["pairs"][0]
    change = Change("forbid", "Fell out last year", pair["application"], pair["host"])
    plain = make_solved_run(round_)
    named = make_solved_run(round_, name="Without those two", changes=[change])

    answer = run(app, "replay", round_.reference, str(named.number))

    assert named.result_sha256 != plain.result_sha256
    assert answer == (0, f"{named.result_sha256} as then\n")


def test_a_run_that_does_not_repeat_is_said_with_both_hashes(app: Flask) -> None:
    solved = make_solved_run()
    solved.result_sha256 = "0" * 64

    code, said = run(app, "replay", solved.round.reference, "1")

    assert code == 1
    assert "0" * 64 in said
    assert "engine" in said


def test_only_a_repeatable_result_of_this_freezing_is_replayed(app: Flask) -> None:
    round_ = make_frozen_round()
    services.solve(round_, QUICK, actor=None)
    make_solved_run(round_, replace(QUICK, is_deterministic=False))
    make_solved_run(round_).round.inputs_sha256 = "another"

    answers = [run(app, "replay", round_.reference, str(number)) for number in (1, 2, 3)]

    assert [code for code, _said in answers] == [1, 1, 1]
    for word, (_code, said) in zip(("no result", "repeatable", "earlier freezing"), answers, strict=True):
        assert word in said
