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
from sqlalchemy.orm import joinedload

from mobility.accounts.models import User
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.organisations.enums import LIKENESS, LikenessStatus
from mobility.organisations.likeness import Entered, alike
from mobility.organisations.models import Likeness, Merge, Organisation, OrganisationMember

# Rooms above this one, so only their tables are named.
APPLICATION = table(
    "application",
    column("id"),
    column("reference"),
    column("organisation_id"),
    column("call_id"),
    column("status"),
)
OFFER = table("offer", column("id"), column("reference"), column("organisation_id"))
EXCHANGE = table(
    "exchange",
    column("id"),
    column("reference"),
    column("visiting_organisation_id"),
    column("host_organisation_id"),
    column("status"),
)
PAIR = table("agreed_pair", column("id"), column("reference"), column("organisation_id"), column("status"))
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
        }
        for one, other, found in alike(entered)
    ]
    if not rows:
        return 0
    noted = insert(Likeness).values([row | {"version": 1} for row in rows]).on_conflict_do_nothing()
    return len(db.session.scalars(noted.returning(Likeness.id)).all())


def tell_apart(likeness: Likeness, *, actor: Actor) -> None:
    """Remember that two organisations are two. Raises `RuleBroken`: "wrong-state", "stale"."""
    LIKENESS.move(likeness, to=LikenessStatus.DIFFERENT, decided_by_id=actor.id, decided_at=clock.utcnow())
    record("organisation.told-apart", likeness.one, actor=actor, other=likeness.other.name)


def preview(survivor: Organisation, merged: Organisation) -> Preview:
    """What would come to the survivor, and what stands against it."""
    people = [member.user.name or member.user.email for member in _joining(survivor, merged)]
    return Preview(_references(merged), people, _refusals(survivor, merged))


def merge(likeness: Likeness, survivor: Organisation, *, actor: User) -> Merge:
    """Let one of the two stand for both: all that hangs on the other moves to it, in this transaction.

    Raises `RuleBroken`: "merged-already", "wrong-state", "stale", and what stands against it: "both-live",
    "both-visited", "visited-each-other".
    """
    merged = likeness.other if survivor is likeness.one else likeness.one
    _lock(survivor, merged)
    if survivor.merged_into_id or merged.merged_into_id:
        raise RuleBroken("merged-already")
    for code in _refusals(survivor, merged):
        raise RuleBroken(code)
    LIKENESS.move(likeness, to=LikenessStatus.MERGED, decided_by_id=actor.id, decided_at=clock.utcnow())
    moved = _move_all(survivor, merged)
    merged.merged_into_id = survivor.id
    done = Merge(
        likeness=likeness,
        survivor=survivor,
        merged=merged,
        moved=moved,
        merged_by=actor,
        merged_at=clock.utcnow(),
    )
    db.session.add(done)
    counts = {name: len(ids) for name, ids in moved.items() if ids}
    record("organisation.merged", survivor, actor=actor, other=merged.name, moved=_counted(counts))
    return done


def undo(done: Merge, *, actor: Actor) -> None:
    """Give back what a merge moved; what came after it stays with the survivor.

    Raises `RuleBroken`: "merge-undone", and "merged-since" when the survivor was merged itself meanwhile.
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
    merged.merged_into_id = None
    db.session.flush()
    for name, ids in done.moved.items():
        _give(name, ids, back_to=merged, by=survivor)
    LIKENESS.move(done.likeness, to=LikenessStatus.OPEN, decided_by_id=None, decided_at=None)
    record("organisation.merge-undone", survivor, actor=actor, other=merged.name)


def _lock(*organisations: Organisation) -> None:
    # Always in one order: two who merge the same organisations wait for each other and not both.
    db.session.flush()
    ids = [organisation.id for organisation in organisations]
    held = select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id).with_for_update()
    db.session.scalars(held.execution_options(populate_existing=True)).all()


def _move_all(survivor: Organisation, merged: Organisation) -> dict[str, list[int]]:
    try:
        with db.session.begin_nested():
            moved = {name: _moved(of, field, merged.id, survivor.id) for name, (of, field) in MOVED.items()}
    except IntegrityError:
        # One visit in the scheme, one live application in a call: the database counts after us.
        raise RuleBroken("merge-clash") from None
    joining = [member.id for member in _joining(survivor, merged)]
    mine = update(OrganisationMember).where(OrganisationMember.id.in_(joining))
    db.session.execute(mine.values(organisation_id=survivor.id))
    return moved | {"members": joining}


def _moved(of: TableClause, field: str, source: int, target: int) -> list[int]:
    moving = update(of).where(of.c[field] == source).values({field: target}).returning(of.c.id)
    return list(db.session.scalars(moving))


def _give(name: str, ids: list[int], *, back_to: Organisation, by: Organisation) -> None:
    if name == "members":
        mine = update(OrganisationMember).where(OrganisationMember.id.in_(ids))
        db.session.execute(mine.values(organisation_id=back_to.id))
        return
    of, field = MOVED[name]
    theirs = (of.c.id.in_(ids), of.c[field] == by.id)
    db.session.execute(update(of).where(*theirs).values({field: back_to.id}))


def _joining(survivor: Organisation, merged: Organisation) -> list[OrganisationMember]:
    """Members of the one who are not members of the other already."""
    known = select(OrganisationMember.user_id).where(OrganisationMember.organisation_id == survivor.id)
    joining = select(OrganisationMember).where(
        OrganisationMember.organisation_id == merged.id, OrganisationMember.user_id.not_in(known)
    )
    joining = joining.options(joinedload(OrganisationMember.user))
    return list(db.session.scalars(joining.order_by(OrganisationMember.id)))


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
