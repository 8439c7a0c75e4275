"""Nobody reads or changes a peer's record: 404 as for one that does not exist, and no word of it in any list."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from mobility.core.access import guard_request, public, refuse_undeclared
from tests.hostile.forms import send
from tests.hostile.routes import OPEN, addresses, named_routes
from tests.hostile.tables import changed, digests, tell
from tests.hostile.world import World

PEERS = ("applicant B", "host B", "officer B", "initiator B", "approver B")
# States of a record that are asked for; which ones differs from route to route.
STATES = 5
# Whoever has the token may answer; accepted offers are for everybody; tokens of accounts are nobody's record.
NOT_PERSONAL = OPEN | {
    "applications.begin_late",
    "applications.late_entry",
    "organisations.cluster_answer",
    "organisations.colleague",
    "organisations.join",
    "surveys.answer_page",
}
# Records that a peer's role could open and that are not there for them; the fewest of all were 33.
LEAST_HIDDEN = 30
LISTS = (
    "/applications",
    "/hosts",
    "/organisations",
    "/payments",
    "/payments/batches",
    "/payments/batches/new",
    "/payments/not-payable",
    "/exchanges",
    "/agreements",
    "/reports",
    "/pairs",
    "/pairs/new",
    "/catalogue",
    "/work",
    "/surveys",
    "/surveys/results",
    "/dashboard",
    "/calls",
    "/organisations/mine",
    "/account/password",
)
# What everybody may know of A: accepted offers, and the names of organisations for staff.
KNOWN = ("offer accepted", "see", "hosting", "stays with")
TYPED = {
    "reason": ["Because."],
    "decision": ["accept"],
    "version": ["1"],
    "next": ["save"],
    "goals": ["priority,score"],
    "time_limit_s": ["5"],
    "seed": ["1"],
    "message": ["Shall we meet?"],
    "answer": ["accept"],
    "slot": ["vo"],
    "sha256": ["0" * 64],
    "name": ["Eve"],
    "position": ["Director"],
    "has_read": ["y"],
    "seen": ["y"],
    "in_force": [""],
    "exchange_version": ["1"],
    "first_day": ["2027-03-01"],
    "last_day": ["2027-03-05"],
    "mend_by": ["2099-01-01"],
    "broken_off_on": ["2027-03-01"],
    "paid_on": ["2026-01-01"],
    "role": ["administrator"],
    "holder": ["Eve"],
    "iban": ["BE68 5390 0754 7034"],
}


def personal(world: World, method: str) -> Iterator[tuple[Rule, str]]:
    """Every route of a record, with the addresses of some of A's records."""
    for number, rule in enumerate(named_routes(world.app, method)):
        if rule.arguments and rule.endpoint not in NOT_PERSONAL:
            every = [*addresses(rule, world, world.sides["A"])]
            step = -(-len(every) // STATES)
            for address in every[number % step :: step]:
                if address != f"/hosts/{world.sides['A'].references['offer accepted']}":
                    yield rule, address


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_peers_record_is_not_there(world: World, peer: str, method: str) -> None:
    client, tried, hidden, compared = world.people[peer], 0, 0, set[str]()
    before = digests(world.connection)

    for rule, address in personal(world, method):
        answer = client.get(address) if method == "GET" else send(client, address, TYPED)
        assert answer.status_code in {403, 404}, f"{method} {address} ({rule.endpoint}) as {peer}"
        if rule.endpoint not in compared:
            compared.add(rule.endpoint)
            nobodys = re.sub(r"-\d{4}-", "-1926-", address)
            unknown = client.get(nobodys) if method == "GET" else send(client, nobodys, TYPED)
            assert (answer.status_code, plain(answer.text)) == (unknown.status_code, plain(unknown.text)), (
                address
            )
        tried, hidden = tried + 1, hidden + (answer.status_code == 404)

    assert changed(before, digests(world.connection)) == []
    assert hidden >= LEAST_HIDDEN
    tell(
        f"{method} as {peer}: {tried} records of others, {hidden} not found, {tried - hidden} not of the role"
    )


def test_every_route_of_a_record_is_tried(world: World) -> None:
    tried = {rule.endpoint for method in ("GET", "POST") for rule, _address in personal(world, method)}

    with_records = {rule.endpoint for rule in world.app.url_map.iter_rules() if rule.arguments}
    assert with_records - tried == NOT_PERSONAL | {"static"}


@pytest.mark.parametrize("peer", PEERS)
def test_no_list_search_or_export_tells_of_the_other_side(world: World, peer: str) -> None:
    client, pages = world.people[peer], 0
    known = [world.sides["A"].mark(what) for what in KNOWN]
    if peer == "officer B":
        known += [world.sides["A"].mark(f"{kind} ") for kind in ("visitor", "stay", "meets")] + [
            world.sides["A"].mark(kind) for kind in ("cluster", "paid")
        ]

    for path in LISTS:
        for query in ("", "?format=csv", "?q=script", "?q=visitor.example", "?partnership=SIDEA"):
            answer = client.get(path + query)
            page = answer.text
            for words in known:
                page = page.replace(words, "")
            assert "CANARY-A" not in page, f"{path}{query} as {peer}: {_around(page, 'CANARY-A')}"
            assert "canary-a" not in page, f"{path}{query} as {peer}: {_around(page, 'canary-a')}"
            pages += answer.status_code == 200

    assert pages >= 14
    tell(f"{peer}: {pages} lists without a word of the other side")


@pytest.mark.parametrize("peer", ["officer B", "applicant B", "host B"])
def test_a_search_for_anothers_reference_finds_nothing(world: World, peer: str) -> None:
    for path in ("/applications", "/payments", "/exchanges", "/agreements", "/reports", "/pairs"):
        # Every third, another third on each list: the search is the same whatever the state.
        references = list(world.sides["A"].references.items())[len(path) % 3 :: 3]
        for name, reference in references:
            page = world.people[peer].get(f"{path}?q={reference}").text
            assert f"/{reference}" not in page, f"{name} on {path}"


@pytest.mark.parametrize(
    ("peer", "own"), [("host B", "offer accepted"), ("applicant B", "application accepted")]
)
def test_the_catalogue_names_no_visitor_before_contact(world: World, peer: str, own: str) -> None:
    client, basis = world.people[peer], world.sides["B"].references[own]
    of = world.sides["A"].references
    others = ("application submitted", "application accepted", "offer accepted")
    paths = [f"/catalogue?of={basis}", *(f"/catalogue/{of[name]}?of={basis}" for name in others)]

    pages = [client.get(path) for path in paths]

    assert [page.status_code for page in pages].count(200) >= 2
    for page in pages:
        shown = page.text
        for words in KNOWN:
            shown = shown.replace(world.sides["A"].mark(words), "")
        assert "CANARY-A" not in shown, _around(shown, "CANARY-A")
        assert "canary-a" not in shown
        assert "BE68" not in shown


@pytest.mark.parametrize("peer", ["host A", "officer A"])
def test_a_host_sees_no_account_birth_date_or_contact_of_a_visitor_before_a_match(
    world: World, peer: str
) -> None:
    shown = world.people[peer].get(f"/exchanges/proposals/{world.sides['A'].references['proposal']}").text

    assert "BE68" not in shown
    assert "CANARY-A-holder" not in shown


def test_a_route_that_says_nothing_of_who_may_use_it_is_refused() -> None:
    fresh = Flask("fresh")
    fresh.config["ACCESS_OF_LIBRARY_ROUTES"] = {"static": "public"}
    fresh.add_url_rule("/open", "open", public(lambda: "open"))
    fresh.before_request(guard_request)
    refuse_undeclared(fresh)
    fresh.add_url_rule("/silent", "silent", lambda: "silent")

    client: FlaskClient = fresh.test_client()
    assert (client.get("/open").status_code, client.get("/silent").status_code) == (200, 403)


def plain(page: str) -> str:
    """The page without the form token of its "sign out", which carries the second."""
    return re.sub(r'name="csrf_token"\s+value="[^"]*"', "", page)


def _around(page: str, mark: str) -> str:
    found = page.find(mark)
    return page[max(0, found - 40) : found + 80]
