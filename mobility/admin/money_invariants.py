"""What must hold of money at any time: a sentence, and the SQL that returns the rows that break it."""

MONEY = (
    (
        "whoever approved a batch neither drew it up nor proposed it",
        """
        SELECT reference FROM batch
        WHERE approved_by_id IN (drawn_up_by_id, proposed_by_id)
              OR (status IN ('approved', 'exported', 'settled') AND (approved_by_id IS NULL OR proposed_by_id IS NULL))
        """,
    ),
    (
        "the total of a batch is the sum of its lines and of its orders",
        """
        SELECT batch.reference FROM batch
        LEFT JOIN batch_line ON batch_line.batch_id = batch.id
             AND (batch_line.released_at IS NULL OR batch_line.released_at > batch.exported_at)
        LEFT JOIN payment_order ON payment_order.id = batch_line.order_id
        WHERE batch.status IN ('proposed', 'approved', 'exported', 'settled')
        GROUP BY batch.id
        HAVING batch.total_cents <> coalesce(sum(batch_line.amount_cents), 0)
               OR batch.total_cents <> coalesce(sum(payment_order.amount_cents), 0)
               OR batch.number_of_orders <> count(batch_line.id)
        """,
    ),
    (
        "what left is what was approved, by the hashes in the log",
        """
        SELECT batch.reference FROM batch
        WHERE (status IN ('approved', 'exported', 'settled') AND NOT EXISTS (
                SELECT 1 FROM entry WHERE about_kind = 'batch' AND about_id = batch.id AND verb = 'batch.approved'
                AND values ->> 'sha256' = batch.sha256 AND (values ->> 'total_cents')::numeric = batch.total_cents))
              OR (status IN ('exported', 'settled') AND NOT EXISTS (
                SELECT 1 FROM entry WHERE about_kind = 'batch' AND about_id = batch.id AND verb = 'batch.exported'
                AND values ->> 'sha256' = batch.file_sha256))
        """,
    ),
    (
        "an order stands in one batch as long as its state says so",
        """
        SELECT payment_order.reference FROM payment_order
        WHERE (SELECT count(*) FROM batch_line WHERE order_id = payment_order.id AND released_at IS NULL)
              <> CASE WHEN status IN ('batched', 'exported', 'paid', 'recovered') THEN 1 ELSE 0 END
        """,
    ),
    (
        "every posting of the ledger sums to zero",
        "SELECT posting FROM ledger_line GROUP BY posting HAVING sum(cents) <> 0",
    ),
    (
        "the ledger says of every order where its money is",
        """
        SELECT payment_order.reference FROM payment_order
        CROSS JOIN (VALUES ('due'), ('in_transfer'), ('bank'), ('lump_sums')) AS place (account)
        LEFT JOIN ledger_line ON ledger_line.order_id = payment_order.id AND ledger_line.account = place.account
        GROUP BY payment_order.id, place.account
        HAVING coalesce(sum(ledger_line.cents), 0) <> payment_order.amount_cents * CASE
            WHEN payment_order.status IN ('void', 'failed', 'recovered') THEN 0
            WHEN place.account = 'lump_sums' THEN 1
            WHEN place.account = CASE payment_order.status
                WHEN 'exported' THEN 'in_transfer' WHEN 'paid' THEN 'bank' ELSE 'due' END THEN -1
            ELSE 0 END
        """,
    ),
    (
        "payments in force stay within what their partnership committed",
        """
        SELECT exchange.call_id, exchange.vop_id FROM payment_order
        JOIN exchange ON exchange.id = payment_order.exchange_id
        LEFT JOIN allotment ON allotment.call_id = exchange.call_id AND allotment.partnership_id = exchange.vop_id
        WHERE payment_order.status NOT IN ('void', 'failed', 'recovered')
        GROUP BY exchange.call_id, exchange.vop_id
        HAVING sum(payment_order.amount_cents) > coalesce(max(allotment.committed_cents), 0)
        """,
    ),
    (
        "account numbers are stored encrypted",
        """
        SELECT kind, id FROM (
            SELECT 'organisation' AS kind, id, iban AS content FROM organisation
            UNION ALL SELECT 'partnership', id, iban FROM partnership
            UNION ALL SELECT 'batch', id, debtor_iban FROM batch
            UNION ALL SELECT 'batch_line', id, creditor_iban FROM batch_line
            UNION ALL SELECT 'file', id, convert_from(substring(file FROM 1 FOR 5), 'LATIN1') FROM batch
        ) AS kept WHERE content NOT LIKE 'gAAAA%'
        """,
    ),
)
