"""Whatever the code writes into the log, the log's page has words for."""

import ast
from collections.abc import Iterator
from pathlib import Path

import mobility
from mobility.admin.wording import KEYS, VERBS
from mobility.catalogue.enums import ContactStatus, PairStatus
from mobility.imports.enums import ImportStatus

# Verbs that are put together, by what they begin with.
PUT_TOGETHER = {
    "contact.": {f"contact.{one}" for one in (ContactStatus.ACCEPTED, ContactStatus.DECLINED)},
    "import.": {
        f"import.{one}" for one in (ImportStatus.CHECKED, ImportStatus.IMPORTED, ImportStatus.REFUSED)
    },
    "pair.": {f"pair.{one}" for one in (PairStatus.DECLINED, PairStatus.WITHDRAWN)},
    "{self.kind.__tablename__}": {
        f"{kind}.{verb}"
        for kind in ("application", "offer")
        for verb in ("asked", "rested", "still-valid", "woken")
    },
}
# Values left out: keys of the database.
LEFT_OUT = {"person", "partnership_id", "call_id"}


def calls_of(name: str) -> Iterator[tuple[ast.Call, dict[str, ast.expr]]]:
    """Calls of a function anywhere in the code, with what names stand for in their module."""
    for path in Path(mobility.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
                yield node, named(tree)


def named(tree: ast.Module) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            names, given = parts(node.targets[0]), parts(node.value)
            found |= {ast.unparse(name): one for name, one in zip(names, given, strict=False)}
    return found


def parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def verbs(given: ast.expr, names: dict[str, ast.expr]) -> set[str]:
    if isinstance(given, ast.Name):
        return verbs(names[given.id], names)
    if isinstance(given, ast.JoinedStr):
        begin = ast.unparse(given.values[0]).strip("'")
        return PUT_TOGETHER[begin]
    if isinstance(given, ast.IfExp):
        return verbs(given.body, names) | verbs(given.orelse, names)
    assert isinstance(given, ast.Constant), ast.unparse(given)
    return {str(given.value)}


def test_every_verb_and_only_those_have_words() -> None:
    recorded: set[str] = set()
    for call, names in calls_of("record"):
        if len(call.args) >= 2:
            recorded |= verbs(call.args[0], names)
    assert recorded == set(VERBS)


def test_every_value_beside_a_verb_has_words() -> None:
    written = {value.arg for call, _names in calls_of("record") for value in call.keywords if value.arg}
    assert written - {"actor"} - LEFT_OUT == set(KEYS)
