"""What the database itself refuses of batches and their lines, whoever asks."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session, scoped_session

from mobility.payments import services
from mobility.payments.enums import BATCH_LIFECYCLE, BatchStatus
from tests.make.payments import make_batch, make_finance

Db = scoped_session[Session]
UNTIL = [
    BatchStatus.DRAWN_UP,
    BatchStatus.PROPOSED,
    BatchStatus.APPROVED,
    BatchStatus.EXPORTED,
    BatchStatus.SETTLED,
]


def refuses(session: Db, sql: str, words: str, **values: object) -> None:
    with pytest.raises(DatabaseError, match=words), session.begin_nested():
        session.execute(text(sql), values)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (before, after)
        for before in UNTIL
        for after in BatchStatus
        if before is not after and not BATCH_LIFECYCLE.allows(before, after)
    ],
)
def test_a_batch_goes_no_other_way(session: Db, before: BatchStatus, after: BatchStatus) -> None:
    batch = make_batch(1, until=before.value)

    refuses(session, "UPDATE batch SET status = :after", "a batch does not go from", after=after.value)

    session.refresh(batch)
    assert batch.status is before


def test_who_drew_a_batch_up_does_not_approve_it(session: Db) -> None:
    people = make_finance()
    batch = make_batch(1, people=people)
    services.propose(batch, actor=make_finance().initiator)
    session.flush()

    with pytest.raises(IntegrityError, match="four_eyes"), session.begin_nested():
        session.execute(text("UPDATE batch SET status = 'approved', approved_by_id = drawn_up_by_id"))

    session.refresh(batch)
    assert batch.status is BatchStatus.PROPOSED


@pytest.mark.parametrize(
    ("until", "after"), [("drawn_up", "proposed"), ("proposed", "approved"), ("approved", "exported")]
)
def test_the_total_is_looked_at_on_each_step_to_the_bank(session: Db, until: str, after: str) -> None:
    batch = make_batch(2, until=until)
    # A line that leaves behind the verbs' back.
    session.execute(
        text("UPDATE batch_line SET released_at = now() WHERE id = :id"), {"id": batch.lines[0].id}
    )

    refuses(
        session,
        "UPDATE batch SET status = :after, total_cents = 156000, number_of_orders = 2",
        "the sum of its lines",
        after=after,
    )


@pytest.mark.parametrize("column", ["batch_id", "order_id"])
@pytest.mark.parametrize("until", ["drawn_up", "proposed", "exported"])
def test_a_line_stays_with_its_batch_and_its_order(session: Db, until: str, column: str) -> None:
    batch, other = make_batch(1, until=until), make_batch(1)
    there = other.id if column == "batch_id" else other.lines[0].order_id

    refuses(
        session,
        f"UPDATE batch_line SET {column} = :there WHERE batch_id = :batch",
        "a line stays with its batch",
        there=there,
        batch=batch.id,
    )
