"""Two entries become one, all at once, and two again."""

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.draft import ApplicationDraft
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.services import draft, mark_matched
from mobility.audit.models import Entry
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import Side
from mobility.exchanges.models import Exchange
from mobility.exchanges.services import accept
from mobility.hosts.columns import content_of
from mobility.hosts.models import Offer
from mobility.hosts.services import begin
from mobility.mail.models import Letter
from mobility.organisations import colleagues, merges, tasks
from mobility.organisations.enums import LikenessStatus, MemberRight
from mobility.organisations.models import Likeness, Merge, Organisation
from mobility.organisations.queries import likenesses, members_of, organisations_seen_by, own_organisation
from mobility.organisations.services import change_account, join
from mobility.partnerships.bank import AccountDraft
from mobility.rounds.services import publish
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.exchanges import make_ended_exchange
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_likeness, make_organisation
from tests.make.rounds import make_frozen_round, make_market, make_solved_run, make_visitor

Db = scoped_session[Session]


def merged(likeness: Likeness) -> Merge:
    return merges.merge(likeness, likeness.one, actor=make_user(Role.SUPPORT_OFFICER))


def of(session: Db, kind: type[Application] | type[Offer], organisation: Organisation) -> int:
    theirs = select(func.count(kind.id)).where(kind.organisation_id == organisation.id)
    return session.scalar(theirs) or 0


def test_what_is_entered_twice_is_found_once(session: Db) -> None:
    one = make_organisation(registration="BE 0123.456.789", name="Alpha")
    other = make_organisation(registration="0123456789", name="Beta")
    make_organisation(registration="77")

    assert merges.find() == 1
    assert merges.find() == 0
    [found] = session.scalars(likenesses(LikenessStatus.OPEN))
    assert (found.one, found.other, found.reasons) == (one, other, ["number", "town"])


def test_more_pairs_are_noted_than_one_statement_holds(session: Db) -> None:
    make_organisation(name="Alpha")
    another = "jsonb_populate_record(one, jsonb_build_object('id', one.id + n, 'registration', 'R' || n))"
    many = f"INSERT INTO organisation SELECT ({another}).* FROM organisation AS one, generate_series(1, 149) AS n"
    session.execute(text(many))

    assert merges.find() == 150 * 149 / 2


def test_the_night_finds_them_too(session: Db) -> None:
    make_organisation(registration="1", name="Alpha")
    make_organisation(registration="2", name="Alpha BV")

    tasks.find_likenesses.func(timestamp=0)

    assert session.scalar(select(func.count(Likeness.id))) == 1


def test_who_is_told_apart_is_not_found_again(session: Db) -> None:
    likeness = make_likeness()

    merges.tell_apart(likeness, actor=make_user(Role.SUPPORT_OFFICER))

    assert merges.find() == 0
    assert session.scalars(likenesses(LikenessStatus.OPEN)).all() == []
    assert session.scalars(select(Entry).where(Entry.verb == "organisation.told-apart")).one()


def test_all_that_hangs_on_the_one_comes_to_the_other(session: Db) -> None:
    likeness = make_likeness()
    one, other = likeness.one, likeness.other
    member = members_of(other)[0].user
    make_application(organisation=one)
    application, offer = make_application(organisation=other), make_offer(organisation=other)
    hosted = make_ended_exchange(host=other, visitor=make_organisation(**PORTO))
    shown = merges.preview(one, other)

    merged(likeness)

    assert shown.moved["applications"] == [application.reference]
    assert set(shown.moved["offers"]) >= {offer.reference}
    assert shown.moved["hosted"] == [hosted.reference]
    assert shown.members == [member.name or member.email]
    session.expire_all()
    assert (of(session, Application, other), of(session, Offer, other)) == (0, 0)
    assert (application.organisation, offer.organisation, hosted.host_organisation) == (one, one, one)
    assert own_organisation(member) is one
    assert other not in session.scalars(organisations_seen_by(make_user(Role.SUPPORT_OFFICER))).all()


def test_a_merge_is_undone_to_the_last_row(session: Db) -> None:
    likeness = make_likeness()
    one, other = likeness.one, likeness.other
    mine, theirs = make_application(organisation=one), make_application(organisation=other)
    done = merged(likeness)

    merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))

    session.expire_all()
    assert (mine.organisation, theirs.organisation) == (one, other)
    assert (len(members_of(one)), len(members_of(other))) == (1, 1)
    assert (other.merged_into_id, likeness.status) == (None, LikenessStatus.OPEN)
    verbs = list(session.scalars(select(Entry.verb).where(Entry.verb.like("organisation.merge%"))))
    assert verbs == ["organisation.merged", "organisation.merge-undone"]


