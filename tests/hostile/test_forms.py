"""Every form, every field, every hostile value: a message beside the field, nothing lost, nothing changed."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from mobility.accounts import security as library
from mobility.core.limits import limiter
from tests.hostile.forms import TYPED, Control, Form, forms_of, message_beside, send
from tests.hostile.place import Place
from tests.hostile.places import NAMES, place_named, places
from tests.hostile.routes import named_routes
from tests.hostile.tables import changed, digests, tell, undone
from tests.hostile.values import as_received, hostile, is_tick, must_be_refused
from tests.hostile.world import World

# Columns of our tables that no form may set.
EXTRA = {
    "id": "1",
    "reference": "APP-0000-0000",
    "status": "accepted",
    "author_id": "1",
    "call_id": "1",
    "organisation_id": "1",
    "partnership_id": "1",
    "user_id": "1",
    "role": "administrator",
    "roles": "administrator",
    "grants": "administrator",
    "active": "1",
    "is_staff": "1",
    "confirmed_at": "2020-01-01",
    "fs_uniquifier": "x",
    "import_key": "x",
    "group_key": "x",
    "findings": "[]",
    "submitted_at": "2020-01-01",
    "decided_at": "2020-01-01",
    "lump_sum_cents": "999999",
    "amount_cents": "999999",
    "budget_cents": "999999",
    "priority": "99",
    "score": "99",
    "latitude": "0",
    "longitude": "0",
    "is_published": "1",
    "answer_by": "2099-01-01",
    "trace": "[]",
}
# What differs from second to second, or counts on when a transaction is taken back.
VOLATILE = {
    "id",
    "version",
    "password",
    "fs_uniquifier",
    "message_id",
    "body",
    "about_id",
    "user_id",
    "expires_at",
}
VOLATILE |= {
    "run_id",
    "job_id",
    "args",
    "lock",
    "queueing_lock",
    "token_sha256",
    "proposal_id",
    "question_id",
    "round_id",
    "about_ref",
    "person_id",
}
VOLATILE |= {"batch_id", "creditor_iban", "debtor_iban", "order_id"}
VOLATILE |= {"iban", "mf_recovery_codes", "new_order_id", "tf_totp_secret", "totp_last_counter", "used_at"}
# What takes no more than a click, or looks at a form that is tried where it is stored.
BUTTONS = {
    "accounts.approve",
    "accounts.end_sessions",
    "accounts.reopen",
    "accounts.revoke",
    "accounts.second_step_off",
    "agreements.draw_up",
    "applications.decisions",
    "applications.findings",
    "applications.keep",
    "applications.reopen",
    "applications.revoke_late",
    "applications.show_names",
    "applications.submit",
    "applications.still_looking",
    "applications.telling",
    "applications.undo",
    "applications.without_names",
    "applications.wake",
    "calls.delete_question",
    "calls.question_up",
    "catalogue.pairs.confirm",
    "catalogue.pairs.validate",
    "exchanges.accept",
    "exchanges.calendar.make_feed",
    "exchanges.calendar.revoke_feed",
    "hosts.close",
    "hosts.in_bulk",
    "hosts.submit",
    "hosts.undo",
    "hosts.still_valid",
    "hosts.wake",
    "imports.discard",
    "imports.take",
    "organisations.join",
    "organisations.look_for_likenesses",
    "organisations.merge",
    "organisations.remove",
    "organisations.take_answer",
    "organisations.take_back",
    "organisations.take_back_invitation",
    "organisations.tell_apart",
    "organisations.undo_merge",
    "payments.again",
    "payments.export",
    "payments.propose",
    "payments.release",
    "payments.reveal",
    "payments.take_out",
    "reporting.accept",
    "reporting.file",
    "reporting.remove",
    "rounds.ask_again",
    "rounds.ask_hosts",
    "rounds.cancel",
    "rounds.cost_each",
    "rounds.move",
    "rounds.move_cost",
    "rounds.freeze",
    "rounds.publish",
    "rounds.reopen",
    "rounds.switch_blind",
    "rounds.study",
    "rounds.tell_reserve",
    "security.confirm_email",
    "security.mf_recovery_codes",
}
# Where files are sent: `test_files`.
FILES = {"imports.new", "public.verify", "reporting.attach"}
# Pages of the library that nobody gets into.
CLOSED = {f"security.{name}" for name in library.CLOSED}
# Forms of the library, which guards its own tokens.
DOORS = {
    "code",
    "confirm",
    "login",
    "new password",
    "password",
    "recovery code",
    "register",
    "reset",
    "verify",
}
TWINS = {"password": "password_confirm", "new_password": "new_password_confirm"}


def tried_fields(form: Form) -> list[Control]:
    """What a person can fill, of a list of rows the first one."""
    names = form.names(*TYPED, "select", "radio", "checkbox")
    return [form.control(name) for name in names if not re.search(r"-[1-9]\d*(-|$)", name)]


def posted(world: World, place: Place, form: Form, name: str, value: str) -> TestResponse:
    """The answer to the form with one field changed, and its twin with it."""
    limiter.reset()
    fields = place.fields(form)
    twin = TWINS.get(name, "")
    both = {name: [value], **({twin: [value]} if twin in fields else {})}
    return send(place.client(world), place.address, fields | both)


def shapes(world: World) -> dict[str, list[str]]:
    """Every row of the tables that hold the scheme's records, without what differs from second to second."""
    found = {}
    for table in digests(world.connection):
        rows = world.connection.execute(text(f'SELECT to_jsonb(t) FROM "{table}" t')).scalars()
        found[table] = sorted(
            str({key: _plain(row[key]) for key in sorted(row.keys() - VOLATILE)}) for row in rows
        )
    return found


