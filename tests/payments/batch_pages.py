"""How tests open the pages of batches."""

from sqlalchemy import event

from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.payments.models import Batch
from tests.make.accounts import make_user, sign_in
from tests.visitor import Visitor


def enter(client: Visitor, role: Role, **where: object) -> None:
    """Sign in with a role; what the test arranged is committed first."""
    user = make_user(role, **where)  # type: ignore[arg-type]
    db.session.commit()
    sign_in(client, user)


def statements_of(client: Visitor, path: str) -> int:
    """How many statements a page takes; the savepoints are the test's own."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(statement)

    client.get(path)
    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)
    return len(sent)


def path_of(batch: Batch) -> str:
    return f"/payments/batches/{batch.reference}"


def approve(client: Visitor, batch: Batch, **changes: str) -> int:
    fields = {"sha256": batch.sha256 or "", "seen": "y"} | changes
    return client.submit(path_of(batch), fields, to=f"{path_of(batch)}/approve").status_code


def press(client: Visitor, batch: Batch, verb: str, **fields: str) -> int:
    typed = {"version": str(batch.version)} | fields
    return client.submit(path_of(batch), typed, to=f"{path_of(batch)}/{verb}").status_code
