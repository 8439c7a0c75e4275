"""Two entries of one organisation: found, told apart, or merged into one, which can be undone."""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    TableClause,
    and_,
    column,
    func,
    literal,
    or_,
    select,
    table,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from mobility.accounts.models import User
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.together import lock
from mobility.mail.services import write
from mobility.organisations import letters, queries, services
from mobility.organisations.enums import LIKENESS, LikenessStatus, MemberRight
from mobility.organisations.likeness import Entered, alike
from mobility.organisations.models import Likeness, Merge, Organisation, OrganisationMember
from mobility.organisations.queries import Person

# Rooms above this one, so only their tables are named.
APPLICATION = table(
    "application",
    column("id"),
    column("reference"),
    column("organisation_id"),
    column("call_id"),
    column("status"),
    column("version"),
)
OFFER = table("offer", column("id"), column("reference"), column("organisation_id"), column("version"))
EXCHANGE = table(
    "exchange",
    column("id"),
    column("reference"),
    column("application_id"),
    column("offer_id"),
    column("visiting_organisation_id"),
    column("host_organisation_id"),
    column("status"),
    column("version"),
)
PAIR = table(
    "agreed_pair",
    column("id"),
    column("reference"),
    column("application_id"),
    column("organisation_id"),
    column("status"),
    column("version"),
)
PROPOSAL = table(
    "proposal", column("application_id"), column("offer_id"), column("status"), column("made_at")
)
# What hangs on an organisation, by the name under which a merge notes what it moved.
MOVED: dict[str, tuple[TableClause, str]] = {
    "applications": (APPLICATION, "organisation_id"),
    "offers": (OFFER, "organisation_id"),
    "visits": (EXCHANGE, "visiting_organisation_id"),
    "hosted": (EXCHANGE, "host_organisation_id"),
    "pairs": (PAIR, "organisation_id"),
}
GONE = ("withdrawn", "rejected")


@dataclass(frozen=True)
class Preview:
    """What merging would move, by reference and by name, and what stands against it."""

    moved: dict[str, list[str]]
    members: list[str]
    refusals: list[str]
    # Lump sums of the one go to the account of the other from then on.
    has_other_account: bool


def find() -> int:
    """Note every pair of organisations that something speaks for and that nobody has looked at; how many are new."""
    shown = (
        Organisation.id,
        Organisation.country,
        Organisation.registration,
        Organisation.name_folded,
        Organisation.town,
        Organisation.website,
    )
    single = select(*shown).where(Organisation.merged_into_id.is_(None))
    entered = [Entered(*row) for row in db.session.execute(single)]
    now = clock.utcnow()
    rows = [
        {
            "one_id": one.id,
            "other_id": other.id,
            "reasons": found,
            "found_at": now,
            "status": LikenessStatus.OPEN,
            "version": 1,
        }
        for one, other, found in alike(entered)
    ]
    if not rows:
        return 0
    # Given beside the statement, so that rows go in parts: one statement holds 65,535 values.
    noted = insert(Likeness).on_conflict_do_nothing().returning(Likeness.id)
    return len(db.session.scalars(noted, rows).all())


def tell_apart(likeness: Likeness, *, actor: Actor) -> None:
    """Remember that two organisations are two. Raises `RuleBroken`: "wrong-state", "stale"."""
    LIKENESS.move(likeness, to=LikenessStatus.DIFFERENT, decided_by_id=actor.id, decided_at=clock.utcnow())
    record("organisation.told-apart", likeness.one, actor=actor, other=likeness.other.name)


def preview(survivor: Organisation, merged: Organisation) -> Preview:
    """What would come to the survivor, and what stands against it."""
    people = _coming(survivor, merged)
    return Preview(
        _references(merged),
        _names(people.joining + people.raised),
        _refusals(survivor, merged),
        _has_other_account(survivor, merged),
    )


def merge(
    likeness: Likeness, survivor: Organisation, *, actor: User, is_account_checked: bool = False
) -> Merge:
    """Let one of the two stand for both: all that hangs on the other moves to it, in this transaction.

    Where lump sums go to another account by it, somebody has checked that one, and the people of both are told.
    Raises `RuleBroken`: "merged-already", "wrong-state", "stale", "account-unchecked", and what stands against it:
    "both-live", "both-visited", "visited-each-other".
    """
    merged = likeness.other if survivor is likeness.one else likeness.one
    _lock(survivor, merged)
    if survivor.merged_into_id or merged.merged_into_id:
        raise RuleBroken("merged-already")
    for code in _refusals(survivor, merged):
        raise RuleBroken(code)
    if _has_other_account(survivor, merged) and not is_account_checked:
        raise RuleBroken("account-unchecked")
    LIKENESS.move(likeness, to=LikenessStatus.MERGED, decided_by_id=actor.id, decided_at=clock.utcnow())
    # From here on nobody needs to act for the one that is merged: all its people may go.
    merged.merged_into_id = survivor.id
    moved = _move_all(survivor, merged)
    done = Merge(
        likeness=likeness,
        survivor=survivor,
        merged=merged,
        moved=moved,
        merged_by=actor,
        merged_at=clock.utcnow(),
    )
    db.session.add(done)
    counts = {name: len(ids) for name, ids in moved.items() if ids and name != "acting"}
    record("organisation.merged", survivor, actor=actor, other=merged.name, moved=_counted(counts))
    if _has_other_account(survivor, merged):
        _tell(merged, merged, survivor, queries.people_of(survivor))
    return done