def _plain(value: object) -> object:
    is_now = isinstance(value, str) and value.startswith(f"{datetime.now(UTC):%Y-%m-%dT}")
    return "now" if is_now else value


def faults(place: Place, answer: TestResponse, control: Control, value: str) -> Iterator[str]:
    """What is missing from a page that refuses a value."""
    if answer.status_code != 422:
        yield f"answered {answer.status_code}"
    if "<script>alert('typed')" in answer.text:
        yield "ran what was typed"
    again = next((form for form in forms_of(answer.text) if control.name in form.names(control.kind)), None)
    if again is None:
        yield "did not show the form again"
        return
    now = again.control(control.name)
    marked = [one for one in again.controls if one.name == control.name and one.is_wrong]
    beside = control.name if control.kind in {"radio", "checkbox"} else now.id
    if place.at_top and place.at_top in answer.text:
        return
    if not message_beside(answer.text, beside):
        yield "said nothing beside the field"
    if control.kind != "radio" and not marked:
        yield "did not mark the field"
    if control.kind in TYPED - {"password"} and now.value.strip() != as_received(value).strip():
        yield f"lost what was typed: {now.value[:40]!r}"


def test_every_route_that_takes_a_form_is_tried(world: World) -> None:
    addresses = world.app.url_map.bind("localhost")
    tried = {addresses.match(place.address.partition("?")[0], "POST")[0] for place in places(world)}

    posting = {rule.endpoint for rule in named_routes(world.app, "POST")}
    assert posting - tried - CLOSED == BUTTONS | FILES


def sampled(form: Form) -> Iterator[tuple[Control, str, str]]:
    """Hostile values for each field: of each kind the first gets all, the others one in turn."""
    counts: Counter[str] = Counter()
    for control in tried_fields(form):
        values = [*hostile(form, control.name).items()]
        number = counts[control.kind]
        counts[control.kind] += bool(values)
        chosen = (
            values if number == 0 else [values[(2 * number + n) % len(values)] for n in range(2) if values]
        )
        yield from ((control, what, value) for what, value in chosen)


@pytest.mark.sweep(9)
@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_value_is_refused_beside_its_field_and_changes_nothing(world: World, name: str) -> None:
    place = place_named(world, name)
    form = place.form(world, place.client(world))
    before, found, tried, taken = digests(world.connection), [], 0, 0

    for control, what, value in sampled(form):
        with undone(world.connection):
            answer = posted(world, place, form, control.name, value)
            tried += 1
            if answer.status_code == 302 or not (answer.status_code >= 400 or control.name in answer.text):
                taken += 1
                if must_be_refused(control, value):
                    found.append(f"{control.name} with {what}: taken")
                continue
            lacks = [*faults(place, answer, control, value)]
            lacks += [f"changed {table}" for table in changed(before, digests(world.connection))]
            found += [f"{control.name} with {what}: {lack}" for lack in lacks]

    assert found == []
    assert tried or all(is_tick(form, control) for control in tried_fields(form))
    tell(f"{name}: {tried} posts, {taken} taken as text")


