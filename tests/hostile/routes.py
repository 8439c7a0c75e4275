"""The routes of the site, and the addresses that records give them."""

import re
from collections.abc import Iterator
from itertools import product

from flask import Flask
from werkzeug.routing import Rule

from tests.hostile.side import Side
from tests.hostile.world import World

# Of which records a route is, by the part of its endpoint before the last dot or by the endpoint itself.
RECORDS = {
    "accounts": "person",
    "agreements": "exchange ",
    "agreements.paper": "agreement ",
    "agreements.show": "agreement ",
    "agreements.sign": "agreement ",
    "applications": "application ",
    "applications.bulk_step": "bulk ",
    "applications.undo": "bulk ",
    "applications.begin_late": "late token",
    "applications.give_late": "late call",
    "applications.late_entries": "late call",
    "applications.late_entry": "late token",
    "catalogue": "contact ",
    "catalogue.pairs": "pair ",
    "hosts": "offer ",
    "hosts.bulk_step": "offers ",
    "hosts.undo": "offers ",
    "exchanges": "exchange ",
    "exchanges.proposal": "proposal",
    "exchanges.accept": "proposal",
    "exchanges.decline": "proposal",
    "organisations": "likeness",
    "organisations.answer": "reply",
    "organisations.cluster_answer": "question",
    "organisations.colleague": "colleague",
    "organisations.join": "colleague",
    "organisations.remove": "member",
    "organisations.take_answer": "reply",
    "organisations.take_back_invitation": "invitation",
    "partnerships": "account",
    "payments": "order ",
    "public": "paper ",
    "reporting": "report ",
    "imports": "import ",
    "reviews": "review",
    "rounds": "round ",
    "surveys": "token",
}
BATCHES = {
    "approve",
    "batch",
    "batch_csv",
    "batch_file",
    "batch_paid",
    "batch_paper",
    "export",
    "propose",
    "reveal",
    "send_back",
    "take_out",
    "void_batch",
}
RECORDS |= {f"payments.{name}": "batch " for name in BATCHES}
# What stands under another record is asked for under its own.
TOGETHER = {
    "accounts.approve": ("person", "grant"),
    "accounts.revoke": ("person", "grant"),
    "calls.asks": ("call",),
    "calls.delete_question": ("call", "question unanswered"),
    "calls.new_question": ("call",),
    "calls.question": ("call", "question answered"),
    "calls.question_up": ("call", "question unanswered"),
    "organisations.place": ("place",),
    "applications.revoke_late": ("late call", "late number"),
    "applications.cv": ("application submitted", "cv submitted"),
    "reporting.evidence": ("report filed", "evidence filed"),
    "reporting.remove": ("report draft", "evidence draft"),
    "payments.take_out": ("batch drawn_up", "order drawn_up"),
}
CHOSEN = {
    "rule": ("profile",),
    "side": ("visitor", "host"),
    "slot": ("vop", "hop"),
    "section": ("person", "topics", "dates", "hosts", "questions", "consents"),
}
# Nobody's records: anybody may look them up.
OPEN = {
    "applications.still_looking",
    "calls.ask_for_cv",
    "calls.show",
    "demo.letter",
    "exchanges.calendar.ics",
    "hosts.still_valid",
    "imports.blank",
    "public.verify",
    "rounds.show_lottery",
    "security.confirm_email",
    "security.reset_password",
    "security.two_factor_setup_validate",
}


def named_routes(app: Flask, method: str) -> list[Rule]:
    """Each route that takes the method, static files and the way out left out."""
    return [
        rule
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if method in (rule.methods or ()) and rule.endpoint not in {"static", "security.logout"}
    ]


def arguments_of(rule: Rule) -> list[str]:
    """The names of what the address names, as they stand in it."""
    return re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)


def addresses(rule: Rule, world: World, side: Side) -> Iterator[str]:
    """The route's addresses for the records of a side."""
    names = arguments_of(rule)
    values: list[tuple[str, ...]]
    if rule.endpoint in TOGETHER:
        values = [(side.references[key],) for key in TOGETHER[rule.endpoint]]
    else:
        values = [tuple(_values(rule.endpoint, name, world, side)) for name in names]
    for chosen in product(*values):
        address = rule.rule
        for name, value in zip(names, chosen, strict=True):
            address = re.sub(rf"<(?:\w+:)?{name}>", value, address)
        yield address


def _values(endpoint: str, name: str, world: World, side: Side) -> Iterator[str]:
    if name in CHOSEN:
        yield from CHOSEN[name]
    elif endpoint in OPEN and endpoint != "public.verify":
        yield {
            "calls.ask_for_cv": world.call,
            "calls.show": world.call,
            "demo.letter": "1",
            "imports.blank": "offers",
            "rounds.show_lottery": world.sides["A"].references["round lottery"],
        }.get(endpoint, "no-such-token")
    elif name == "number" and not endpoint.startswith(("agreements.", "organisations.")):
        yield "1"
    else:
        kind = RECORDS.get(endpoint) or RECORDS[endpoint.rpartition(".")[0]]
        yield from (value for key, value in side.references.items() if key.startswith(kind))
