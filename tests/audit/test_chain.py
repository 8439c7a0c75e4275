"""The sealed log: whoever changes, deletes, exchanges, puts in between or cuts off is found (promise T81)."""

import random
from collections.abc import Callable

import pytest
from sqlalchemy import text

from mobility.audit import queries
from mobility.audit.chain import BEGINNING, digest
from mobility.audit.services import verify
from mobility.core.db import db
from tests.make.audit import make_chain, make_entries

ROUNDS = 20
TABLES = ("entry", "seal", "sealed_head")

pytestmark = pytest.mark.usefixtures("session")


def do(sql: str, **values: object) -> None:
    db.session.execute(text(sql), values)


def positions() -> list[int]:
    return list(db.session.scalars(text("SELECT position FROM seal ORDER BY position")))


def edit(chance: random.Random) -> None:
    change = chance.choice(
        [
            'UPDATE entry SET values = values || \'{"after": "x"}\' WHERE id = :id',
            "UPDATE entry SET actor_id = NULL WHERE id = :id",
            "UPDATE entry SET at = at + interval '1 second' WHERE id = :id",
            "UPDATE entry SET verb = verb || '!' WHERE id = :id",
            "UPDATE entry SET about_ref = about_ref || '0' WHERE id = :id",
            "UPDATE entry SET about_id = about_id + 1 WHERE id = :id",
            "UPDATE seal SET sealed_at = sealed_at - interval '1 day' WHERE entry_id = :id",
            "UPDATE seal SET sha256 = reverse(sha256) WHERE entry_id = :id",
            "UPDATE sealed_head SET sha256 = reverse(sha256)"
            " WHERE position = (SELECT min(position) FROM sealed_head)",
        ]
    )
    do(change, id=chance.choice(list(db.session.scalars(text("SELECT entry_id FROM seal")))))


def delete(chance: random.Random) -> None:
    at = chance.choice(positions()[:-1])
    entry = db.session.scalar(text("SELECT entry_id FROM seal WHERE position = :at"), {"at": at})
    if chance.random() < 0.5:
        do("DELETE FROM seal WHERE position = :at", at=at)
        # … and close the gap, as somebody would who knows how the chain counts.
        if chance.random() < 0.5:
            do("UPDATE seal SET position = -position WHERE position > :at", at=at)
            do("UPDATE seal SET position = -position - 1 WHERE position < 0")
    do("DELETE FROM entry WHERE id = :id", id=entry)


def swap(chance: random.Random) -> None:
    one, other = chance.sample(list(db.session.scalars(text("SELECT entry_id FROM seal"))), 2)
    ids = {"one": one, "other": other, "parked": -1}
    if chance.random() < 0.5:
        do("UPDATE entry SET id = :parked WHERE id = :one", **ids)
        do("UPDATE entry SET id = :one WHERE id = :other", **ids)
        do("UPDATE entry SET id = :other WHERE id = :parked", **ids)
    else:
        do("UPDATE seal SET entry_id = :parked WHERE entry_id = :one", **ids)
        do("UPDATE seal SET entry_id = :one WHERE entry_id = :other", **ids)
        do("UPDATE seal SET entry_id = :other WHERE entry_id = :parked", **ids)


def put_between(chance: random.Random) -> None:
    [forged] = make_entries(1)
    db.session.flush()
    at = chance.choice(positions()[1:])
    do("UPDATE seal SET position = -position WHERE position >= :at", at=at)
    do("UPDATE seal SET position = -position + 1 WHERE position < 0")
    do(
        "INSERT INTO seal SELECT :at, :entry, :sha256, sealed_at FROM seal WHERE position = :at - 1",
        at=at,
        entry=forged.id,
        sha256=f"{chance.getrandbits(256):064x}",
    )


def cut(chance: random.Random) -> None:
    left = chance.randrange(0, positions()[-1])
    do("CREATE TEMP TABLE lost ON COMMIT DROP AS SELECT entry_id FROM seal WHERE position > :left", left=left)
    do("DELETE FROM seal WHERE position > :left", left=left)
    if chance.random() < 0.5:
        do("DELETE FROM entry WHERE id IN (SELECT entry_id FROM lost)")


def forge_one(chance: random.Random) -> None:
    """Change an entry and give it a seal that fits, as somebody would who knows how seals are made."""
    reseal(chance.choice(positions()), 1)


def forge_the_rest(chance: random.Random) -> None:
    """Change an entry and make all seals after it anew."""
    reseal(chance.choice(positions()), len(positions()))


def reseal(first: int, number: int) -> None:
    do("UPDATE entry SET verb = 'x' WHERE id = (SELECT entry_id FROM seal WHERE position = :at)", at=first)
    previous = BEGINNING
    for link in list(queries.chain()):
        if first <= link.position < first + number:
            assert link.logged is not None
            forged = digest(previous, link.position, link.sealed_at, link.logged)
            do("UPDATE seal SET sha256 = :forged WHERE position = :at", forged=forged, at=link.position)
            previous = forged
        else:
            previous = link.sha256


KINDS = [edit, delete, swap, put_between, cut, forge_one, forge_the_rest]


@pytest.mark.parametrize("manipulate", KINDS, ids=lambda one: one.__name__)
def test_every_manipulation_is_found(
    manipulate: Callable[[random.Random], None], capsys: pytest.CaptureFixture[str]
) -> None:
    make_chain(6, 7, 8, 9)
    for table in TABLES:
        do(f"ALTER TABLE {table} DISABLE TRIGGER ALL")  # as whoever owns the database can
    found = 0
    for number in range(ROUNDS):
        hidden = db.session.begin_nested()
        manipulate(random.Random(number))  # noqa: S311
        found += not verify().holds
        hidden.rollback()
    with capsys.disabled():
        print(f"{manipulate.__name__}: {found} of {ROUNDS} found", end=" ")
    assert found == ROUNDS
    assert verify().holds


def test_a_chain_nobody_touched_holds_and_its_length_is_told() -> None:
    make_chain(3, 4)
    make_entries(2)
    verdict = verify()
    assert verdict.holds
    assert verdict.sealed == len(positions()) >= 7
    assert verdict.unsealed >= 2
    assert verdict.head == queries.head_words()


def test_a_chain_made_anew_with_its_heads_is_found_by_the_head_that_somebody_kept() -> None:
    make_chain(3, 4)
    position, _, sha256 = queries.head_words().partition(":")
    kept = (int(position), sha256)
    assert verify(kept).holds
    for table in TABLES:
        do(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        if table != "entry":
            do(f"DELETE FROM {table}")
    do("UPDATE entry SET verb = 'nothing.happened' WHERE verb = 'account.renamed'")
    db.session.expire_all()
    make_chain(1)
    assert verify().holds
    assert [fault.code for fault in verify(kept).faults] == ["kept-head-differs"]


def test_a_kept_head_beyond_the_chain_is_told() -> None:
    make_chain(3)
    assert [fault.code for fault in verify((10_000, "0" * 64)).faults] == ["kept-head-gone"]


@pytest.mark.parametrize("table", ["entry", "seal", "sealed_head", "viewing"])
def test_the_database_refuses_to_change_the_log(table: str) -> None:
    make_chain(2)
    if table == "viewing":
        do("INSERT INTO viewing VALUES (1, now(), 1, 'cv', 'user', 1, '1')")
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        refused = db.session.begin_nested()
        with pytest.raises(Exception, match=r"never changed|append-only"):
            do(statement)
        refused.rollback()
