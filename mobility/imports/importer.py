"""What each kind of import says of itself."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from flask_babel import gettext as _

from mobility.calls.models import Call
from mobility.core.access import Actor
from mobility.core.files import Cells, ImportColumn, Problem, Row

T = TypeVar("T")


class Outcome(StrEnum):
    """What became of a row."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"

    @classmethod
    def of_change(cls, changed: bool) -> "Outcome":
        """The outcome for a record that was there."""
        return cls.UPDATED if changed else cls.UNCHANGED


class Importer(ABC, Generic[T]):
    """Reads, checks and applies the rows of one kind of file in one call."""

    columns: ClassVar[Sequence[ImportColumn]]
    key_column: ClassVar[str]
    # Of the references that its new records take; empty if they take none.
    prefix: ClassVar[str] = ""

    def __init__(self, call: Call, actor: Actor | None) -> None:
        self.call, self.actor = call, actor
        # Records that are new with this file.
        self.entered: dict[tuple[str, ...], Any] = {}

    def all_columns(self) -> Sequence[ImportColumn]:
        """Its columns, with those that only this call has."""
        return self.columns

    @abstractmethod
    def row_of(self, cells: Cells) -> T:
        """The content of a row."""

    @abstractmethod
    def key_of(self, content: T) -> tuple[str, ...]:
        """What tells two rows apart; its last part stands in the key column."""

    def is_new(self, content: T) -> bool:  # noqa: ARG002
        """Whether its record takes a new reference."""
        return False

    def prepare(self, contents: Sequence[T]) -> None:
        """Ask for all of them at once what `apply` asks for each."""

    @abstractmethod
    def records(self, content: T) -> list[Any]:
        """The records of a row that are there by now."""

    @abstractmethod
    def content_of(self, record: Any) -> dict[str, Any]:
        """What a file may say of a record, as the record says it."""

    def is_kept_by_people(self, record: Any) -> bool:  # noqa: ARG002
        """Whether people on the site look after a record that no import has written."""
        return False

    @abstractmethod
    def apply(self, content: T) -> Outcome:
        """Make or change the record. Raises `RuleBroken`."""

    def not_met(self, rows: Sequence[Row[T]]) -> int:  # noqa: ARG002
        """How many of the records, as they stand now, do not meet every rule of the call."""
        return 0

    def check(self, rows: Sequence[Row[T]]) -> Iterator[Problem]:
        """What only the rows together, or what is stored already, can tell."""
        first: dict[tuple[str, ...], int] = {}
        for row in rows:
            key = self.key_of(row.content)
            if key in first:
                reason = _("stands in row %(row)s already", row=first[key])
                yield Problem(row.number, reason, self.key_column, key[-1])
            first.setdefault(key, row.number)


def unknown(row: int, column: str, value: str, what: str) -> Problem:
    """A cell that names something nobody knows."""
    return Problem(row, _("is not a known %(what)s; import it first", what=what), column, value)
