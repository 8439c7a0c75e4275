"""After a match: every step from every state it does not follow is a 409, and nothing has changed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import text

from mobility.core import clock
from tests.hostile.forms import Fields, send
from tests.hostile.places import place_named
from tests.hostile.tables import changed, digests, tell, undone
from tests.hostile.world import World

WHY: Fields = {"reason": ["Because."]}


@dataclass(frozen=True)
class Kind:
    """Records that move: their table, the name of each state's record, and their steps.

    A step: who takes it, what is sent, and the states from which it is taken.
    """

    table: str
    address: str
    records: dict[str, str]
    steps: dict[str, tuple[str, Fields, set[str]]]
    column: str = "reference"
    query: dict[str, str] = field(default_factory=dict)


def same(kind: str, *states: str) -> dict[str, str]:
    return {state: f"{kind} {state}" for state in states}


def tomorrow() -> str:
    return str(clock.today() + timedelta(days=1))


PAIR = Kind(
    "agreed_pair",
    "/pairs/",
    same("pair", "entered", "confirmed", "validated", "built", "declined", "withdrawn"),
    {
        "confirm": ("host A", {}, {"entered"}),
        "decline": ("host A", WHY, {"entered", "confirmed"}),
        "withdraw": ("applicant A", WHY, {"entered", "confirmed", "validated"}),
        "validate/vop": ("officer A", {}, {"confirmed"}),
        "validate/hop": ("officer A", {}, {"confirmed"}),
    },
)
REPORT = Kind(
    "closing_report",
    "/reports/",
    same("report", "draft", "filed", "returned", "accepted"),
    {
        "edit": ("applicant A", {"results": ["More."]}, {"draft", "returned"}),
        # A second click finds it filed.
        "file": ("applicant A", {}, {"draft", "returned", "filed"}),
        "accept": ("officer A", {}, {"filed"}),
        "return": ("officer A", WHY, {"filed"}),
    },
)
OF_HOST = Kind(
    "closing_report",
    "/reports/",
    {"draft": "report of host", "bypassed": "report bypassed"},
    {
        "edit": ("host A", {"results": ["More."]}, {"draft"}),
        "file": ("host A", {}, {"draft"}),
        "accept": ("officer A", {}, set()),
        "return": ("officer A", WHY, set()),
        "bypass": ("support_officer", WHY, {"draft"}),
    },
)
ORDER = Kind(
    "payment_order",
    "/payments/",
    same("order", "due", "held", "exported", "failed", "recovered", "void")
    | {"batched": "order drawn_up", "paid": "order settled"},
    {
        "hold": ("finance_initiator", WHY, {"due"}),
        "release": ("finance_initiator", {}, {"held"}),
        "void": ("finance_initiator", WHY, {"due", "held"}),
        "paid": ("finance_initiator", {}, {"exported"}),
        "failed": ("finance_initiator", WHY, {"exported", "paid"}),
        "recovered": ("finance_initiator", WHY, {"paid"}),
        "again": ("finance_initiator", {}, {"void"}),
    },
)
BATCH = Kind(
    "batch",
    "/payments/batches/",
    same("batch", "drawn_up", "proposed", "approved", "exported", "settled", "void"),
    {
        "propose": ("finance_initiator", {}, {"drawn_up"}),
        "approve": ("finance_approver", {"seen": ["y"]}, {"proposed"}),
        "send-back": ("finance_approver", WHY, {"proposed"}),
        "void": ("finance_initiator", WHY, {"drawn_up", "proposed", "approved"}),
        # Made once, it is only shown again.
        "export": ("finance_initiator", {}, {"approved", "exported", "settled"}),
        "paid": ("finance_initiator", {}, {"exported"}),
    },
)
EXCHANGE = Kind(
    "exchange",
    "/exchanges/",
    same("exchange", "agreed", "confirmed", "ongoing", "ended", "closed", "cancelled", "terminated"),
    {
        "terminate": ("officer A", WHY, {"ongoing"}),
        "plan": ("applicant A", {"place": ["Porto"]}, {"agreed"}),
        "dates": ("applicant A", WHY, {"agreed"}),
        "draw-up": ("applicant A", {}, {"agreed"}),
        # Nothing is in force for any of these.
        "amend": ("applicant A", WHY | {"in_force": [""]}, set()),
    },
)
KINDS = {"pair": PAIR, "report": REPORT, "of host": OF_HOST, "order": ORDER, "batch": BATCH}
KINDS |= {"exchange": EXCHANGE}


def wrong_steps(kind: Kind) -> Iterator[tuple[str, str]]:
    """State and step of everything that must be refused."""
    for step, (_who, _fields, right) in kind.steps.items():
        yield from ((state, step) for state in kind.records if state not in right)


def version_of(world: World, kind: Kind, reference: str) -> str:
    asked = text(f"SELECT version FROM {kind.table} WHERE reference = :reference")
    return str(world.connection.execute(asked, {"reference": reference}).scalar_one())


def days_of(step: str) -> Fields:
    """The days that a step asks for."""
    today, yesterday = str(clock.today()), str(clock.today() - timedelta(days=1))
    return {
        "paid": {"paid_on": [today]},
        "return": {"mend_by": [tomorrow()]},
        "terminate": {"broken_off_on": [yesterday]},
        "dates": {"first_day": [tomorrow()], "last_day": [tomorrow()]},
    }.get(step, {})


@pytest.mark.parametrize("name", KINDS)
def test_no_step_after_a_match_is_taken_from_a_state_it_does_not_follow(world: World, name: str) -> None:
    kind, tried, faults = KINDS[name], 0, []
    for state, step in wrong_steps(kind):
        who, fields, _right = kind.steps[step]
        reference = world.sides["A"].references[kind.records[state]]
        version = [version_of(world, kind, reference)]
        sent = fields | days_of(step) | {"version": version, "exchange_version": version}
        with undone(world.connection):
            before = digests(world.connection)
            status = send(world.people[who], f"{kind.address}{reference}/{step}", sent).status_code
            tables = changed(before, digests(world.connection))
        tried += 1
        # Without a plan, drawing up is refused by what is missing.
        if status not in {409, 422 if step == "draw-up" else 409} or tables:
            faults.append(f"{step} of a {state} {name}: {status} {tables}")
    assert faults == []
    tell(f"{name}: {tried} steps from wrong states")


@pytest.mark.parametrize("state", ["accepted", "declined"])
def test_a_contact_is_answered_once(world: World, state: str) -> None:
    of = world.sides["A"].references
    address = f"/catalogue/{of[f'contact {state}']}/answer?of={of['contact offer']}"
    before = digests(world.connection)

    for answer in ("accept", "decline"):
        fields = {"answer": [answer], "version": ["2"]}
        assert send(world.people["host A"], address, fields).status_code == 409
    assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize("state", ["signed", "void", "financial"])
def test_an_agreement_is_signed_only_while_its_slot_is_empty(world: World, state: str) -> None:
    number = world.sides["A"].references[f"agreement {state}"]
    page = world.people["applicant A"].get(f"/agreements/{number}").text
    shown = [line for line in page.splitlines() if "sha256" in line]
    digest = world.connection.execute(
        text("SELECT sha256 FROM agreement WHERE reference || '-' || revision = :number"), {"number": number}
    ).scalar_one()
    if state == "financial":
        fields = {"slot": ["ho"]}
    else:
        assert not shown
        fields = {"slot": ["vo"]}
    fields |= {"sha256": [digest], "name": ["Ana"], "position": ["Director"], "has_read": ["y"]}
    before = digests(world.connection)

    answer = send(world.people["applicant A"], f"/agreements/{number}/sign", fields)

    assert answer.status_code == (422 if state == "financial" else 409)
    assert changed(before, digests(world.connection)) == []


def test_a_text_other_than_the_one_shown_is_not_signed(world: World) -> None:
    place = place_named(world, "sign")
    fields = place.fields(place.form(world, place.client(world)))
    before = digests(world.connection)

    for digest in ("", "0" * 64, "x", "a\0", "9" * 500):
        answer = send(place.client(world), place.address, fields | {"sha256": [digest]})
        assert answer.status_code in {409, 422}, digest
    assert changed(before, digests(world.connection)) == []


def test_a_batch_other_than_the_one_shown_is_not_approved(world: World) -> None:
    place = place_named(world, "approve")
    fields = place.fields(place.form(world, place.client(world)))
    before = digests(world.connection)

    for digest in ("", "0" * 64, "x", "a\0", "9" * 500):
        answer = send(place.client(world), place.address, fields | {"sha256": [digest]})
        assert answer.status_code in {409, 422}, digest
    assert changed(before, digests(world.connection)) == []


def test_nobody_approves_the_batch_or_the_role_that_they_began(world: World) -> None:
    of = world.sides["A"].references
    grant = f"/people/{of['person']}/roles/{of['grant']}/approve"
    batch = f"/payments/batches/{of['batch proposed']}/approve"
    before = digests(world.connection)

    assert send(world.people["other administrator"], grant, {}).status_code == 409
    assert send(world.people["finance_initiator"], batch, {"seen": ["y"]}).status_code == 403
    assert changed(before, digests(world.connection)) == []


def test_a_role_is_approved_and_taken_once(world: World) -> None:
    of = world.sides["A"].references
    role = f"/people/{of['person']}/roles/{of['grant']}"
    for step, again in (("approve", 409), ("revoke", 404)):
        assert send(world.people["administrator"], f"{role}/{step}", {}).status_code == 302
        before = digests(world.connection)
        assert send(world.people["administrator"], f"{role}/{step}", {}).status_code == again
        assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize(
    ("name", "step"), [("person", "open"), ("person closed", "close"), ("person closed", "second-step/reset")]
)
def test_an_account_is_opened_closed_and_reset_only_from_the_other_state(
    world: World, name: str, step: str
) -> None:
    person = world.sides["A"].references[name]
    asked = text('SELECT version FROM "user" WHERE id = :id')
    version = world.connection.execute(asked, {"id": int(person)}).scalar_one()
    before = digests(world.connection)

    fields = WHY | {"version": [str(version)]}
    answer = send(world.people["administrator"], f"/people/{person}/{step}", fields)

    assert answer.status_code == 409
    assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize(
    ("who", "record", "step"),
    [
        ("host A", "pair entered", "/pairs/{}/confirm"),
        ("officer A", "pair confirmed", "/pairs/{}/validate/vop"),
        ("applicant A", "exchange planned", "/exchanges/{}/draw-up"),
        ("applicant A", "report returned", "/reports/{}/file"),
        ("officer A", "report filed", "/reports/{}/accept"),
        ("finance_initiator", "order held", "/payments/{}/release"),
        ("finance_initiator", "batch drawn_up", "/payments/batches/{}/propose"),
    ],
)
@pytest.mark.parametrize("version", ["999", "x", ""])
def test_a_stale_button_after_a_match_is_refused(
    world: World, who: str, record: str, step: str, version: str
) -> None:
    before = digests(world.connection)

    address = step.format(world.sides["A"].references[record])
    answer = send(world.people[who], address, {"version": [version]})

    assert answer.status_code == 409
    assert changed(before, digests(world.connection)) == []