def test_what_came_after_the_merge_stays_when_it_is_undone(session: Db) -> None:
    likeness = make_likeness()
    done = merged(likeness)
    later = make_application(organisation=likeness.one)

    merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))

    session.expire_all()
    assert later.organisation is likeness.one


def test_a_merge_is_undone_once(session: Db) -> None:
    done = merged(make_likeness())
    merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))

    with pytest.raises(RuleBroken, match="merge-undone"):
        merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))


def test_who_is_a_member_of_both_stays_a_member_once(session: Db) -> None:
    user = make_user()
    likeness = make_likeness(member=user)

    merged(likeness)

    assert [member.user for member in members_of(likeness.one)] == [user]
    assert own_organisation(user) is likeness.one


def test_two_applications_under_way_in_one_call_cannot_be_one(session: Db) -> None:
    likeness, call = make_likeness(), make_call()
    for organisation in (likeness.one, likeness.other):
        make_application(organisation=organisation, call=call)

    with pytest.raises(RuleBroken, match="both-live"):
        merged(likeness)

    assert merges.preview(likeness.one, likeness.other).refusals == ["both-live"]
    assert of(session, Application, likeness.other) == 1


def test_an_organisation_visits_once_also_by_merging(session: Db) -> None:
    likeness = make_likeness()
    for organisation in (likeness.one, likeness.other):
        make_ended_exchange(visitor=organisation)

    with pytest.raises(RuleBroken, match="both-visited"):
        merged(likeness)

    visitors = select(func.count(Exchange.visiting_organisation_id.distinct()))
    assert session.scalar(visitors) == 2


def test_one_visit_may_come_along(session: Db) -> None:
    likeness = make_likeness()
    exchange = make_ended_exchange(visitor=likeness.other)

    merged(likeness)

    session.expire_all()
    assert exchange.visiting_organisation is likeness.one


def test_the_database_refuses_a_second_visit_that_nobody_looked_for(
    session: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    likeness = make_likeness()
    for organisation in (likeness.one, likeness.other):
        make_ended_exchange(visitor=organisation)
    monkeypatch.setattr(merges, "_refusals", lambda *_both: [])

    with pytest.raises(RuleBroken, match="merge-clash"):
        merged(likeness)


def test_what_is_merged_is_not_merged_again(session: Db) -> None:
    one, two, three = (make_organisation(registration=f"{n}00", name="Alpha") for n in (1, 2, 3))
    merges.find()
    pairs = {(found.one, found.other): found for found in session.scalars(likenesses(LikenessStatus.OPEN))}
    merged(pairs[one, two])

    with pytest.raises(RuleBroken, match="merged-already"):
        merged(pairs[two, three])

    assert session.scalars(likenesses(LikenessStatus.OPEN)).all() == [pairs[one, three]]


def test_merges_are_undone_from_the_last(session: Db) -> None:
    one, two, three = (make_organisation(registration=f"{n}00", name="Alpha") for n in (1, 2, 3))
    merges.find()
    pairs = {(found.one, found.other): found for found in session.scalars(likenesses(LikenessStatus.OPEN))}
    actor = make_user(Role.SUPPORT_OFFICER)
    first = merges.merge(pairs[two, three], two, actor=actor)
    merges.merge(pairs[one, two], one, actor=actor)

    with pytest.raises(RuleBroken, match="merged-since"):
        merges.undo(first, actor=actor)

    assert three.survivor is one


def test_what_a_visit_was_agreed_on_since_does_not_go_back(session: Db) -> None:
    likeness, call = make_likeness(), make_market(visitors=0, hosts=1)
    application = make_visitor(call, organisation=likeness.other)
    done = merged(likeness)
    session.flush()
    session.expire_all()
    [proposal] = publish(make_solved_run(make_frozen_round(call)), actor=None)

    with pytest.raises(RuleBroken, match="built-upon"), session.begin_nested():
        merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))
    for side in Side:
        exchange = accept(proposal, side, actor=None)
    with pytest.raises(RuleBroken, match="built-upon"), session.begin_nested():
        merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))

    session.expire_all()
    assert exchange is not None
    assert application.organisation is exchange.visiting_organisation is likeness.one
    assert done.undone_at is None


def test_whoever_read_an_application_before_the_merge_agrees_no_visit_on_it(session: Db) -> None:
    likeness = make_likeness()
    read = make_application(organisation=likeness.other, status=ApplicationStatus.ACCEPTED)

    merged(likeness)

    with pytest.raises(RuleBroken, match="stale"):
        mark_matched(read, actor=None)


