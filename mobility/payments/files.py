"""Whether the files for the bank are still what their batches say."""

from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import undefer

from mobility.core.db import db
from mobility.payments.models import Batch

AT_A_TIME = 20


def broken_files() -> list[str]:
    """References of batches whose file has another hash, number, total or message id than they say."""
    made = select(Batch).where(Batch.file.is_not(None)).options(undefer(Batch.file)).order_by(Batch.id)
    found = db.session.scalars(made.execution_options(yield_per=AT_A_TIME))
    return [batch.reference for batch in found if not is_whole(batch)]


def is_whole(batch: Batch) -> bool:
    """Whether the file is the one that was made, and says what the batch says."""
    file, total = batch.file or b"", f"{batch.total_cents // 100}.{batch.total_cents % 100:02d}"
    said = (
        f"<MsgId>{batch.reference}</MsgId>",
        f"<NbOfTxs>{batch.number_of_orders}</NbOfTxs><CtrlSum>{total}</CtrlSum>",
        f"<ReqdExctnDt><Dt>{batch.execution_on.isoformat()}</Dt></ReqdExctnDt>",
    )
    return sha256(file).hexdigest() == batch.file_sha256 and all(words.encode() in file for words in said)
