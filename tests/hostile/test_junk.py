"""Every route that takes something, sent what no form of the site would send, by whoever may use it."""

import os
from collections import Counter
from io import BytesIO
from itertools import cycle, islice

import pytest
from sqlalchemy import text

from mobility.core.limits import limiter
from tests.hostile.forms import Fields, send
from tests.hostile.generated import bad_inputs
from tests.hostile.place import Place
from tests.hostile.places import places
from tests.hostile.routes import addresses, named_routes
from tests.hostile.tables import changed, digests, tell, undone
from tests.hostile.values import MARK_UP, MEGABYTE, TOO_LARGE
from tests.hostile.world import World

PEOPLE = ("administrator", "finance_initiator", "finance_approver", "applicant A", "host A", "officer A")
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
NAMES = ("version", "reason", "sha256", "once", "next", "slot", "file", "orders", "code", "role", "paid_on")
JUNK = {
    "JSON": (b'{"version": 1, "reason": ["a"]}', "application/json"),
    "no text": (b"\xff\xfe=%00&version=%ff&reason=%ed%a0%80", FORM),
    "large": ("&".join(f"{name}={TOO_LARGE}" for name in NAMES).encode(), FORM),
    "a megabyte": (f"reason={MEGABYTE}&version=1".encode(), FORM),
    "half a body": (b'--x\r\nContent-Disposition: form-data; name="version"\r\n\r\n1', PARTS),
    "many": (b"version=1&" * 2000, FORM),
}

# Over all forms; `make chaos` asks for 10,000. Another seed gives other ones.
BAD_INPUTS = int(os.environ.get("BAD_INPUTS", "200"))
SEED = os.environ.get("SEED", "5")


@pytest.mark.sweep(7)
@pytest.mark.parametrize("person", PEOPLE)
def test_no_route_breaks_on_what_is_no_form(world: World, person: str) -> None:
    client, tried, allowed = world.people[person], 0, set[str]()
    for rule in named_routes(world.app, "POST"):
        for number, address in enumerate(islice(addresses(rule, world, world.sides["A"]), 3)):
            what = [*JUNK][number % len(JUNK)]
            for name in [what] if number or rule.arguments else JUNK:
                body, kind = JUNK[name]
                with undone(world.connection):
                    answer = client.post(address, data=body, content_type=kind)
                assert answer.status_code < 500, f"{address} with {name}"
                assert "<script>alert" not in answer.text
                tried += 1
                if answer.status_code in {409, 422}:
                    allowed.add(rule.endpoint)
    assert len(allowed) >= 5
    tell(f"{person}: {tried} times junk, {len(allowed)} forms refused it themselves")


def test_a_file_where_text_is_asked_for_breaks_nothing(world: World) -> None:
    tried = 0
    for rule in named_routes(world.app, "POST"):
        address = next(addresses(rule, world, world.sides["A"]))
        for person in ("administrator", "finance_initiator", "applicant A", "officer A"):
            parts = {name: (BytesIO(MARK_UP.encode()), "a.txt") for name in NAMES}
            with undone(world.connection):
                answer = world.people[person].post(address, data=parts, content_type="multipart/form-data")
            assert 400 <= answer.status_code < 500, f"{address} as {person}: {answer.status_code}"
            tried += 1
    tell(f"{tried} files in the place of text")


def test_no_form_breaks_on_what_chance_makes_of_it_and_what_is_refused_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(world.app.config, "PROPAGATE_EXCEPTIONS", False)
    at_the_end(world)
    forms, answers, found = places(world), Counter[int](), list[str]()
    for number, place in enumerate(forms):
        form = place.form(world, place.client(world))
        count = BAD_INPUTS * (number + 1) // len(forms) - BAD_INPUTS * number // len(forms)
        before, looks = digests(world.connection), cycle(addresses_of(place))
        for turn, fields in enumerate(bad_inputs(form, place.fields(form), f"{SEED} {place.name}", count)):
            with undone(world.connection):
                status, lacks = tried(world, place, next(looks), fields, before)
            answers[status] += 1
            found += [f"{place.name}, input {turn}: {lack}" for lack in lacks]
    assert found == []
    assert answers.total() == BAD_INPUTS
    assert answers[422] > BAD_INPUTS / 4
    tell(f"{BAD_INPUTS} bad inputs over {len(forms)} forms: {sorted(answers.items())}")


def addresses_of(place: Place) -> list[str]:
    """Where the form goes; a page of an application also goes to where it is looked at and kept as typed."""
    is_page = place.name.startswith("application page ")
    return [place.address, *(f"{place.address}/{also}" for also in ("findings", "typed") if is_page)]


def tried(
    world: World, place: Place, address: str, fields: Fields, before: dict[str, str]
) -> tuple[int, list[str]]:
    """The answer to a bad input, and what is wrong with it."""
    limiter.reset()
    status = send(place.client(world), address, fields).status_code
    if status >= 500:
        return status, [f"{status} {fields}"[:2000]]
    if status >= 400:
        return status, [
            f"{status}, and changed {name}" for name in changed(before, digests(world.connection))
        ]
    at_the_end(world)
    return status, []


def at_the_end(world: World) -> None:
    """Let the database ask what it asks when a transaction ends: here none does."""
    for when in ("IMMEDIATE", "DEFERRED"):
        world.connection.execute(text(f"SET CONSTRAINTS ALL {when}"))
