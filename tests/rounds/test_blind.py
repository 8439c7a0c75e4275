"""Blind rounds: officers read references instead of names until the round is published."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.audit.models import Entry
from mobility.core.errors import RuleBroken
from mobility.rounds import blind, services
from mobility.rounds.models import Round
from mobility.rounds.queries import run_by
from mobility.rounds.scenario import Change
from tests.hostile.routes import arguments_of, named_routes
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.organisations import make_organisation
from tests.make.rounds import (
    PORTO_CLUSTER,
    SEVILLA,
    make_frozen_round,
    make_host,
    make_solved_run,
    make_study,
    make_visitor,
)
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
# Whatever of it stands on a page is a name.
MARK = "Zyxname"
# Pages that this round lacks: those of one that is published, follows another or draws lots.
OF_OTHER_ROUNDS = ("/answers", "/declines", "/lottery", "/lottery/draw", "/reserve/letters")


@pytest.fixture
def support(client: Visitor) -> Visitor:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    return client


@pytest.fixture
def round_(session: Db) -> Round:
    """A frozen round with a result that leaves somebody out; everybody's names are marked."""
    call = make_call()
    where = {"town": f"{MARK} town"}
    make_host(
        call,
        organisation=make_organisation(**PORTO_CLUSTER | where, name=f"{MARK} host"),
        max_visits=1,
        contact_name=f"{MARK} contact",
    )
    for number in range(2):
        organisation = make_organisation(**SEVILLA | where, name=f"{MARK} visitor {number}")
        make_visitor(call, organisation=organisation, person_name=f"{MARK} person")
    made = make_frozen_round(call)
    make_study(make_solved_run(made))
    session.commit()
    return made


def pages(app: Flask, round_: Round) -> Iterator[str]:
    """Every page of the rounds, with the round's own reference and both of its runs; and as CSV."""
    for rule in named_routes(app, "GET"):
        if not rule.endpoint.startswith("rounds."):
            continue
        path = rule.rule.replace("<reference>", round_.reference)
        for number in ("1", "2") if "number" in arguments_of(rule) else ("",):
            address = re.sub(r"<int:number>", number, path)
            yield from (f"{address}{more}" for more in ("", "?format=csv"))


def with_names(app: Flask, support: Visitor, round_: Round) -> list[str]:
    """The pages on which a name stands."""
    found = []
    for path in pages(app, round_):
        answer = support.get(path)
        is_other = path.partition("?")[0].endswith(OF_OTHER_ROUNDS)
        assert answer.status_code == 404 if is_other else answer.status_code in {200, 302}, path
        if MARK in answer.text:
            found.append(path)
    return found


def test_no_page_of_a_blind_round_shows_a_name_and_with_names_several_do(
    app: Flask, session: Db, support: Visitor, round_: Round
) -> None:
    taken = run_by(round_.reference, 1).solution or {}
    visit = taken["assignments"][0]
    make_solved_run(round_, changes=[Change("forbid", "Known", visit["application"], visit["host"])])
    session.commit()
    named = with_names(app, support, round_)
    blind.switch(round_, is_blind=True, actor=None)
    session.commit()

    assert with_names(app, support, round_) == []
    at = f"/rounds/{round_.reference}"
    assert {f"{at}/runs/1", f"{at}/runs/1/unmatched", f"{at}/compare", f"{at}/compare?format=csv"} <= set(
        named
    )


def test_nobody_is_found_by_name_in_a_blind_round(session: Db, support: Visitor, round_: Round) -> None:
    lists = [f"/rounds/{round_.reference}/runs/1{more}?q=visitor" for more in ("", "/unmatched")]
    before = [support.get(path).text.count("APP-") for path in lists]
    blind.switch(round_, is_blind=True, actor=None)
    session.commit()

    assert all(before)
    assert [support.get(path).text.count("APP-") for path in lists] == [0, 0]


def test_names_come_back_when_the_round_is_published(session: Db, support: Visitor, round_: Round) -> None:
    blind.switch(round_, is_blind=True, actor=None)
    run = run_by(round_.reference, 1)
    services.publish(run, actor=None)
    session.commit()

    assert f"{MARK} host" in support.get(f"/rounds/{round_.reference}/runs/1").text


def test_an_officer_hides_the_names_and_shows_them_again_and_the_log_keeps_it(
    session: Db, support: Visitor, round_: Round
) -> None:
    at, seen = f"/rounds/{round_.reference}", []
    for names in ("hide", "hide", "show"):
        support.submit(at, {"names": names}, to=f"{at}/blind")
        seen.append(MARK in support.get(f"{at}/runs/1").text)

    assert seen == [False, False, True]
    verbs = session.scalars(select(Entry.verb).where(Entry.verb.contains("names")).order_by(Entry.id))
    assert list(verbs) == ["round.names-hidden", "round.names-shown"]


def test_a_round_that_is_over_is_switched_no_more() -> None:
    round_ = make_frozen_round()
    services.give_up(round_, "Begun too early.", actor=None)

    with pytest.raises(RuleBroken, match="wrong-state"):
        blind.switch(round_, is_blind=True, actor=None)

    assert not round_.is_blind
