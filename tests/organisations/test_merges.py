"""Two entries become one, all at once, and two again."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.models import Application
from mobility.audit.models import Entry
from mobility.core.errors import RuleBroken
from mobility.exchanges.models import Exchange
from mobility.hosts.models import Offer
from mobility.organisations import merges, tasks
from mobility.organisations.enums import LikenessStatus
from mobility.organisations.models import Likeness, Merge, Organisation
from mobility.organisations.queries import likenesses, members_of, organisations_seen_by, own_organisation
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.exchanges import make_ended_exchange
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_likeness, make_organisation

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
