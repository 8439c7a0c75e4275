"""Who may use which page: every route and method for every role, against a checked-in matrix."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from mobility.accounts.enums import Role
from mobility.core.access import Undeclared, access_of, public, refuse_undeclared
from mobility.core.db import db
from tests.make.accounts import make_user, sign_in

MATRIX = Path(__file__).parent / "routes.json"
ROLES = ["anonymous", *[role.value for role in Role]]
VERBS = ("GET", "POST")


def routes(app: Flask) -> list[tuple[str, str, Rule]]:
    """Each route with each method it takes, except files and the doors of the house."""
    return [
        (f"{method} {rule.rule}", method, rule)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        for method in VERBS
        if method in (rule.methods or ()) and rule.endpoint != "static"
    ]


def address_of(rule: Rule) -> str:
    """The route's address with names that no record has."""
    address = rule.rule
    for argument in rule.arguments:
        for converter in ("", "int:", "string:", "path:"):
            number = "999999999" if converter == "int:" else "nobody-has-this"
            address = address.replace(f"<{converter}{argument}>", number)
    return address


def verdict(status: int, location: str) -> str:
    """What the answer says of access: in, out to the login page, or forbidden."""
    if status == 403:
        return "forbidden"
    if status == 401 or (status == 302 and "/login" in location):
        return "sign in"
    return "in"


def asked(app: Flask, client: FlaskClient, role: str) -> dict[str, str]:
    """The verdict on every route for one role."""
    found = {}
    for name, method, rule in routes(app):
        if name == "POST /logout":
            continue
        answer = client.open(address_of(rule), method=method)
        assert answer.status_code < 500, f"{name} as {role}: {answer.status_code}"
        found[name] = verdict(answer.status_code, answer.headers.get("Location", ""))
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_each_role_as_the_matrix_says(
    app: Flask, client: FlaskClient, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A missing form token would be refused before anybody asks for the role.
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    if role != "anonymous":
        user = make_user(role)
        db.session.commit()
        sign_in(client, user)
    matrix = json.loads(MATRIX.read_text())

    found = asked(app, client, role)

    wrong = {name: (said, matrix.get(name, {}).get(role)) for name, said in found.items()}
    wrong = {name: pair for name, pair in wrong.items() if pair[0] != pair[1]}
    assert not wrong


def test_the_matrix_names_no_route_that_is_gone(app: Flask) -> None:
    assert set(json.loads(MATRIX.read_text())) <= {name for name, _method, _rule in routes(app)}


def test_the_application_refuses_to_start_with_an_undeclared_route(app: Flask) -> None:
    fresh = Flask("fresh")
    fresh.config["ACCESS_OF_LIBRARY_ROUTES"] = {"static": "public"}
    fresh.add_url_rule("/open", "open", public(lambda: ""))
    refuse_undeclared(fresh)
    fresh.add_url_rule("/silent", "silent", lambda: "")

    with pytest.raises(Undeclared, match="silent"):
        refuse_undeclared(fresh)


def test_removing_any_one_declaration_stops_the_application(app: Flask) -> None:
    declared = {rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint)}

    for endpoint in declared - set(app.config["ACCESS_OF_LIBRARY_ROUTES"]):
        view = app.view_functions[endpoint]
        app.view_functions[endpoint] = lambda: ""
        try:
            with pytest.raises(Undeclared, match=endpoint):
                refuse_undeclared(app)
        finally:
            app.view_functions[endpoint] = view
