"""Which tests `make test` tries, in what order and in which process."""

import os
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

HOSTILE = "tests/hostile/"
# The hostile world takes as long to build as a hundred tests: two processes build it, each for half of them.
HALF = tuple(f"{HOSTILE}test_{name}.py" for name in ("peers", "junk", "states"))
# What takes longest begins first, so that no process is left alone with it.
LONGEST = ("tests/demo/test_demo.py", "tests/journeys/test_thread.py", HOSTILE)


class Scheduling(LoadFileScheduling):
    """A process for each file, but for those of the hostile world."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(HOSTILE):
            return f"{HOSTILE}{nodeid.startswith(HALF)}"
        return str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Spread the tests over the processes."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run need not try, and begin with what takes longest."""
    if "SWEEP" not in os.environ:
        left_out = _left_out(items)
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def _left_out(items: list[pytest.Item]) -> set[pytest.Item]:
    """Of each sweep keep one case in so many, other ones in the next sweep of the file."""
    swept: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sweep"):
            swept.setdefault(item.nodeid.partition("[")[0], []).append(item)
    return {
        item
        for number, cases in enumerate(swept.values())
        for at, item in enumerate(cases)
        if (at + number) % _step(item)
    }


def _step(item: pytest.Item) -> int:
    marker = item.get_closest_marker("sweep")
    assert marker
    return int(marker.args[0])
