"""Every step from every state it does not follow, and every stale form: 409, and nothing has changed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from mobility.applications.enums import ApplicationStatus
from mobility.exchanges.enums import ExchangeStatus
from mobility.hosts.enums import OfferStatus
from mobility.rounds.enums import ProposalStatus, RoundStatus, RunStatus
from tests.hostile.forms import Fields, send
from tests.hostile.places import place_named
from tests.hostile.tables import changed, digests, tell, undone
from tests.hostile.world import World
from tests.make.surveys import filled

ACCEPT: Fields = {"decision": ["accept"], "reason": ["Good."]}
REJECT: Fields = {"decision": ["reject"], "reason": ["Not now."]}
SOLVE: Fields = {"goals": ["priority,score"], "time_limit_s": ["5"], "seed": ["1"]}
WHY: Fields = {"reason": ["Because."]}
CHANGES: Fields = {
    "dates": ["Longer windows."],
    "answer_by": [str(datetime.now(UTC).date() + timedelta(days=7))],
}

# Step → who takes it, what is sent, and the states from which it is taken. A second "submit" finds it done.
APPLICATION = {
    "edit/topics": ("applicant A", {}, {"draft", "changes_asked"}),
    "submit": ("applicant A", {}, {"draft", "submitted", "changes_asked"}),
    "withdraw": ("applicant A", {}, {"draft", "submitted", "changes_asked", "accepted", "rested"}),
    "wake": ("applicant A", {}, {"accepted", "rested"}),
    "assess accept": ("officer A", ACCEPT, {"submitted"}),
    "assess reject": ("officer A", REJECT, {"submitted"}),
    "changes": ("officer A", CHANGES, {"submitted"}),
    "partnership": ("officer A", WHY | {"partnership": ["SIDEB"]}, {"submitted"}),
}
OFFER = {
    "edit": ("host A", {}, {"draft"}),
    "submit": ("host A", {}, {"draft", "submitted"}),
    "close": ("host A", {}, {"draft", "submitted", "accepted", "rested"}),
    "wake": ("host A", {}, {"accepted", "rested"}),
    "assess accept": ("officer A", ACCEPT, {"submitted"}),
    "assess reject": ("officer A", REJECT, {"submitted"}),
}
ROUND = {
    "freeze": ("support_officer", {}, {"open"}),
    "reopen": ("support_officer", {}, {"frozen"}),
    "give-up": ("support_officer", WHY, {"open", "frozen"}),
    "solve": ("support_officer", SOLVE, {"frozen"}),
}
PROPOSAL = {
    "accept/visitor": ("applicant A", {}, {"open"}),
    "accept/host": ("host A", {}, {"open"}),
    "decline/visitor": ("applicant A", WHY, {"open"}),
    "decline/host": ("host A", WHY, {"open"}),
}
EXCHANGE = {"cancel": ("officer A", WHY, {"agreed", "confirmed"})}
Step = tuple[str, str, Fields]


def wrong_steps() -> Iterator[tuple[str, str, str]]:
    """Kind, state and step of everything that must be refused."""
    kinds = {
        "application": (APPLICATION, ApplicationStatus),
        "offer": (OFFER, OfferStatus),
        "round": (ROUND, RoundStatus),
        "proposal": (PROPOSAL, ProposalStatus),
        "exchange": (EXCHANGE, ExchangeStatus),
    }
    for kind, (steps, states) in kinds.items():
        for step, (_who, _fields, right) in steps.items():
            yield from ((kind, state.value, step) for state in states if state.value not in right)


def version_of(world: World, table: str, reference: str) -> str:
    asked = text(f"SELECT version FROM {table} WHERE reference = :reference")
    return str(world.connection.execute(asked, {"reference": reference}).scalar_one())


def put(world: World, table: str, reference: str, state: str) -> None:
    """Set a state for which no record was made."""
    statement = text(f"UPDATE {table} SET status = :state WHERE reference = :reference")
    world.connection.execute(statement, {"state": state, "reference": reference})


def step_of(world: World, kind: str, state: str, step: str) -> Step:
    """Who posts what to which address."""
    references = world.sides["A"].references
    if kind == "proposal":
        put(world, "proposal", references["proposal"], state)
        who, fields, _right = PROPOSAL[step]
        return who, f"/exchanges/proposals/{references['proposal']}/{step.replace(' ', '/')}", fields
    reference = references[f"{kind} {state}"]
    steps = {"application": APPLICATION, "offer": OFFER, "round": ROUND, "exchange": EXCHANGE}[kind]
    room = {"application": "applications", "offer": "hosts", "round": "rounds", "exchange": "exchanges"}[kind]
    who, fields, _right = steps[step]
    fields = fields | {"version": [version_of(world, kind, reference)]}
    if step.startswith("edit"):
        place = place_named(world, "application page topics" if kind == "application" else kind)
        fields = place.fields(place.form(world, place.client(world))) | {"version": fields["version"]}
    return who, f"/{room}/{reference}/{step.partition(' ')[0]}", fields


def test_no_step_is_taken_from_a_state_it_does_not_follow(world: World) -> None:
    tried, faults = 0, []
    for kind, state, step in wrong_steps():
        with undone(world.connection):
            who, address, fields = step_of(world, kind, state, step)
            before = digests(world.connection)
            status = send(world.people[who], address, fields).status_code
            tables = changed(before, digests(world.connection))
            tried += 1
            if status != 409 or tables:
                faults.append(f"{step} of a {state} {kind}: {status} {tables}")
    assert faults == []
    assert tried > 50
    tell(f"{tried} steps from wrong states")


@pytest.mark.parametrize(("kind", "state"), [("application", "submitted"), ("offer", "submitted")])
def test_submitting_twice_changes_nothing(world: World, kind: str, state: str) -> None:
    who, address, fields = step_of(world, kind, state, "submit")
    before = digests(world.connection)

    assert send(world.people[who], address, fields).status_code == 302
    assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize("state", list(RunStatus))
def test_a_run_is_published_and_cancelled_only_from_its_states(world: World, state: RunStatus) -> None:
    reference = world.sides["A"].references["round frozen"]
    of_round = "(SELECT id FROM round WHERE reference = :reference)"
    statement = text(f"UPDATE run SET status = :state WHERE round_id = {of_round}")
    world.connection.execute(statement, {"state": state, "reference": reference})
    right = {"publish": {"solved"}, "cancel": {"queued", "solving"}}

    for step, states in right.items():
        if state not in states:
            before = digests(world.connection)
            answer = send(world.people["support_officer"], f"/rounds/{reference}/runs/1/{step}", {})
            assert answer.status_code == 409, f"{step} of a {state} run"
            assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize("name", ["round open", "round published"])
def test_a_run_is_published_only_while_its_round_is_frozen(world: World, name: str) -> None:
    references = world.sides["A"].references
    put(world, "round", references["round frozen"], name.removeprefix("round "))
    before = digests(world.connection)

    answer = send(world.people["support_officer"], f"/rounds/{references['round frozen']}/runs/1/publish", {})

    assert answer.status_code == 409
    assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize(("name", "step"), [("order void", "void"), ("order due", "again")])
def test_an_order_is_voided_once_and_ordered_again_only_when_void(world: World, name: str, step: str) -> None:
    reference = world.sides["A"].references[name]
    version = version_of(world, "payment_order", reference)
    before = digests(world.connection)

    fields = WHY | {"version": [version]}
    answer = send(world.people["finance_initiator"], f"/payments/{reference}/{step}", fields)

    assert answer.status_code == 409
    assert changed(before, digests(world.connection)) == []


def test_a_survey_is_answered_once(world: World) -> None:
    address = f"/survey/{world.sides['A'].references['token']}"
    fields = {key: [value] for key, value in filled().items()}
    assert send(world.stranger(), address, fields).status_code == 302
    before = digests(world.connection)

    assert send(world.stranger(), address, fields).status_code == 409
    assert changed(before, digests(world.connection)) == []


def test_a_side_answers_a_proposal_once(world: World) -> None:
    address = f"/exchanges/proposals/{world.sides['A'].references['proposal']}"
    assert send(world.people["applicant A"], f"{address}/accept/visitor", {}).status_code == 302
    before = digests(world.connection)

    for step in ("accept", "decline"):
        assert send(world.people["applicant A"], f"{address}/{step}/visitor", WHY).status_code == 409
    assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize(
    "name",
    ["organisation", "application page dates", "offer", "application assessed", "offer assessed", "void"],
)
def test_a_stale_or_unreadable_version_is_refused(world: World, name: str) -> None:
    place = place_named(world, name)
    fields = place.fields(place.form(world, place.client(world)))
    assert "version" in fields
    before = digests(world.connection)

    for version in ("0", "999", "", "x", str(2**63), "-1", "1.0", "a\0", "١"):
        answer = send(place.client(world), place.address, fields | {"version": [version]})
        assert answer.status_code == 409, version

    assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize(
    ("who", "kind", "step"),
    [
        ("applicant A", "application draft", "submit"),
        ("applicant A", "application draft", "withdraw"),
        ("host A", "offer draft", "submit"),
        ("host A", "offer draft", "close"),
    ],
)
@pytest.mark.parametrize("version", ["999", "x"])
def test_a_stale_button_is_refused(world: World, who: str, kind: str, step: str, version: str) -> None:
    room = "applications" if kind.startswith("application") else "hosts"
    before = digests(world.connection)

    address = f"/{room}/{world.sides['A'].references[kind]}/{step}"
    answer = send(world.people[who], address, {"version": [version]})

    assert answer.status_code == 409
    assert changed(before, digests(world.connection)) == []