@pytest.mark.sweep(9)
@pytest.mark.parametrize("name", NAMES)
def test_a_form_takes_what_is_meant_for_it_and_nothing_more(world: World, name: str) -> None:
    place = place_named(world, name)
    form = place.form(world, place.client(world))
    extra = {
        key: [value] for key, value in EXTRA.items() if key not in form.names(*TYPED, "hidden", "select")
    }
    assert len(extra) >= 25

    with undone(world.connection):
        answer = send(place.client(world), place.address, place.fields(form))
        assert answer.status_code in {200, 302}
        plain = shapes(world)
    limiter.reset()
    answer = send(place.client(world), place.address, place.fields(form) | extra)

    assert answer.status_code in {200, 302}
    assert shapes(world) == plain


@pytest.mark.sweep(9)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in DOORS])
def test_a_form_sent_twice_is_taken_once(world: World, name: str) -> None:
    place = place_named(world, name)
    fields = place.fields(place.form(world, place.client(world)))
    assert "once" in fields
    client = place.client(world)
    assert send(client, place.address, fields).status_code in {200, 302}
    before = digests(world.connection)

    again = send(client, place.address, fields)

    assert again.status_code == 409
    assert changed(before, digests(world.connection)) == []


@pytest.mark.sweep(9)
@pytest.mark.parametrize("name", NAMES)
def test_a_form_sent_in_another_shape_is_refused_and_changes_nothing(world: World, name: str) -> None:
    place = place_named(world, name)
    form = place.form(world, place.client(world))
    fields = place.fields(form)
    before = digests(world.connection)

    for body in (b"[1]", b'"text"', b"1", b"{", b'{"email": "\\ud800", "name": 5, "reason": ["a"]}'):
        limiter.reset()
        answer = place.client(world).post(place.address, data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500, body
    for control in tried_fields(form)[:6]:
        parts: dict[str, object] = {key: values[0] for key, values in fields.items()}
        parts[control.name] = (BytesIO(b"\x00\xff"), "file.txt")
        limiter.reset()
        answer = place.client(world).post(place.address, data=parts, content_type="multipart/form-data")
        assert 400 <= answer.status_code < 500, control.name
    for body in (b"\xff\xfe=%00", b"&&&===", b"%", b"a=1&" * 20_000):
        limiter.reset()
        answer = place.client(world).post(
            place.address, data=body, content_type="application/x-www-form-urlencoded"
        )
        assert 200 <= answer.status_code < 500, body

    assert changed(before, digests(world.connection)) == []


@pytest.mark.sweep(9)
@pytest.mark.parametrize("name", NAMES)
def test_a_form_sent_empty_or_too_large_changes_nothing(world: World, name: str) -> None:
    place = place_named(world, name)
    before = digests(world.connection)

    empty = send(place.client(world), place.address, {"submit": ["1"]})
    limiter.reset()
    large = send(place.client(world), place.address, {"reason": ["x" * (3 * 2**20)]})

    assert empty.status_code in {409, 422}
    assert large.status_code == 413
    assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("application page ")])
def test_findings_of_hostile_values_are_shown_and_nothing_is_stored(world: World, name: str) -> None:
    place = place_named(world, name)
    form, client = place.form(world, place.client(world)), place.client(world)
    before = digests(world.connection)

    for control in tried_fields(form):
        for value in hostile(form, control.name).values():
            answer = send(client, f"{place.address}/findings", place.fields(form) | {control.name: [value]})
            assert answer.status_code == 200, control.name
            assert "<script>alert" not in answer.text

    assert changed(before, digests(world.connection)) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("application page ")])
def test_hostile_values_are_kept_as_typed_and_shown_without_harm(world: World, name: str) -> None:
    place = place_named(world, name)
    form, client = place.form(world, place.client(world)), place.client(world)
    fields = place.fields(form)
    page = {"page": fields.pop("once")}

    for count, control in enumerate(tried_fields(form)):
        for value in hostile(form, control.name).values():
            kept = fields | page | {"count": [str(count)], control.name: [value]}
            assert send(client, f"{place.address}/typed", kept).status_code in {200, 409}, control.name
            answer = client.get(place.page)
            assert answer.status_code == 200, control.name
            assert "<script>alert" not in answer.text
