"""The routes of the site, and the addresses that records give them."""

from collections.abc import Iterator
from itertools import product

from flask import Flask
from werkzeug.routing import Rule

from tests.hostile.world import Side, World

# Of which records a route is, by the part of its endpoint before the dot or by the endpoint itself.
RECORDS = {
    "applications": "application ",
    "hosts": "offer ",
    "exchanges": "exchange ",
    "exchanges.proposal": "proposal",
    "exchanges.accept": "proposal",
    "exchanges.decline": "proposal",
    "payments": "order ",
    "rounds": "round ",
    "surveys": "token",
}
# Nobody's records: anybody may look them up.
OPEN = {"calls.show", "security.reset_password", "security.confirm_email", "demo.letter"}


def named_routes(app: Flask, method: str) -> list[Rule]:
    """Each route that takes the method, static files and the way out left out."""
    return [
        rule
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if method in (rule.methods or ()) and rule.endpoint not in {"static", "security.logout"}
    ]


def addresses(rule: Rule, world: World, side: Side) -> Iterator[str]:
    """The route's addresses for the records of a side."""
    values = {name: list(_values(rule.endpoint, name, world, side)) for name in rule.arguments}
    for chosen in product(*values.values()):
        address = rule.rule
        for name, value in zip(values, chosen, strict=True):
            for converter in ("", "int:"):
                address = address.replace(f"<{converter}{name}>", value)
        assert "<" not in address, address
        yield address


def _values(endpoint: str, name: str, world: World, side: Side) -> Iterator[str]:
    if name == "side":
        yield from ("visitor", "host")
    elif name in {"number", "letter_id"}:
        yield "1"
    elif endpoint in OPEN:
        yield world.call if endpoint == "calls.show" else "no-such-token"
    else:
        kind = RECORDS.get(endpoint) or RECORDS[endpoint.partition(".")[0]]
        yield from (value for key, value in side.references.items() if key.startswith(kind))