def undo(done: Merge, *, actor: Actor) -> None:
    """Give back what a merge moved; what came after it stays with the survivor.

    Raises `RuleBroken`: "merge-undone", "merged-since" when the survivor was merged itself meanwhile, "nobody-left"
    when nobody would act for one of the two, and "built-upon" when what would go back has become part of a visit.
    """
    survivor, merged = done.survivor, done.merged
    _lock(survivor, merged)
    if survivor.merged_into_id is not None:
        raise RuleBroken("merged-since")
    now = clock.utcnow()
    first = update(Merge).where(Merge.id == done.id, Merge.undone_at.is_(None))
    first = first.values(undone_at=now, undone_by_id=actor.id).returning(Merge.id)
    if db.session.scalar(first) is None:
        raise RuleBroken("merge-undone")
    _refuse_nobody(done)
    merged.merged_into_id = None
    db.session.flush()
    for name, (of, field) in MOVED.items():
        _give(of, field, done.moved[name], back_to=merged, by=survivor)
    _give_people(done)
    # After giving back: whoever agreed a visit at the same moment is through by now, and seen.
    _refuse_built_upon(done)
    LIKENESS.move(done.likeness, to=LikenessStatus.OPEN, decided_by_id=None, decided_at=None)
    record("organisation.merge-undone", survivor, actor=actor, other=merged.name)
    if _has_other_account(survivor, merged):
        _tell(merged, survivor, merged, [*queries.people_of(survivor), *queries.people_of(merged)])


def _lock(*organisations: Organisation) -> None:
    # Always in one order: two who merge the same organisations wait for each other and not both.
    for organisation in sorted(organisations, key=lambda one: one.id):
        lock(organisation, with_key=True)


def _move_all(survivor: Organisation, merged: Organisation) -> dict[str, list[int]]:
    db.session.flush()
    try:
        with db.session.begin_nested():
            moved = {name: _moved(of, field, merged.id, survivor.id) for name, (of, field) in MOVED.items()}
    except IntegrityError:
        # One visit in the scheme, one live application in a call: the database counts after us.
        raise RuleBroken("merge-clash") from None
    people = _coming(survivor, merged)
    _change_people(merged, people.joining, organisation_id=survivor.id)
    _change_people(survivor, people.raised, right=MemberRight.EDIT)
    return moved | {"people": people.joining, "raised": people.raised, "acting": people.acting}


def _moved(of: TableClause, field: str, source: int, target: int) -> list[int]:
    # The version moves, too: whoever read the record before goes on with nothing of the other organisation.
    moving = update(of).where(of.c[field] == source).values({field: target, "version": of.c.version + 1})
    return list(db.session.scalars(moving.returning(of.c.id)))


def _give(of: TableClause, field: str, ids: list[int], *, back_to: Organisation, by: Organisation) -> None:
    theirs = (of.c.id.in_(ids), of.c[field] == by.id)
    db.session.execute(update(of).where(*theirs).values({field: back_to.id, "version": of.c.version + 1}))


def _give_people(done: Merge) -> None:
    _change_people(done.survivor, done.moved["raised"], right=MemberRight.VIEW)
    _change_people(done.survivor, done.moved["people"], organisation_id=done.merged_id)


def _change_people(organisation: Organisation, user_ids: list[int], **changes: int | MemberRight) -> None:
    theirs = (
        OrganisationMember.organisation_id == organisation.id,
        OrganisationMember.user_id.in_(user_ids),
    )
    db.session.execute(update(OrganisationMember).where(*theirs).values(**changes))


@dataclass(frozen=True)
class _Coming:
    """Keys of people: who joins the survivor, who comes to act for it, and who acted before."""

    joining: list[int]
    raised: list[int]
    acting: list[int]


def _coming(survivor: Organisation, merged: Organisation) -> _Coming:
    ours, theirs = _rights(survivor), _rights(merged)
    joining = [user_id for user_id in theirs if user_id not in ours]
    raised = [user_id for user_id in _acting(theirs) if ours.get(user_id) is MemberRight.VIEW]
    return _Coming(joining, raised, _acting(ours))


def _rights(organisation: Organisation) -> dict[int, MemberRight]:
    members = select(OrganisationMember.user_id, OrganisationMember.right)
    members = members.where(OrganisationMember.organisation_id == organisation.id)
    return dict(db.session.execute(members.order_by(OrganisationMember.id)).all())


