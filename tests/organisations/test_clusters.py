"""A cluster is asked by letter whether an organisation is its member, and answers once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.audit.models import Entry
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.hosts.rules import cluster_member
from mobility.mail.models import Letter
from mobility.organisations import clusters, merges, tasks
from mobility.organisations.enums import AskStatus, MemberRight, OrganisationType, Standing
from mobility.organisations.models import ClusterQuestion, Organisation
from mobility.organisations.queries import answer_seen_by, question_behind
from mobility.organisations.services import draft_of, update
from tests.make.accounts import make_user
from tests.make.organisations import make_likeness, make_organisation, make_question
from tests.make.partnerships import make_partnership

Db = scoped_session[Session]
BY = "Ines Sousa, office"


def later(days: int) -> None:
    clock.move(clock.utcnow() + timedelta(days=days))


def letters(session: Db, kind: str) -> list[Letter]:
    return list(session.scalars(select(Letter).where(Letter.kind == kind)))


def questions(session: Db) -> int:
    return session.scalar(select(func.count(ClusterQuestion.id))) or 0


def test_what_an_organisation_declares_needs_proof_until_its_cluster_confirms_it(session: Db) -> None:
    question, token = make_question()
    organisation = question.organisation
    before = cluster_member(organisation)

    clusters.answer(question, is_member=True, by=BY)

    assert (before.passed, before.values["standing"]) == (None, "asked")
    assert (cluster_member(organisation).passed, organisation.cluster_standing) == (None, Standing.ANSWERED)
    clusters.take(question, actor=make_user(Role.SUPPORT_OFFICER))
    assert (cluster_member(organisation).passed, organisation.cluster_standing) == (True, Standing.CONFIRMED)
    assert question_behind(token) is question


def known_office(**changes: Any) -> Organisation:
    """The cluster itself, in a partnership, with somebody who acts for it."""
    office = make_user(email="office@flux.example")
    usual: dict[str, Any] = {
        "type": OrganisationType.CLUSTER,
        "name": "Flux Cluster",
        "partnership": make_partnership(),
    }
    return make_organisation(member=office, **usual | changes)


def test_a_yes_from_who_acts_for_the_cluster_counts_at_once(session: Db) -> None:
    known_office()
    question, _token = make_question()

    clusters.answer(question, is_member=True, by=BY)

    assert cluster_member(question.organisation).passed is True


@pytest.mark.parametrize(
    "changes",
    [{"partnership": None}, {"type": OrganisationType.SME}, {"name": "Flux"}, {"right": MemberRight.VIEW}],
)
def test_whoever_takes_the_name_of_a_cluster_confirms_nothing(session: Db, changes: dict[str, Any]) -> None:
    known_office(**changes)
    question, _token = make_question()

    clusters.answer(question, is_member=True, by=BY)

    assert question.organisation.cluster_standing == Standing.ANSWERED


def test_an_answer_is_found_good_once_and_only_while_it_waits(session: Db) -> None:
    question, _token = make_question()
    officer = make_user(Role.SUPPORT_OFFICER)

    with pytest.raises(RuleBroken, match="wrong-state"):
        clusters.take(question, actor=officer)
    clusters.answer(question, is_member=True, by=BY)
    clusters.take(question, actor=officer)
    with pytest.raises(RuleBroken, match="wrong-state"):
        clusters.take(question, actor=officer)

    assert session.scalars(select(Entry).where(Entry.verb == "cluster.taken")).one().actor_id == officer.id


@pytest.mark.parametrize(
    "changes", [{"name": "Someone Else"}, {"registration": "999"}, {"country": "FR", "region": None}]
)
def test_what_was_said_of_one_member_does_not_hold_for_another(session: Db, changes: dict[str, Any]) -> None:
    organisation = make_organisation()

    update(organisation, replace(draft_of(organisation), **changes), actor=None)

    assert organisation.cluster_standing == Standing.DECLARED


def test_another_spelling_is_no_other_member(session: Db) -> None:
    organisation = make_organisation(registration="0123.456", name="Solarwerk")

    changed = replace(draft_of(organisation), registration="BE 0123 456", name="SOLARWERK BV", town="Namur")
    update(organisation, changed, actor=None)

    assert organisation.cluster_standing == Standing.CONFIRMED


def test_an_answer_about_an_entry_that_was_merged_is_one_about_the_survivor(session: Db) -> None:
    likeness, officer = make_likeness(), make_user(Role.SUPPORT_OFFICER)
    session.execute(text("UPDATE organisation SET cluster_standing = 'declared'"))
    session.expire_all()
    question, _token = make_question(likeness.other)
    merges.merge(likeness, likeness.one, actor=officer)

    clusters.answer(question, is_member=True, by=BY)
    clusters.take(answer_seen_by(officer, question.id), actor=officer)

    assert likeness.one.cluster_standing == Standing.CONFIRMED


def test_the_log_holds_no_address(session: Db) -> None:
    make_question(to="maria.rossi@flux.example")

    assert "maria.rossi" not in str(session.scalars(select(Entry.values)).all())


def test_what_its_cluster_denies_is_not_met(session: Db) -> None:
    question, _token = make_question()

    clusters.answer(question, is_member=False, by=BY, remark="Left in 2024.")

    assert cluster_member(question.organisation).passed is False
    [told] = letters(session, "cluster.answered")
    assert (told.to_email, "Left in 2024." in told.body) == (question.asked_by.email, True)


def test_asking_and_answering_stand_in_the_log_and_the_answer_is_nobodys_with_an_account(
    session: Db,
) -> None:
    question, _token = make_question()
    clusters.answer(question, is_member=True, by=BY)

    about = select(Entry.verb, Entry.actor_id).where(Entry.about_kind == "cluster_question")
    assert session.execute(about.order_by(Entry.id)).all() == [
        ("cluster.asked", question.asked_by_id),
        ("cluster.answered", None),
    ]


def test_the_letter_alone_holds_the_token(session: Db) -> None:
    question, token = make_question()

    [letter] = letters(session, "cluster.asked")
    assert letter.to_email == "office@flux.example"
    assert token in letter.body
    assert token not in str(question.token_sha256)


def test_an_answer_is_taken_once(session: Db) -> None:
    question, _token = make_question()
    clusters.answer(question, is_member=False, by=BY)

    with pytest.raises(RuleBroken, match="wrong-state"):
        clusters.answer(question, is_member=True, by="Eve")

    assert (question.status, question.answered_by) == (AskStatus.REFUSED, BY)


def test_the_database_keeps_an_answer_as_it_is(session: Db) -> None:
    question, _token = make_question()
    clusters.answer(question, is_member=False, by=BY)

    with pytest.raises(DBAPIError, match="an answered question stands"), session.begin_nested():
        session.execute(text("UPDATE cluster_question SET status = 'confirmed'"))


def test_the_database_takes_one_question_at_a_time(session: Db) -> None:
    make_question()

    twice = "INSERT INTO cluster_question SELECT id + 1, organisation_id, turn + 1, cluster_name, to_email, status,"
    twice += " 'x', asked_by_id, asked_at, expires_at, NULL, NULL, '', '', 1 FROM cluster_question"
    with pytest.raises(IntegrityError, match="uq_cluster_question_waiting"), session.begin_nested():
        session.execute(text(twice))


def test_a_second_question_waits_for_the_answer_to_the_first(session: Db) -> None:
    question, _token = make_question()

    with pytest.raises(RuleBroken, match="cluster-asked"):
        make_question(question.organisation)

    assert questions(session) == 1


def test_after_a_refusal_one_may_ask_again_but_three_times_in_all(session: Db) -> None:
    question, _token = make_question()
    for _again in range(2):
        clusters.answer(question, is_member=False, by=BY)
        question, _token = make_question(question.organisation)
    clusters.answer(question, is_member=False, by=BY)

    with pytest.raises(RuleBroken, match="cluster-asked-often"):
        make_question(question.organisation)

    assert questions(session) == 3


def test_a_confirmed_membership_is_not_asked_about_again(session: Db) -> None:
    with pytest.raises(RuleBroken, match="cluster-confirmed"):
        make_question(make_organisation())


def test_without_a_named_cluster_there_is_nobody_to_ask(session: Db) -> None:
    with pytest.raises(RuleBroken, match="no-cluster"):
        make_question(make_organisation(cluster_name=""))


def test_nobody_of_the_organisation_answers_for_the_cluster(session: Db) -> None:
    actor = make_user()
    organisation = make_organisation(member=actor, standing=Standing.DECLARED)

    with pytest.raises(RuleBroken, match="own-address"):
        make_question(organisation, actor=actor, to=f" {actor.email.upper()}")

    assert organisation.cluster_standing == Standing.DECLARED


@pytest.mark.parametrize("name", ["Another Cluster", ""])
def test_another_cluster_is_asked_anew_and_the_old_link_opens_nothing(session: Db, name: str) -> None:
    question, token = make_question()
    organisation = question.organisation

    update(organisation, replace(draft_of(organisation), cluster_name=name), actor=None)

    assert (organisation.cluster_standing, question.status) == (Standing.DECLARED, AskStatus.LAPSED)
    assert question_behind(token) is None


def test_a_confirmation_does_not_hold_for_another_cluster(session: Db) -> None:
    organisation = make_organisation()

    update(organisation, replace(draft_of(organisation), cluster_name="Another Cluster"), actor=None)

    assert organisation.cluster_standing == Standing.DECLARED


def test_the_same_cluster_in_other_capitals_is_the_same(session: Db) -> None:
    organisation = make_organisation()

    update(organisation, replace(draft_of(organisation), cluster_name="FLUX cluster"), actor=None)

    assert organisation.cluster_standing == Standing.CONFIRMED


def test_a_question_that_is_taken_back_frees_the_way_for_another_address(session: Db) -> None:
    question, token = make_question()

    clusters.take_back(question, actor=question.asked_by)
    again, _token = make_question(question.organisation, to="info@flux.example")

    assert question_behind(token) is None
    assert (again.turn, question.organisation.cluster_standing) == (2, Standing.ASKED)


def test_a_cluster_is_reminded_once_with_the_same_link(session: Db) -> None:
    question, token = make_question()
    tasks.questions_due.func(timestamp=0)
    assert letters(session, "cluster.reminded") == []

    later(8)
    tasks.questions_due.func(timestamp=0)
    later(8)
    tasks.questions_due.func(timestamp=0)

    [reminder] = letters(session, "cluster.reminded")
    assert token in reminder.body
    assert clusters.remind(question) is False


def test_who_has_answered_is_not_reminded(session: Db) -> None:
    question, _token = make_question()
    clusters.answer(question, is_member=True, by=BY)

    later(8)

    assert clusters.remind(question) is False
    assert letters(session, "cluster.reminded") == []


def test_a_link_ends_after_thirty_days_and_the_organisation_may_ask_again(session: Db) -> None:
    question, token = make_question()
    later(30)

    assert question_behind(token) is None
    with pytest.raises(RuleBroken, match="cluster-link-over"):
        clusters.answer(question, is_member=True, by=BY)
    tasks.questions_due.func(timestamp=0)

    assert (question.status, question.organisation.cluster_standing) == (AskStatus.LAPSED, Standing.DECLARED)
    assert make_question(question.organisation)[0].turn == 2


def test_the_clusters_answer_does_not_stop_who_has_the_profile_open(session: Db) -> None:
    question, _token = make_question()
    organisation = question.organisation
    seen = organisation.version

    clusters.answer(question, is_member=True, by=BY)
    update(organisation, replace(draft_of(organisation), town="Namur"), actor=None, version=seen)

    assert (organisation.town, organisation.cluster_standing) == ("Namur", Standing.ANSWERED)
