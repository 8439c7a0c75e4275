"""Reading organisations, scoped by who asks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, column, func, or_, select, table, tuple_
from sqlalchemy.orm import contains_eager, joinedload

from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.access import Permission, Scope, within
from mobility.core.crypto import token_hash
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.organisations.enums import AskStatus, LikenessStatus, MemberRight, OrganisationType
from mobility.organisations.models import (
    ClusterQuestion,
    ColleagueInvitation,
    Likeness,
    Merge,
    Organisation,
    OrganisationMember,
)
from mobility.taxonomies.folding import fold

# Rooms above this one, so only their tables are named: what an organisation handed in, and to which partnership.
HANDED_IN = tuple(
    table(name, column("organisation_id"), column("partnership_id"), column("call_id"))
    for name in ("application", "offer")
)
NAMED = table("application", column("organisation_id"), column("person_name"), column("person_email"))
# No other entry stands for it.
IS_SINGLE = Organisation.merged_into_id.is_(None)


@dataclass(frozen=True)
class Person:
    """Somebody who acts for an organisation; without a key who is only named in its papers."""

    id: int | None
    name: str
    email: str


def _named(person: Any) -> Any:
    """Load who somebody is, without what they may do."""
    return joinedload(person).lazyload(User.grants)


def is_acted_for(user: User, organisation_id: Any) -> ColumnElement[bool]:
    """Whether a column names an organisation that the person may act for."""
    return _is_of(user, organisation_id, OrganisationMember.right == MemberRight.EDIT)


def is_seen_for(user: User, organisation_id: Any) -> ColumnElement[bool]:
    """Whether a column names an organisation that the person is a member of, if only to look."""
    return _is_of(user, organisation_id)


def _is_of(user: User, organisation_id: Any, *rights: ColumnElement[bool]) -> ColumnElement[bool]:
    mine = OrganisationMember.user_id == user.id
    theirs = select(OrganisationMember.organisation_id).join(OrganisationMember.organisation)
    theirs = theirs.where(mine, IS_SINGLE, *rights)
    # An array is looked up by an index beside other conditions, too; a subquery walks through the table.
    return organisation_id == any_(func.array(theirs.scalar_subquery()))


def own_organisation(user: User) -> Organisation | None:
    """The organisation that a person acts for; the first one of several, and only then one to look at."""
    member = next(iter(own_memberships(user)), None)
    return member.organisation if member else None


def own_memberships(user: User) -> list[OrganisationMember]:
    """In which organisations the person acts, and after these where they may only look."""
    own = select(OrganisationMember).join(OrganisationMember.organisation)
    own = own.where(OrganisationMember.user_id == user.id, IS_SINGLE)
    own = own.options(contains_eager(OrganisationMember.organisation))
    first = (OrganisationMember.right == MemberRight.VIEW, OrganisationMember.id)
    return list(db.session.scalars(own.order_by(*first)))


def members_of(organisation: Organisation) -> list[OrganisationMember]:
    """Who may act for an organisation or look, in the order they came."""
    members = select(OrganisationMember).where(OrganisationMember.organisation_id == organisation.id)
    both = (_named(OrganisationMember.user), _named(OrganisationMember.added_by))
    return list(db.session.scalars(members.options(*both).order_by(OrganisationMember.id)))


def member_of(organisation: Organisation, member_id: int) -> OrganisationMember:
    """One member of an organisation. Raises `NotFound`."""
    found = next((one for one in members_of(organisation) if one.id == member_id), None)
    if found is None:
        raise NotFound
    return found


def invitations_of(organisation: Organisation) -> list[ColleagueInvitation]:
    """Who is invited and has not come yet, the newest first."""
    waiting = (
        ColleagueInvitation.organisation_id.in_(_entries(organisation)),
        ColleagueInvitation.status == AskStatus.WAITING,
    )
    found = select(ColleagueInvitation).where(*waiting).options(_named(ColleagueInvitation.invited_by))
    return list(db.session.scalars(found.order_by(ColleagueInvitation.id.desc())))


def invitation_behind(token: str) -> ColleagueInvitation | None:
    """The invitation a link belongs to, while the link is valid; after it was taken, too."""
    found = select(ColleagueInvitation).where(
        ColleagueInvitation.token_sha256 == token_hash(token),
        ColleagueInvitation.status != AskStatus.LAPSED,
        ColleagueInvitation.expires_at > clock.utcnow(),
    )
    both = (joinedload(ColleagueInvitation.organisation), _named(ColleagueInvitation.invited_by))
    return db.session.scalar(found.options(*both))


def organisations_seen_by(user: User) -> Select[Organisation]:
    """All for staff of the whole scheme; else one's own and those with a part in the partnerships one may read."""
    organisations = select(Organisation).where(IS_SINGLE)
    scopes = user.scopes(Permission.ORGANISATIONS_READ)
    if Scope() in scopes:
        return organisations
    own = is_acted_for(user, Organisation.id)
    return organisations.where(or_(own, _has_part_in(scopes)))