def _acting(rights: dict[int, MemberRight]) -> list[int]:
    return [user_id for user_id, right in rights.items() if right is MemberRight.EDIT]


def _names(user_ids: list[int]) -> list[str]:
    named = select(func.coalesce(func.nullif(User.name, ""), User.email)).where(User.id.in_(user_ids))
    return list(db.session.scalars(named.order_by(User.id)))


def _refuse_nobody(done: Merge) -> None:
    """Who acted for either when they were merged may have left since: somebody of each must have stayed or come."""
    going, lowered = set(done.moved["people"]), set(done.moved["raised"])
    now, own = set(_acting(_rights(done.survivor))), set(_acting(_rights(done.merged)))
    if done.moved["acting"] and not now - going - lowered:
        raise RuleBroken("nobody-left", organisation=done.survivor.registration)
    if going and not (now & going) | own:
        raise RuleBroken("nobody-left", organisation=done.merged.registration)


def _refuse_built_upon(done: Merge) -> None:
    """A visit agreed since was agreed by the survivor: its application or offer stays with who stands in its papers."""
    applications, offers = done.moved["applications"], done.moved["offers"]
    theirs = or_(PROPOSAL.c.application_id.in_(applications), PROPOSAL.c.offer_id.in_(offers))
    is_open = (PROPOSAL.c.status == "open", PROPOSAL.c.made_at >= done.merged_at)
    torn = (
        _torn(EXCHANGE, EXCHANGE.c.application_id.in_(applications), "visiting_organisation_id", done),
        _torn(EXCHANGE, EXCHANGE.c.offer_id.in_(offers), "host_organisation_id", done),
        _torn(PAIR, PAIR.c.application_id.in_(applications), "organisation_id", done),
        select(PROPOSAL.c.status).where(theirs, *is_open).exists(),
    )
    if db.session.scalar(select(or_(*torn))):
        raise RuleBroken("built-upon")


def _torn(
    of: TableClause, hangs_on_moved: ColumnElement[bool], field: str, done: Merge
) -> ColumnElement[bool]:
    return select(of.c.id).where(hangs_on_moved, of.c[field] == done.survivor_id).exists()


def _has_other_account(survivor: Organisation, merged: Organisation) -> bool:
    """Whether lump sums that went to the account of the one go elsewhere once the other stands for it."""
    return bool(merged.iban) and survivor.iban != merged.iban


def _tell(about: Organisation, before: Organisation, now: Organisation, people: list[Person]) -> None:
    accounts = (services.account_of(before), services.account_of(now))
    for draft in letters.account_changed(
        about, *accounts, {person.email: person for person in people}.values()
    ):
        write(draft)


def _references(merged: Organisation) -> dict[str, list[str]]:
    """What hangs on an organisation, by reference, in one statement."""
    each = [
        select(literal(name).label("name"), of.c.reference, of.c.id).where(of.c[field] == merged.id)
        for name, (of, field) in MOVED.items()
    ]
    found: dict[str, list[str]] = {name: [] for name in MOVED}
    every = union_all(*each).subquery()
    for name, reference in db.session.execute(select(every.c.name, every.c.reference).order_by(every.c.id)):
        found[name].append(reference)
    return found


def _refusals(survivor: Organisation, merged: Organisation) -> list[str]:
    both = (survivor.id, merged.id)
    live = select(APPLICATION.c.call_id).where(
        APPLICATION.c.organisation_id.in_(both), APPLICATION.c.status.not_in(GONE)
    )
    visiting, hosting = (
        EXCHANGE.c.visiting_organisation_id.in_(both),
        EXCHANGE.c.host_organisation_id.in_(both),
    )
    against = {
        "both-live": live.group_by(APPLICATION.c.call_id).having(func.count() > 1).exists(),
        "both-visited": and_(_has_visited(survivor.id), _has_visited(merged.id)),
        "visited-each-other": select(EXCHANGE.c.id).where(visiting, hosting).exists(),
    }
    holds = db.session.execute(select(*against.values())).one()
    return [code for code, is_so in zip(against, holds, strict=True) if is_so]


def _has_visited(organisation_id: int) -> ColumnElement[bool]:
    """Whether a visit is agreed, under way or over: the scheme gives one to each organisation."""
    exchange = (EXCHANGE.c.visiting_organisation_id == organisation_id, EXCHANGE.c.status != "cancelled")
    pair = (PAIR.c.organisation_id == organisation_id, PAIR.c.status == "validated")
    application = (APPLICATION.c.organisation_id == organisation_id, APPLICATION.c.status == "matched")
    of = ((EXCHANGE, exchange), (PAIR, pair), (APPLICATION, application))
    return or_(*(select(rows.c.id).where(*where).exists() for rows, where in of))


def _counted(counts: dict[str, int]) -> list[str]:
    return [f"{name}: {number}" for name, number in counts.items()]
