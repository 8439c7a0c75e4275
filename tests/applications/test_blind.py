"""Calls that are assessed without names: staff read references until the applicant is told."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import blind, release, services
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.audit.queries import entries_about
from mobility.calls.models import Call
from mobility.calls.services import open_call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.uploads import Upload
from mobility.organisations.enums import MemberRight
from mobility.organisations.services import join
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application, make_late_entry
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation
from tests.make.reporting import make_pdf
from tests.make.rounds import make_frozen_round, make_host, make_solved_run
from tests.pages import queries_for, version_on
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]
# Whatever of it stands on a page is a name.
MARK = "Zyxname"
# Who there is at all and who was sent a link, by name; nothing there tells what they applied with.
BY_NAME = ("/organisations", "/applications/late-entries/")


@pytest.fixture
def call() -> Call:
    """A blind call that tells its applicants together."""
    call = make_call(releases_together=True, is_blind=True)
    make_allotment(call)
    return call


@pytest.fixture
def support() -> User:
    """A support officer."""
    return make_user(Role.SUPPORT_OFFICER)


def applied(call: Call, status: Status = Status.SUBMITTED, **changes: Any) -> Application:
    organisation = make_organisation(
        name=f"{MARK} {status.value}",
        town=f"{MARK} town",
        description=f"{MARK}.",
        website=f"https://{MARK}.eu",
    )
    made = make_application(
        call=call,
        partnership=call.allotments[0].partnership,
        organisation=organisation,
        person_name=f"{MARK} person",
        person_email=f"{MARK.lower()}@visitor.example",
        status=status,
        **changes,
    )
    db.session.commit()
    return made


def pages(client: Visitor, ahead: list[str]) -> dict[str, str]:
    """What stands on the pages that somebody can open: these, and whatever they link to."""
    found: dict[str, str] = {}
    for path in ahead:
        answer = client.get(path)
        if answer.status_code == 200 and answer.mimetype in {"text/html", "text/csv"}:
            found[path] = answer.text
            # The same list in another order or of other weeks is no other page.
            linked = set(re.findall(r'<a[^>]* href="(/[^"#?]+)"', answer.text))
            ahead += linked - {*ahead, "/logout"}
    return found


def beginnings(app: Flask, applications: list[Application], offer: str) -> list[str]:
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    ahead = [
        rule for rule in rules if "<" not in rule and not rule.startswith(("/login", "/logout", "/demo"))
    ]
    ahead += [rule.replace("<reference>", one.reference) for rule in rules for one in applications
              if rule.startswith("/applications/<reference>") and rule.count("<") == 1]  # fmt: skip
    picks = "&".join(f"pick={one.reference}" for one in applications)
    ahead += [f"/applications/bulk?act={act}&{picks}" for act in ("accept", "take", "give")]
    return [
        *ahead,
        "/applications?format=csv",
        f"/applications/late-entries/{applications[0].call.reference}",
    ]


def test_no_page_of_an_officer_names_who_is_assessed_and_without_the_setting_several_do(
    app: Flask, new_client: NewClient, call: Call, support: User
) -> None:
    every = [applied(call, status) for status in (Status.DRAFT, Status.SUBMITTED, Status.CHANGES_ASKED)]
    every += [applied(call, cv=Upload(f"{MARK}.pdf", make_pdf())), applied(call)]
    services.assess(every[-1], accepted=True, actor=None)
    offer, round_ = make_host(call).reference, _solved(call)
    _end_late(call, every[1])
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=every[0].partnership)
    clients = [new_client(), new_client()]
    for client, person in zip(clients, (support, officer), strict=True):
        sign_in(client, person)
    references = {one.reference for one in every}

    for client in clients:
        seen = pages(client, beginnings(app, every, offer))
        named = {path for path, text in seen.items() if MARK.lower() in text.lower()}
        assert {path for path in named if not path.startswith(BY_NAME)} == set()
        assert [(path, one) for path in named for one in references if one in seen[path]] == []
        assert {f"/applications/{one}" for one in references} <= seen.keys()

    call.is_blind = False
    db.session.commit()
    of_one = f"/applications/{every[1].reference}"
    by_name = [
        "/applications",
        "/applications?format=csv",
        of_one,
        f"/applications/bulk?act=take&pick={every[1].reference}",
    ]
    by_name += [
        f"/catalogue?of={offer}",
        f"/catalogue/{every[1].reference}?of={offer}",
        f"/rounds/{round_}/runs/1",
    ]
    assert [path for path in by_name if MARK not in clients[0].get(path).text] == []


def _end_late(call: Call, application: Application) -> None:
    """The call is over, and the application was begun by a link."""
    call.closes_at = clock.utcnow() - timedelta(hours=1)
    entry, _token = make_late_entry(call, f"{MARK.lower()}@late.example")
    application.late_entry = entry
    db.session.commit()


def _solved(call: Call) -> str:
    """A round of the call with a result."""
    round_ = make_frozen_round(call)
    make_solved_run(round_)
    db.session.commit()
    return round_.reference


def test_country_kind_size_and_membership_stay_and_the_names_come_with_the_telling(
    client: Visitor, call: Call, support: User
) -> None:
    application, address = applied(call), "/applications/"
    sign_in(client, support)

    page = client.get(address + application.reference).text
    for words in ("Small or medium", "Belgium", "Flux Cluster", "Assessed without names", "as it was typed"):
        assert words in page
    call.is_blind = False
    db.session.commit()
    by_name = queries_for(client, address + application.reference)
    call.is_blind = True
    db.session.commit()
    assert queries_for(client, address + application.reference) == by_name
    services.assess(application, accepted=True, actor=None)
    db.session.commit()
    assert MARK not in client.get(address + application.reference).text

    release.release(call, accepted=1, rejected=0, actor=None)
    db.session.commit()
    assert f"{MARK} person" in client.get(address + application.reference).text


def test_nobody_is_found_or_sorted_by_a_hidden_name(client: Visitor, call: Call, support: User) -> None:
    hidden, known = applied(call), applied(make_call_like(call))
    sign_in(client, support)

    for asked in (f"q={MARK}", f"q={MARK}+person"):
        page = client.get(f"/applications?{asked}").text
        assert (hidden.reference in page, known.reference in page) == (False, True)
    assert hidden.reference in client.get(f"/applications?q={hidden.reference}&sort=organisation").text


def test_the_support_office_shows_the_names_of_one_with_a_reason_and_nobody_else_does(
    new_client: NewClient, call: Call, support: User
) -> None:
    one, other = applied(call, cv=Upload("cv.pdf", make_pdf())), applied(call)
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=one.partnership)
    clients = [new_client(), new_client()]
    for client, person in zip(clients, (support, officer), strict=True):
        sign_in(client, person)
    address, cv = f"/applications/{one.reference}", f"/applications/{one.reference}/cv/{one.cv}"
    assert [client.get(cv).status_code for client in clients] == [404, 404]
    version = version_on(clients[0].get(address).text)

    sent = {"version": version, "reason": "Two applications look alike."}
    assert clients[1].submit(address, sent, to=f"{address}/names").status_code == 403
    assert clients[0].submit(address, sent | {"reason": ""}, to=f"{address}/names").status_code == 422
    assert clients[0].submit(address, sent, to=f"{address}/names").status_code == 302

    assert [MARK in client.get(address).text for client in clients] == [True, True]
    assert [client.get(cv).status_code for client in clients] == [200, 200]
    assert MARK not in clients[1].get(f"/applications/{other.reference}").text
    last = entries_about(one)[-1]
    assert (last.verb, last.actor_id, last.values) == (
        "application.names-shown", support.id, {"reason": sent["reason"]}
    )  # fmt: skip
    db.session.refresh(one)
    with pytest.raises(RuleBroken, match="wrong-state"):
        blind.lift(one, "Again.", actor=support)


def test_who_applies_reads_the_own_name_though_an_officer(client: Visitor, call: Call, support: User) -> None:
    application = applied(call)
    join(application.organisation, support, right=MemberRight.EDIT, actor=None)
    db.session.commit()
    sign_in(client, support)

    assert f"{MARK} person" in client.get(f"/applications/{application.reference}").text
    assert f"{MARK} person" in client.get("/applications").text


def test_a_call_is_made_blind_until_its_first_decision(client: Visitor, support: User) -> None:
    call = make_call(is_open=False, releases_together=True)
    make_allotment(call)
    db.session.commit()
    sign_in(client, support)
    address, to = f"/calls/{call.reference}", f"/applications/decisions/names?call={call.reference}"

    sent = {"version": call.version, "is_blind": "y"}
    assert client.submit(address, sent, to=to).status_code == 302
    db.session.refresh(call)
    assert call.is_blind
    assert client.submit(address, sent, to=to).status_code == 409
    open_call(call, actor=None)
    services.assess(applied(call), accepted=True, actor=None)
    db.session.commit()
    for is_blind in (False, True):
        with pytest.raises(RuleBroken, match="decided-already"):
            blind.choose(call, is_blind=is_blind, actor=support)
    assert [one.verb for one in entries_about(call)].count("call.names-hidden") == 1


def make_call_like(call: Call) -> Call:
    """Another call with the same partnership, assessed by name."""
    other = make_call()
    make_allotment(other, call.allotments[0].partnership)
    return other