def _has_part_in(scopes: frozenset[Scope]) -> ColumnElement[bool]:
    """Forming one of the partnerships of these scopes, or with an application or offer within them."""
    handed_in = (
        select(paper.c.organisation_id)
        .where(
            paper.c.organisation_id == Organisation.id,
            within(scopes, paper.c.partnership_id, paper.c.call_id),
        )
        # Looked up row by row: a page needs 25 rows, not the table of all who handed something in.
        .offset(0)
        .exists()
        for paper in HANDED_IN
    )
    partnerships = {scope.partnership_id for scope in scopes} - {None}
    return or_(Organisation.partnership_id.in_(partnerships), *handed_in)


def people_of(organisation: Organisation) -> list[Person]:
    """Its members, and whom its applications name under another address; each address once."""
    members = select(User).join(OrganisationMember, OrganisationMember.user_id == User.id)
    members = members.where(OrganisationMember.organisation_id == organisation.id).order_by(User.id)
    people = {
        user.email.lower(): Person(user.id, user.name or user.email, user.email)
        for user in db.session.scalars(members)
    }
    named = select(func.max(NAMED.c.person_name), NAMED.c.person_email).where(
        NAMED.c.organisation_id == organisation.id, NAMED.c.person_email != ""
    )
    for name, email in db.session.execute(named.group_by(NAMED.c.person_email)):
        people.setdefault(email.lower(), Person(None, name or email, email))
    return list(people.values())


def organisation_to_correct(organisation_id: int) -> Organisation:
    """The entry of that key, unless another stands for it. Raises `NotFound`."""
    found = db.session.scalar(select(Organisation).where(Organisation.id == organisation_id, IS_SINGLE))
    if found is None:
        raise NotFound
    return found


def organisations_registered(keys: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], Organisation]:
    """The organisations of these countries and registration numbers, by both."""
    same = tuple_(Organisation.country, Organisation.registration).in_(keys)
    named = (joinedload(Organisation.partnership), joinedload(Organisation.merged_into))
    found = select(Organisation).where(same).options(*named)
    return {(one.country, one.registration): one for one in db.session.scalars(found)}


def with_members(organisation_ids: Collection[int]) -> set[int]:
    """Those of the organisations for which somebody acts or looks."""
    members = select(OrganisationMember.organisation_id)
    return set(db.session.scalars(members.where(OrganisationMember.organisation_id.in_(organisation_ids))))


def _entries(organisation: Organisation) -> Select[int]:
    """The organisation and what is merged into it: letters sent for an entry outlive its merge."""
    return select(Organisation.id).where(
        or_(Organisation.id == organisation.id, Organisation.merged_into_id == organisation.id)
    )


def waiting_question(organisation: Organisation) -> ClusterQuestion | None:
    """The question that the organisation's cluster has not answered yet."""
    waiting = (
        ClusterQuestion.organisation_id.in_(_entries(organisation)),
        ClusterQuestion.status == AskStatus.WAITING,
    )
    return db.session.scalar(
        select(ClusterQuestion).where(*waiting).order_by(ClusterQuestion.id.desc()).limit(1)
    )


def questions_about(organisation: Organisation) -> list[ClusterQuestion]:
    """What was asked about an organisation's membership, the newest first."""
    asked = select(ClusterQuestion).where(ClusterQuestion.organisation_id.in_(_entries(organisation)))
    asked = asked.options(_named(ClusterQuestion.asked_by))
    return list(db.session.scalars(asked.order_by(ClusterQuestion.id.desc())))


