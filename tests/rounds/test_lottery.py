"""The public lottery between equals: announced, drawn once, and drawn again by anybody."""

import re
from hashlib import sha256

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications import release
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.audit.models import Entry
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.rounds import lottery, services
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Lottery, Round, Visit
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.rounds import make_host, make_market, make_proposals, make_solved_run, make_visitor, weeks
from tests.visitor import Visitor

Db = scoped_session[Session]
pytestmark = pytest.mark.usefixtures("session")


def make_tie(*, source: str = "", seed: str = "") -> Round:
    """An open round of equals with a lottery: four visitors who differ in nothing want the one place."""
    call = make_call()
    make_host(call, windows=((*weeks(call, 4, 1), 1),))
    for _ in range(4):
        make_visitor(call, min_days=5, max_days=5)
    round_ = services.open_round(call, actor=None)
    db.session.flush()
    lottery.announce(round_, source=source, reason="Ties.", actor=None)
    if seed:
        lottery.draw(round_, seed, actor=None)
    return round_


def references(round_: Round) -> list[str]:
    return list(
        db.session.scalars(select(Application.reference).where(Application.call_id == round_.call_id))
    )


@pytest.mark.parametrize("seed", ["4-17-23", "a", "b"])
def test_between_equals_the_smallest_digest_gets_the_place(seed: str) -> None:
    round_ = make_tie(source="The state lottery of Friday.", seed=seed)
    services.freeze(round_, actor=None)

    run = make_solved_run(round_)

    matched = select(Application.reference).join(Visit).where(Visit.run_id == run.id)
    best = min(references(round_), key=lambda one: sha256(f"{seed}:{one}".encode()).hexdigest())
    assert db.session.scalars(matched).all() == [best]
    assert (run.goals, run.reached[-1]["value"]) == (["priority", "score", "lottery"], 4)


def test_a_seed_of_the_house_is_hidden_until_the_round_is_frozen(client: Visitor, session: Db) -> None:
    round_ = make_tie()
    found = session.scalars(select(Lottery)).one()
    session.commit()

    before = client.get(f"/rounds/{round_.reference}/lottery").text
    services.freeze(round_, actor=None)
    session.commit()
    after = client.get(f"/rounds/{round_.reference}/lottery").text

    assert found.seed_sha256 == sha256(found.seed.encode()).hexdigest()
    assert found.seed_sha256 in before
    assert found.seed not in before
    assert found.seed in after
    assert found.seed not in str(
        session.scalars(select(Entry.values).where(Entry.verb == "round.lottery-announced")).all()
    )


def test_an_announced_source_has_to_be_written_down_before_freezing() -> None:
    round_ = make_tie(source="The state lottery of Friday.")

    with pytest.raises(RuleBroken, match="lottery-not-drawn"):
        services.freeze(round_, actor=None)

    assert round_.status is RoundStatus.OPEN


def test_a_lottery_is_announced_once_and_drawn_once() -> None:
    round_ = make_tie(source="The state lottery of Friday.", seed="4-17")

    with pytest.raises(RuleBroken, match="lottery-drawn"):
        lottery.draw(round_, "1-2", actor=None)
    with pytest.raises(RuleBroken, match="lottery-announced"):
        lottery.announce(round_, reason="Again.", actor=None)


def test_a_round_after_declines_announces_none_of_its_own(client: Visitor, session: Db) -> None:
    first = make_proposals(make_market(visitors=1, hosts=1))[0].round
    after = services.open_round(first.call, after=first, actor=None)
    session.commit()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    session.commit()

    with pytest.raises(RuleBroken, match="lottery-follows"):
        lottery.announce(after, reason="Ties.", actor=None)
    assert "lottery/announce" not in client.get(f"/rounds/{after.reference}").text


def test_no_lottery_is_announced_once_the_round_is_frozen() -> None:
    round_ = make_tie()
    services.freeze(round_, actor=None)

    with pytest.raises(RuleBroken, match="wrong-state"):
        lottery.announce(round_, reason="Late.", actor=None)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE lottery SET source = 'another'",
        "UPDATE lottery SET seed = '1-2'",
        "UPDATE lottery SET drawn_at = NULL",
        "DELETE FROM lottery",
    ],
)
def test_the_database_keeps_what_was_announced_and_drawn(change: str) -> None:
    make_tie(source="The state lottery of Friday.", seed="4-17")
    db.session.flush()

    with pytest.raises(DBAPIError, match="drawn once"):
        db.session.execute(text(change))


def test_anybody_looks_up_a_lot_and_draws_all_again(client: Visitor, session: Db) -> None:
    round_ = make_tie(source="The state lottery of Friday.", seed="4-17")
    services.freeze(round_, actor=None)
    session.commit()
    order = [digest for digest, _one in lottery.draw_order("4-17", references(round_))]
    best = lottery.draw_order("4-17", references(round_))[0][1]

    page = client.get(f"/rounds/{round_.reference}/lottery?of={best}").text
    rows = client.get(f"/rounds/{round_.reference}/lottery?format=csv").text.splitlines()

    assert "4 of 4" in page
    assert f"4-17:{best}" in page
    assert [row.split(",")[0] for row in rows[1:]] == order == sorted(order)


def test_who_drew_is_no_secret_told_before_the_decisions_are(client: Visitor, session: Db) -> None:
    call = make_call(releases_together=True)
    make_host(call)
    accepted, rejected = make_visitor(call), make_visitor(call, status=ApplicationStatus.REJECTED)
    round_ = services.open_round(call, actor=None)
    session.flush()
    lottery.announce(round_, reason="Ties.", actor=None)
    services.freeze(round_, actor=None)
    session.commit()
    address = f"/rounds/{round_.reference}/lottery"

    def asked() -> list[str]:
        pages = [client.get(f"{address}?of={one.reference}").text for one in (accepted, rejected)]
        said = [re.findall(r"\d+ of \d+|not in the round|are told who", page) for page in pages]
        return [*said[0], *said[1], client.get(f"{address}?format=csv").mimetype]

    assert asked() == ["are told who", "are told who", "text/html"]
    release.release(call, accepted=1, rejected=1, actor=None)
    session.commit()
    assert asked() == ["1 of 1", "not in the round", "text/csv"]


def test_the_officer_announces_and_writes_down_the_draw(client: Visitor, session: Db) -> None:
    round_ = services.open_round(make_call(), actor=None)
    session.commit()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    session.commit()
    address = f"/rounds/{round_.reference}"

    offered = f"{address}/lottery/announce" in client.get(address).text
    client.submit(f"{address}/lottery/announce", {"source": "Friday’s numbers.", "reason": "Ties."})
    to_draw = client.get(address).text
    client.submit(f"{address}/lottery/draw", {"seed": " 4-17 "})

    assert offered
    assert f"{address}/lottery/draw" in to_draw
    assert session.scalars(select(Lottery.seed)).one() == "4-17"
    assert "drawn" in client.get(address).text


def test_without_a_lottery_nothing_is_shown_and_no_goal_is_added(client: Visitor, session: Db) -> None:
    run = make_solved_run()
    session.commit()

    assert client.get(f"/rounds/{run.round.reference}/lottery").status_code == 404
    assert run.goals == ["priority", "score"]
