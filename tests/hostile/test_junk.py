"""Every route that takes something, sent what no form of the site would send, by whoever may use it."""

from io import BytesIO
from itertools import islice

import pytest

from tests.hostile.routes import addresses, named_routes
from tests.hostile.tables import tell, undone
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
