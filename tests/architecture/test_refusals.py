"""Every code that a verb refuses with has words, and its values fill them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from mobility.app import refusals

MOBILITY = Path(__file__).parents[2] / "mobility"


def raised() -> Iterator[tuple[str, set[str]]]:
    """Each `RuleBroken("code", name=…)` of the source: its code and its names."""
    for path in MOBILITY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "RuleBroken"
            ):
                code = node.args[0] if node.args else None
                if isinstance(code, ast.Constant):
                    yield str(code.value), {one.arg for one in node.keywords if one.arg}


def test_every_refusal_has_words(app: Flask) -> None:
    with app.test_request_context():
        assert {code for code, _names in raised()} - set(refusals()) == set()


def test_the_values_of_a_refusal_fill_its_words(app: Flask) -> None:
    with app.test_request_context():
        for code, names in raised():
            assert str(refusals()[code]) % dict.fromkeys(names, 1)