def question_behind(token: str) -> ClusterQuestion | None:
    """The question a link belongs to, while the link is valid; after an answer, too."""
    found = select(ClusterQuestion).where(
        ClusterQuestion.token_sha256 == token_hash(token),
        ClusterQuestion.status != AskStatus.LAPSED,
        ClusterQuestion.expires_at > clock.utcnow(),
    )
    both = (joinedload(ClusterQuestion.organisation), _named(ClusterQuestion.asked_by))
    return db.session.scalar(found.options(*both))


def is_known_address(question: ClusterQuestion) -> bool:
    """Whether the letter went to somebody who acts for that cluster, and the cluster forms a partnership."""
    acts = select(OrganisationMember.id).join(OrganisationMember.organisation).join(OrganisationMember.user)
    acts = acts.where(
        IS_SINGLE,
        Organisation.type == OrganisationType.CLUSTER,
        # Given by the support office: anybody can register an organisation under any name.
        Organisation.partnership_id.is_not(None),
        Organisation.name_folded == fold(question.cluster_name),
        OrganisationMember.right == MemberRight.EDIT,
        func.lower(User.email) == question.to_email.lower(),
    )
    return bool(db.session.scalar(select(acts.exists())))


def answer_seen_by(user: User, question_id: int) -> ClusterQuestion:
    """What a cluster said of an organisation that the person may read. Raises `NotFound`."""
    theirs = organisations_seen_by(user).with_only_columns(Organisation.id)
    found = select(ClusterQuestion).where(
        ClusterQuestion.id == question_id,
        ClusterQuestion.status.in_([AskStatus.CONFIRMED, AskStatus.REFUSED]),
        or_(Organisation.id.in_(theirs), Organisation.merged_into_id.in_(theirs)),
    )
    found = found.join(ClusterQuestion.organisation)
    both = (contains_eager(ClusterQuestion.organisation), _named(ClusterQuestion.asked_by))
    answer = db.session.scalar(found.options(*both)) if question_id < 2**63 else None
    if answer is None:
        raise NotFound
    return answer


def questions_to_remind(before: datetime) -> list[int]:
    """Ids of questions asked before an instant that still wait and have had no reminder."""
    waiting = select(ClusterQuestion.id).where(
        ClusterQuestion.status == AskStatus.WAITING,
        ClusterQuestion.reminded_at.is_(None),
        ClusterQuestion.asked_at <= before,
        ClusterQuestion.expires_at > clock.utcnow(),
    )
    return list(db.session.scalars(waiting.order_by(ClusterQuestion.id)))


def questions_over() -> list[int]:
    """Ids of questions whose link has ended without an answer."""
    over = (ClusterQuestion.status == AskStatus.WAITING, ClusterQuestion.expires_at <= clock.utcnow())
    return list(db.session.scalars(select(ClusterQuestion.id).where(*over).order_by(ClusterQuestion.id)))


def likenesses(status: LikenessStatus) -> Select[Likeness]:
    """Pairs of entries that may be one organisation, both of them single unless they are merged."""
    both = (joinedload(Likeness.one), joinedload(Likeness.other))
    found = select(Likeness).where(Likeness.status == status).options(*both)
    if status is LikenessStatus.MERGED:
        return found
    is_merged = select(Organisation.id).where(
        Organisation.id.in_([Likeness.one_id, Likeness.other_id]), Organisation.merged_into_id.is_not(None)
    )
    return found.where(~is_merged.exists())


def likeness(likeness_id: int) -> Likeness:
    """One such pair. Raises `NotFound`."""
    both = (joinedload(Likeness.one), joinedload(Likeness.other))
    found = db.session.get(Likeness, likeness_id, options=both) if likeness_id < 2**63 else None
    if found is None:
        raise NotFound
    return found


def merge_of(likeness: Likeness) -> Merge | None:
    """How a pair was merged, unless that is undone."""
    live = select(Merge).where(Merge.likeness_id == likeness.id, Merge.undone_at.is_(None))
    return db.session.scalar(live.options(_named(Merge.merged_by)))