@pytest.mark.parametrize("leaving", ["one", "other"])
def test_a_merge_is_undone_only_if_somebody_acts_for_both(session: Db, leaving: str) -> None:
    likeness = make_likeness()
    people = {side: members_of(getattr(likeness, side))[0] for side in ("one", "other")}
    person = people[leaving].user
    done = merged(likeness)
    session.expire_all()
    colleagues.remove(
        people[leaving], actor=next(one.user for one in people.values() if one.user is not person)
    )

    with pytest.raises(RuleBroken, match="nobody-left"), session.begin_nested():
        merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))

    join(likeness.one, person, actor=None)
    session.flush()
    merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))
    session.expire_all()
    assert person in [member.user for member in members_of(getattr(likeness, leaving))]


def test_an_entry_that_had_nobody_has_nobody_again(session: Db) -> None:
    imported, registered = make_organisation(name="Beta"), make_organisation(name="Beta", member=make_user())
    merges.find()
    done = merged(session.scalars(select(Likeness)).one())
    session.expire_all()
    assert len(members_of(imported)) == 1

    merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))

    session.expire_all()
    assert (len(members_of(imported)), len(members_of(registered))) == (0, 1)


def test_the_database_keeps_somebody_who_acts_when_people_move(session: Db) -> None:
    likeness = make_likeness()

    with pytest.raises(DBAPIError, match="somebody acts for an organisation"), session.begin_nested():
        session.execute(
            text("UPDATE organisation_member SET organisation_id = :one WHERE organisation_id = :other"),
            {"one": likeness.one_id, "other": likeness.other_id},
        )


def test_who_looked_at_the_one_and_acted_for_the_other_acts_for_both(session: Db) -> None:
    likeness = make_likeness()
    person = members_of(likeness.other)[0].user
    looking = join(likeness.one, person, actor=None, right=MemberRight.VIEW)
    session.flush()
    shown = merges.preview(likeness.one, likeness.other)

    done = merged(likeness)

    session.expire_all()
    assert (shown.members, looking.right) == ([person.name or person.email], MemberRight.EDIT)
    merges.undo(done, actor=make_user(Role.SUPPORT_OFFICER))
    session.expire_all()
    assert looking.right == MemberRight.VIEW
    assert members_of(likeness.other)[0].right == MemberRight.EDIT


def test_money_goes_to_another_account_only_if_somebody_looked_and_all_are_told(session: Db) -> None:
    likeness = make_likeness()
    change_account(likeness.one, AccountDraft("Mallory", "DE89370400440532013000", ""), actor=None)
    people = {members_of(one)[0].user.email for one in (likeness.one, likeness.other)}
    session.execute(delete(Letter))

    with pytest.raises(RuleBroken, match="account-unchecked"), session.begin_nested():
        merged(likeness)
    officer = make_user(Role.SUPPORT_OFFICER)
    done = merges.merge(likeness, likeness.one, actor=officer, is_account_checked=True)

    told = session.scalars(select(Letter)).all()
    assert {letter.to_email for letter in told} == people
    assert all("BE•• •••• 7034" in letter.body and "DE•• •••• 3000" in letter.body for letter in told)
    merges.undo(done, actor=officer)
    assert session.scalar(select(func.count(Letter.id))) == 2 * len(people)


def test_an_account_is_not_lost_without_a_word(session: Db) -> None:
    likeness = make_likeness()
    likeness.one.iban = None
    session.flush()

    with pytest.raises(RuleBroken, match="account-unchecked"):
        merged(likeness)


def test_whoever_begins_for_an_entry_that_was_merged_meanwhile_is_told(session: Db) -> None:
    likeness = make_likeness()
    call, gone, actor = make_call(), likeness.other, members_of(likeness.other)[0].user
    merged(likeness)
    content = ApplicationDraft("Ada", "ada@alpha.example", windows=(), min_days=3, max_days=5)

    with pytest.raises(RuleBroken, match="merged-away"):
        draft(call, gone, content, actor=actor)
    with pytest.raises(RuleBroken, match="merged-away"):
        begin(call, gone, content_of(make_offer()), actor=actor)


def test_nothing_is_handed_in_for_an_organisation_that_is_gone(session: Db) -> None:
    likeness = make_likeness()
    application = make_application(organisation=likeness.one)
    merged(likeness)

    with (
        pytest.raises(DBAPIError, match="another entry stands for this organisation"),
        session.begin_nested(),
    ):
        session.execute(
            text("UPDATE application SET organisation_id = :gone WHERE id = :id"),
            {"gone": likeness.other_id, "id": application.id},
        )
