"""Neighbourhoods of those who lose most."""

from random import Random

import pytest

from matching import generate, neighbours
from matching.board import Board
from matching.greedy import construct
from matching.neighbours import Neighbours
from tests.matching.test_climb import begun


@pytest.fixture(name="near")
def made() -> tuple[Neighbours, Board]:
    board, aim = begun(generate(applications=150, hosts=30, seed=1))
    board = construct(board, aim)
    return Neighbours(board.tables, aim.worth, aim.prices, Random(1)), board  # noqa: S311


def test_those_who_lose_most_choose_anew_together(near: tuple[Neighbours, Board]) -> None:
    found, board = near
    found.noise = 0.0
    losses = {unit: found._loss(board, unit) for unit in range(len(board.world.units))}
    most = sorted(losses, key=losses.__getitem__, reverse=True)

    assert set(found.choose("loss", board, 20, busy=())) == set(most[:20])
    assert set(found.choose("loss", board, 20, busy=most[:5])) == set(most[5:25])


def test_chance_brings_in_others_each_time(near: tuple[Neighbours, Board]) -> None:
    found, board = near

    assert found.choose("loss", board, 20, busy=()) != found.choose("loss", board, 20, busy=())


def test_in_a_large_world_they_are_sought_around_one_who_loses(
    near: tuple[Neighbours, Board], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, board = near
    monkeypatch.setattr(neighbours, "REGION", 30)
    world = board.world

    region = list(found._region(board))

    hosts = {world.ways[way].host for way in world.ways_of[region[0]] if found.is_good[way]}
    around = {unit for host in hosts for unit in found.units_at[host]}
    assert 30 <= len(region) < len(world.units)
    assert set(region[: 1 + len(around - {region[0]})]) == around | {region[0]}
