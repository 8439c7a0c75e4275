"""What is studied of a run, the pages that show it, and the letters that follow."""

import pytest
from procrastinate import JobContext
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications import services as applications
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.mail.models import Letter
from mobility.rounds import asking, queries, services, tasks
from mobility.rounds.models import Gain, Reserve, Run
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.make.rounds import make_frozen_round, make_host, make_solved_run, make_study, make_visitor, weeks
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def support(client: Visitor) -> Visitor:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    return client


def make_run(*, waiting: int = 2, is_studied: bool = True) -> Run:
    """A solved run of a call with one place for a week: one has it, so many wait."""
    call = make_call()
    make_host(call, windows=((*weeks(call, 4, 1), 1),))
    for _ in range(waiting + 1):
        make_visitor(call, min_days=5, max_days=5, windows=(weeks(call, 4, 2),))
    run = make_solved_run(make_frozen_round(call))
    if is_studied:
        make_study(run)
    return run


def published(waiting: int = 2) -> Run:
    run = make_run(waiting=waiting)
    services.publish(run, actor=None)
    db.session.commit()
    return run


def address(run: Run, page: str) -> str:
    return f"/rounds/{run.round.reference}/runs/{run.number}/{page}"


def test_a_study_is_kept_once() -> None:
    run = make_run()
    found = db.session.scalars(select(Gain.let_in).where(Gain.run_id == run.id, Gain.what == "place")).one()

    make_study(run)

    waiting = db.session.scalars(
        select(Reserve.place).where(Reserve.run_id == run.id).order_by(Reserve.place)
    )
    assert len(found) == 1
    assert waiting.all() == [1, 2]
    assert run.studied_at is not None


def test_publishing_has_the_run_studied_in_the_background() -> None:
    run = make_run(is_studied=False)
    queued = text("SELECT args ->> 'run_id' FROM procrastinate_jobs WHERE task_name = 'rounds.study'")
    before = db.session.scalars(queued).all()

    services.publish(run, actor=None)

    assert before == []
    assert db.session.scalars(queued).all() == [str(run.id)]


def test_the_reserve_is_told_only_after_publishing_and_nobody_twice() -> None:
    run = make_run()
    with pytest.raises(RuleBroken, match="run-not-published"):
        asking.tell_reserve(run, actor=None)
    services.publish(run, actor=None)

    told = asking.tell_reserve(run, actor=None), asking.tell_reserve(run, actor=None)

    assert told == (2, 0)
    words = db.session.scalars(select(Letter.body).where(Letter.kind == "rounds.on_reserve")).all()
    assert len(words) == 2
    assert "on the reserve list of 1 host" in words[0]


def test_who_withdrew_meanwhile_gets_no_letter_of_the_reserve() -> None:
    run = published()
    first = db.session.scalars(queries.reserves_listed(run).where(Reserve.place == 1)).one()
    applications.withdraw(first.application, actor=None)

    assert asking.tell_reserve(run, actor=None) == 1


def test_hosts_are_asked_once_in_a_round_whichever_run_says_so() -> None:
    run = make_run()
    other = make_solved_run(run.round)
    make_study(other)

    asked = asking.ask_hosts(run, actor=None), asking.ask_hosts(other, actor=None)

    assert asked == (1, 0)
    letter = db.session.scalars(select(Letter).where(Letter.kind == "rounds.more_at_host")).one()
    assert "With one place more 1 visitor more could come to you." in letter.body
    assert "With a window that ends a week later 1 visitor more could come to you." in letter.body
    assert "“Change dates and places”" in letter.body


def test_a_run_that_is_not_studied_has_nobody_to_write_to() -> None:
    with pytest.raises(RuleBroken, match="not-studied"):
        asking.ask_hosts(make_run(is_studied=False), actor=None)


def test_the_officer_reads_what_more_would_bring_and_writes_to_the_hosts(
    support: Visitor, session: Db
) -> None:
    run = make_run()
    session.commit()

    page = support.get(address(run, "gains")).text
    draft = support.get(address(run, "gains/letters")).text
    before = session.scalar(select(func.count()).where(Letter.kind == "rounds.more_at_host"))
    support.submit(address(run, "gains/letters"), {})

    assert "One place more at" in page
    assert "A week more at" in page
    assert "Send 1 letter" in draft
    assert "With one place more 1 visitor more could come to you." in draft
    assert before == 0
    assert session.scalar(select(func.count()).where(Letter.kind == "rounds.more_at_host")) == 1


def test_a_run_that_is_not_studied_offers_it(support: Visitor, session: Db) -> None:
    run = make_run(is_studied=False)
    session.commit()

    page = support.get(address(run, "reserve")).text
    answer = support.submit(address(run, "gains"), {}, to=address(run, "study"))

    assert "Work it out" in page
    assert answer.status_code == 302


@pytest.mark.parametrize("is_frozen_anew", [False, True])
def test_of_a_run_before_the_last_freezing_nothing_is_studied_and_nobody_asked(
    support: Visitor, session: Db, is_frozen_anew: bool
) -> None:
    run, unstudied = make_run(), make_run(is_studied=False)
    for one in (run, unstudied):
        services.reopen(one.round, actor=None)
        make_visitor(one.round.call)
        if is_frozen_anew:
            services.freeze(one.round, actor=None)
    session.commit()

    pages = [support.get(address(unstudied, page)).text for page in ("gains", "reserve")]
    tasks.study.func(_Context(), run_id=unstudied.id)

    assert ["Work it out" in page for page in pages] == [False, False]
    assert "Letters to hosts…" not in support.get(address(run, "gains")).text
    assert support.get(address(run, "gains/letters")).status_code == 409
    for verb in (lambda: services.study(unstudied), lambda: asking.ask_hosts(run, actor=None)):
        with pytest.raises(RuleBroken, match="run-outdated"):
            verb()
    assert unstudied.studied_at is None


def test_the_reserve_stands_in_order_and_says_where_a_place_came_free(support: Visitor, session: Db) -> None:
    run = make_run()
    proposals = services.publish(run, actor=None)
    exchanges.decline(proposals[0], Side.VISITOR, "Ill.", actor=None)
    rows = session.scalars(queries.reserves_listed(run).order_by(Reserve.place)).all()
    session.commit()

    page = support.get(address(run, "reserve")).text
    draft = support.get(address(run, "reserve/letters")).text

    first, second = (page.index(row.application.reference) for row in rows)
    assert first < second
    assert "a place came free" in page
    assert "Both answers after declines…" in page
    assert "Send 2 letters" in draft


def test_the_pages_ask_no_more_for_more_people(support: Visitor, session: Db) -> None:
    few, many = published(waiting=1), published(waiting=4)

    for page in ("gains", "reserve", "gains/letters", "reserve/letters"):
        assert statements_of(support, address(few, page)) == statements_of(support, address(many, page)), page


def test_the_worker_studies_a_run_in_a_process_of_its_own() -> None:
    run = make_run(is_studied=False)
    run_id = run.id
    db.session.commit()

    tasks.study.func(_Context(), run_id=run_id)

    assert db.session.get_one(Run, run_id).studied_at is not None


class _Context(JobContext):
    def __init__(self) -> None:
        pass

    def should_abort(self) -> bool:
        return False
