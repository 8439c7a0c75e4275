"""The database: one typed base class, own column types, one short way to read."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from flask import has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    Text,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# The only GETs that may write the scheme's records (promise T07).
WRITES_ON_GET = frozenset({"security.confirm_email"})


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in UTC; refuses naive datetimes."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime has no instant; give it a zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value is not None else None


def enum_column(kind: type, name: str | None = None) -> Enum:
    """An enum stored as its value in plain text with a CHECK, named by its kind unless a name is given."""
    return Enum(
        kind,
        native_enum=False,
        length=32,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
        name=name or kind.__name__.lower(),
    )


Key = Annotated[int, mapped_column(BigInteger, primary_key=True)]
Words = list[str]
# Marks a text of whose signs an index is kept, three in a row, so that words are found in it wherever they stand.
IN_GRAMS = "in grams"
Searched = Annotated[str, mapped_column(info={IN_GRAMS: True})]


class Model(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        int: BigInteger,
        str: Text,
        datetime: UtcDateTime,
        date: Date,
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: JSONB,
        list[list[str]]: JSONB,
    }


class Versioned:
    """A record that people edit: the version travels in its form and moves with each change."""

    version: Mapped[int] = mapped_column(default=1)


db = SQLAlchemy(metadata=Model.metadata, session_options={"join_transaction_mode": "create_savepoint"})


@event.listens_for(db.session, "after_begin")
def _get_reads_only(_session: Session, _transaction: object, connection: Connection) -> None:
    reads = has_request_context() and request.method in {"GET", "HEAD", "OPTIONS"}
    if reads and request.endpoint not in WRITES_ON_GET:
        connection.execute(text("SET TRANSACTION READ ONLY"))


@event.listens_for(Session, "before_flush")
def _count_versions(session: Session, _context: object, _instances: object) -> None:
    for record in session.dirty:
        if isinstance(record, Versioned) and session.is_modified(record, include_collections=False):
            record.version += 1
