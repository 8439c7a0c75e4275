"""Many clicks on one link are one answer; many questions at once are one letter."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.mail.models import Letter
from mobility.organisations import clusters, colleagues, merges, queries
from mobility.organisations.enums import AskStatus, Standing
from mobility.organisations.models import (
    ClusterQuestion,
    ColleagueInvitation,
    Likeness,
    Merge,
    Organisation,
    OrganisationMember,
)
from mobility.organisations.services import join
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.organisations import (
    make_colleague_invitation,
    make_likeness,
    make_organisation,
    make_question,
)

AT_ONCE = 24
WIDE_POOL = 8


def race(app: Flask, attempt: Callable[[int], bool]) -> int:
    """Try many times, always several at once; how often it worked."""
    together = Barrier(WIDE_POOL)

    def started_together(number: int) -> bool:
        with app.app_context():
            if number < WIDE_POOL:
                together.wait()
            try:
                done = attempt(number)
            except RuleBroken:
                db.session.rollback()
                return False
            db.session.commit()
            return done

    with ThreadPoolExecutor(WIDE_POOL) as pool:
        return sum(pool.map(started_together, range(AT_ONCE)))


def letters(app: Flask, kind: str) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(Letter.kind == kind)) or 0


def committed_question(app: Flask) -> int:
    with app.app_context():
        question, _token = make_question()
        db.session.commit()
        return question.id


def test_many_clicks_on_one_link_are_one_answer(live_app: Flask) -> None:
    question_id = committed_question(live_app)

    def answer(number: int) -> bool:
        question = db.session.get_one(ClusterQuestion, question_id)
        clusters.answer(question, is_member=number % 2 == 0, by=f"Number {number}")
        return True

    assert race(live_app, answer) == 1
    assert letters(live_app, "cluster.answered") == 1
    with live_app.app_context():
        question = db.session.get_one(ClusterQuestion, question_id)
        # An officer checks who said yes; a no needs none.
        standing = {AskStatus.CONFIRMED: Standing.ANSWERED, AskStatus.REFUSED: Standing.REFUSED}
        assert question.organisation.cluster_standing is standing[question.status]


def test_the_control_that_looks_first_takes_more_than_one_answer(live_app: Flask) -> None:
    question_id = committed_question(live_app)
    with live_app.app_context():
        db.session.execute(text("DROP TRIGGER cluster_question_stands ON cluster_question"))
        db.session.commit()

    def look_then_answer(number: int) -> bool:
        question = db.session.get_one(ClusterQuestion, question_id)
        if question.status != AskStatus.WAITING:
            return False
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        question.status, question.ended_at = AskStatus.REFUSED, clock.utcnow()
        question.answered_by = f"Number {number}"
        return True

    assert race(live_app, look_then_answer) > 1


def committed_organisation(app: Flask) -> tuple[int, int]:
    """An organisation whose cluster nobody has asked, and somebody who may."""
    with app.app_context():
        user = make_user()
        organisation = make_organisation(member=user, standing=Standing.DECLARED)
        db.session.commit()
        return organisation.id, user.id


def test_many_questions_at_once_are_one_letter(live_app: Flask) -> None:
    organisation_id, user_id = committed_organisation(live_app)

    def ask(_number: int) -> bool:
        organisation, actor = (
            db.session.get_one(Organisation, organisation_id),
            db.session.get_one(User, user_id),
        )
        clusters.ask(organisation, "office@flux.example", actor=actor)
        return True

    assert race(live_app, ask) == 1
    assert letters(live_app, "cluster.asked") == 1


def test_the_control_without_lock_and_index_asks_more_than_once(live_app: Flask) -> None:
    organisation_id, user_id = committed_organisation(live_app)
    with live_app.app_context():
        for index in ("uq_cluster_question_waiting", "uq_cluster_question_turn"):
            db.session.execute(text(f"DROP INDEX {index}"))
        db.session.commit()

    def look_then_ask(number: int) -> bool:
        organisation = db.session.get_one(Organisation, organisation_id)
        if queries.waiting_question(organisation) is not None:
            return False
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        now = clock.utcnow()
        question = ClusterQuestion(
            organisation=organisation,
            turn=1,
            cluster_name=organisation.cluster_name,
            to_email="office@flux.example",
            token_sha256=str(number),
            asked_by_id=user_id,
            asked_at=now,
            expires_at=now + clusters.ANSWER_WITHIN,
        )
        db.session.add(question)
        return True

    assert race(live_app, look_then_ask) > 1


def committed_pair(app: Flask) -> list[int]:
    """Two members of one organisation, by their keys."""
    with app.app_context():
        organisation = make_organisation(member=make_user())
        join(organisation, make_user(), actor=None)
        db.session.commit()
        return [member.id for member in queries.members_of(organisation)]


def members(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(OrganisationMember.id))) or 0


def test_two_who_remove_each_other_at_once_leave_one(live_app: Flask) -> None:
    pair = committed_pair(live_app)

    def remove_the_other(number: int) -> bool:
        member = db.session.get(OrganisationMember, pair[number % 2])
        other = db.session.get(OrganisationMember, pair[1 - number % 2])
        if member is None or other is None:
            return False
        colleagues.remove(member, actor=other.user)
        return True

    assert race(live_app, remove_the_other) == 1
    assert members(live_app) == 1


def test_the_control_without_lock_and_trigger_leaves_nobody(live_app: Flask) -> None:
    pair = committed_pair(live_app)
    with live_app.app_context():
        db.session.execute(text("DROP TRIGGER organisation_member_stays ON organisation_member"))
        db.session.commit()

    def look_then_remove(number: int) -> bool:
        member = db.session.get(OrganisationMember, pair[number % 2])
        if member is None or len(queries.members_of(member.organisation)) < 2:
            return False
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        gone = delete(OrganisationMember).where(OrganisationMember.id == member.id)
        return db.session.scalar(gone.returning(OrganisationMember.id)) is not None

    assert race(live_app, look_then_remove) == 2
    assert members(live_app) == 0


def test_many_clicks_on_one_invitation_are_one_membership(live_app: Flask) -> None:
    with live_app.app_context():
        colleague = make_user()
        invitation, _token = make_colleague_invitation(to=colleague.email)
        db.session.commit()
        invitation_id, user_id = invitation.id, colleague.id

    def accept(_number: int) -> bool:
        invitation = db.session.get_one(ColleagueInvitation, invitation_id)
        colleagues.accept(invitation, actor=db.session.get_one(User, user_id))
        return True

    assert race(live_app, accept) == 1
    assert members(live_app) == 2


def committed_likeness(app: Flask) -> int:
    with app.app_context():
        likeness = make_likeness()
        make_user(Role.SUPPORT_OFFICER)
        for organisation in (likeness.one, likeness.other):
            make_application(organisation=organisation)
        db.session.commit()
        return likeness.id


def officer() -> User:
    return db.session.scalars(select(User).order_by(User.id.desc()).limit(1)).one()


def pointers(app: Flask) -> int:
    """How many entries another one stands for."""
    with app.app_context():
        gone = select(func.count(Organisation.id)).where(Organisation.merged_into_id.is_not(None))
        return db.session.scalar(gone) or 0


def test_many_who_merge_both_ways_at_once_merge_once(live_app: Flask) -> None:
    likeness_id = committed_likeness(live_app)

    def merge(number: int) -> bool:
        likeness = db.session.get_one(Likeness, likeness_id)
        merges.merge(likeness, likeness.one if number % 2 else likeness.other, actor=officer())
        return True

    assert race(live_app, merge) == 1
    assert pointers(live_app) == 1
    with live_app.app_context():
        done = db.session.scalars(select(Merge)).one()
        assert {len(ids) for name, ids in done.moved.items() if name in {"applications", "people"}} == {1}
        moved = select(func.count(Application.id)).where(Application.organisation_id == done.survivor_id)
        assert db.session.scalar(moved) == 2


def test_the_control_that_looks_first_loses_both(live_app: Flask) -> None:
    likeness_id = committed_likeness(live_app)

    def look_then_merge(number: int) -> bool:
        likeness = db.session.get_one(Likeness, likeness_id)
        if likeness.one.merged_into_id or likeness.other.merged_into_id:
            return False
        survivor, gone = (likeness.one, likeness.other)[:: 1 if number % 2 else -1]
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        gone.merged_into_id = survivor.id
        return True

    assert race(live_app, look_then_merge) > 1
    assert pointers(live_app) == 2


def test_whoever_hands_in_during_a_merge_hands_in_for_the_survivor_or_not_at_all(live_app: Flask) -> None:
    likeness_id = committed_likeness(live_app)
    with live_app.app_context():
        gone_id = db.session.get_one(Likeness, likeness_id).other_id
        call_ids = [make_call().id for _number in range(AT_ONCE)]
        db.session.commit()

    def merge_or_apply(number: int) -> bool:
        if number == 0:
            likeness = db.session.get_one(Likeness, likeness_id)
            merges.merge(likeness, likeness.one, actor=officer())
            return True
        gone, call = db.session.get_one(Organisation, gone_id), db.session.get_one(Call, call_ids[number])
        try:
            make_application(organisation=gone, call=call)
        except DBAPIError as refused:
            db.session.rollback()
            if "another entry stands for this organisation" not in str(refused):
                raise
            return False
        return True

    race(live_app, merge_or_apply)
    with live_app.app_context():
        stray = select(func.count(Application.id)).where(Application.organisation_id == gone_id)
        assert db.session.scalar(stray) == 0
