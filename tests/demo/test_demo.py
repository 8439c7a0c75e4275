"""The story of the demo, told once by its real worker, and everything that it leaves."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_security import verify_password
from sqlalchemy import func, select

import matching
from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.services import user_by_email
from mobility.admin.imports import import_file
from mobility.admin.invariants import broken
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import Model, db
from mobility.demo import story
from mobility.demo.run import fill
from mobility.hosts.models import Offer
from mobility.organisations.models import OrganisationMember
from mobility.partnerships.models import Partnership
from tests import databases
from tests.visitor import Visitor

QUICK_S = 20


class CutOff(Exception):
    """The machine goes down in the middle of a step."""


@dataclass(frozen=True)
class Told:
    """An app after its story, and the folder that the story left."""

    app: Flask
    folder: Path

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())


@pytest.fixture(scope="module")
def told(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The story, told on a database of its own."""
    var = tmp_path_factory.mktemp("var")
    with databases.copy_of(template, server) as address, databases.app_on(address, var) as app:
        with app.app_context():
            fill()
        yield Told(app, var / "demo")


@pytest.fixture
def guest(told: Told) -> Visitor:
    """Somebody who opens the demo's site."""
    return Visitor(told.app, use_cookies=True)


def counts() -> dict[str, int]:
    """How many rows each table has; sessions and counted tries of visitors aside."""
    tables = [
        one for one in Model.metadata.sorted_tables if one.name not in {"browser_session", "rate_count"}
    ]
    return {one.name: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def test_every_room_has_something_to_show(told: Told) -> None:
    with told.app.app_context():
        empty = {name for name, number in counts().items() if number == 0}

    assert empty == set()


def test_the_summary_says_what_the_dashboard_of_a_support_officer_says(told: Told, guest: Visitor) -> None:
    summary = told.read("summary.json")
    officer = next(one for one in told.read("accounts.json") if one["role"] == Role.SUPPORT_OFFICER)
    entered = guest.submit("/login", {"email": officer["email"], "password": officer["password"]})
    assert entered.status_code == 302

    page = guest.get(f"/dashboard?call={summary['call']}").text

    assert summary["figures"]["payment_orders"] > 0
    assert summary["figures"]["survey_answers"] > 0
    for key, value in summary["figures"].items():
        assert f'data-figure="{key}" data-value="{value}">{summary["shown"][key]}<' in page
    assert page.count("data-figure=") == len(summary["figures"])


def test_two_people_of_each_role_can_sign_in(told: Told) -> None:
    logins = told.read("accounts.json")

    assert Counter(login["role"] for login in logins) == dict.fromkeys(Role, 2)
    with told.app.app_context():
        for login in logins:
            user = user_by_email(login["email"])
            assert user
            assert user.password
            assert verify_password(login["password"], user.password)
            assert user.active
            assert login["role"] in {grant.role for grant in user.grants}


def test_the_published_rounds_pass_the_checker(told: Told) -> None:
    problems = sorted((told.folder / "rounds").glob("*.problem.json"))

    assert problems
    for path in problems:
        problem = matching.Problem.from_json(json.loads(path.read_text()))
        solution = json.loads(path.with_name(path.name.replace("problem", "solution")).read_text())
        assert solution["assignments"]
        assert matching.check(problem, solution) == []


def test_every_payment_order_left_a_pdf(told: Told) -> None:
    papers = list((told.folder / "papers").iterdir())

    assert len(papers) == told.read("summary.json")["figures"]["payment_orders"]
    for paper in papers:
        assert paper.suffix == ".pdf"
        assert paper.read_bytes().startswith(b"%PDF-")
        assert b"%%EOF" in paper.read_bytes()[-32:]


def test_every_invitation_left_a_letter_with_its_own_link(told: Told) -> None:
    links = set()
    for path in (told.folder / "letters").glob("*-survey.invited.eml"):
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        found = story.LINK.search(letter.get_content())
        assert found
        links.add(found[1])

    assert len(links) == told.read("summary.json")["figures"]["survey_invitations"]


def test_the_link_of_the_newest_letter_opens_its_survey(told: Told, guest: Visitor) -> None:
    path = max((told.folder / "letters").glob("*-survey.invited.eml"))
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    found = story.LINK.search(letter.get_content())
    assert found

    assert guest.get(f"/survey/{found[1]}").status_code == 200


def test_the_story_keeps_every_invariant(told: Told) -> None:
    with told.app.app_context():
        assert broken() == {}


def test_a_second_run_tells_nothing_again(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    with told.app.app_context():
        before, now = counts(), clock.today()
        began = time.monotonic()

        fill()

        assert time.monotonic() - began < QUICK_S
        assert (counts(), clock.today()) == (before, now)
    assert "nothing is run again" in capsys.readouterr().out


def test_a_story_that_was_cut_off_goes_on_where_it_stopped(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = story.steps
    monkeypatch.setattr(story, "steps", lambda random: usual(random)[:2])

    def cut_off(kind: str, *rest: Any) -> object:
        if kind == "offers":
            raise CutOff
        return import_file(kind, *rest)

    with live_app.app_context(), monkeypatch.context() as patch:
        patch.setattr(story, "import_file", cut_off)
        with pytest.raises(CutOff):
            story.tell()
    began = _told_lines(capsys)
    with live_app.app_context():
        stopped = _size()
        story.tell()
    went_on = _told_lines(capsys)

    assert [line[:2] for line in began] == ["1.", "2."]
    assert [line[:2] for line in went_on] == ["2."]
    with live_app.app_context():
        assert stopped == {Call: 1, Partnership: 14, Offer: 0, Application: 0, OrganisationMember: 0}
        assert _size() == {Call: 1, Partnership: 14, Offer: 25, Application: 60, OrganisationMember: 4}
        assert (
            db.session.scalar(select(func.count(User.id)).where(User.email.endswith("@demo.example"))) == 16
        )


def _told_lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]


def _size() -> dict[type[Model], int]:
    kinds: list[type[Any]] = [Call, Partnership, Offer, Application, OrganisationMember]
    return {kind: db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds}
