"""How each invariant of money is broken behind the verbs' back."""

UNGUARDED = "ALTER TABLE batch DISABLE TRIGGER ALL; ALTER TABLE batch_line DISABLE TRIGGER ALL; "
UNGUARDED_LEDGER = "ALTER TABLE ledger_line DISABLE TRIGGER ALL; "
MONEY_BREAKS: list[tuple[str, int, str]] = [
    (
        "whoever approved a batch neither drew it up nor proposed it",
        1,
        UNGUARDED
        + "ALTER TABLE batch DROP CONSTRAINT ck_batch_four_eyes; UPDATE batch SET approved_by_id = proposed_by_id",
    ),
    (
        "the total of a batch is the sum of its lines and of its orders",
        1,
        UNGUARDED + "UPDATE batch_line SET amount_cents = amount_cents + 1",
    ),
    (
        "what left is what was approved, by the hashes in the log",
        1,
        UNGUARDED + "UPDATE batch SET sha256 = repeat('0', 64)",
    ),
    (
        "an order stands in one batch as long as its state says so",
        1,
        "UPDATE payment_order SET status = 'due' WHERE status = 'batched'",
    ),
    (
        "every posting of the ledger sums to zero",
        2,
        UNGUARDED_LEDGER
        + "UPDATE ledger_line SET posting = 'PST-X' WHERE id = (SELECT max(id) FROM ledger_line)",
    ),
    (
        "the ledger says of every order where its money is",
        2,
        UNGUARDED_LEDGER + "UPDATE ledger_line SET account = 'bank'"
        " WHERE id = (SELECT min(id) FROM ledger_line WHERE account = 'due')",
    ),
    (
        "payments in force stay within what their partnership committed",
        1,
        """
        UPDATE allotment SET committed_cents = committed_cents - 1 WHERE (call_id, partnership_id) = (
            SELECT exchange.call_id, vop_id FROM payment_order JOIN exchange ON exchange.id = exchange_id
            ORDER BY payment_order.id LIMIT 1)
        """,
    ),
    (
        "account numbers are stored encrypted",
        1,
        UNGUARDED + "UPDATE batch SET debtor_iban = 'plain'",
    ),
]
