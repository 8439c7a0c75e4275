"""Server-side lists: search, filters, sort and page by the URL, in two queries whatever the length.

Rows are counted up to a thousand: beyond it nobody wants the number, and counting would grow with the table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from mobility.core.db import db

PER_PAGE = 25
LAST_PAGE = 100_000
LONGEST_SEARCH = 100
COUNTED = 1_000
LONGEST_EXPORT = 100_000


@dataclass(frozen=True)
class Column:
    """A column of the table; sortable if it has an expression."""

    key: str
    label: str
    sort: ColumnElement[Any] | InstrumentedAttribute[Any] | None = None
    numeric: bool = False

    @property
    def sortable(self) -> bool:
        return self.sort is not None


@dataclass(frozen=True)
class Filter:
    """A choice that narrows the list: `?key=value`."""

    key: str
    label: str
    choices: Sequence[tuple[str, str]]
    where: Callable[[str], ColumnElement[bool]]
    default: str = ""

    @property
    def value(self) -> str:
        asked = request.args.get(self.key, self.default)
        return asked if asked in dict(self.choices) else ""


@dataclass(frozen=True)
class Listing:
    """One page of a list, with what its table needs to show and link."""

    rows: Sequence[Any]
    total: int
    page: int
    per_page: int
    q: str
    sort: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = field(default=())
    # Whether there are more rows than `total` on pages to come, or on none.
    is_more: bool = False
    is_cut: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def has_filters(self) -> bool:
        return bool(self.q or any(choice.value for choice in self.filters))

    def url(self, **changes: Any) -> str:
        """This list's address with some arguments changed; None removes one, page falls back to 1."""
        arguments: dict[str, Any] = {**request.args.to_dict(), "page": None, **changes}
        kept = {key: value for key, value in arguments.items() if value not in {None, ""}}
        return f"{request.path}?{urlencode(kept)}" if kept else request.path


def listing(
    statement: Select[Any],
    *,
    columns: Sequence[Column],
    search: Sequence[Any] = (),
    filters: Sequence[Filter] = (),
    default_sort: str = "",
    per_page: int = PER_PAGE,
) -> Listing:
    """Run a list as the URL asks: `?q= &sort= &page=` and one argument per filter.

    A list that has no default sort stands in the order of its statement until the URL asks for another.
    """
    q = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    statement = narrowed(statement, q, search, filters)
    most = max(COUNTED, asked_page() * per_page)
    counted = statement.order_by(None).limit(most + 1).subquery()
    total = min(found := db.session.scalar(select(func.count()).select_from(counted)) or 0, most)
    page = min(asked_page(), max(1, -(-total // per_page)))
    sort, ordered = _ordered(statement, columns, default_sort)
    rows = db.session.execute(ordered.limit(per_page).offset((page - 1) * per_page)).unique().all()
    return Listing(
        rows=[row[0] if len(row) == 1 else row for row in rows],
        total=total,
        page=page,
        per_page=per_page,
        q=q,
        sort=sort,
        columns=columns,
        filters=filters,
        is_more=found > most,
    )


def narrowed(statement: Select[Any], q: str, search: Sequence[Any], filters: Sequence[Filter]) -> Select[Any]:
    """The statement with the search words and the chosen filters put on."""
    for word in q.split() if search else ():
        statement = statement.where(or_(*[has_word(text, word) for text in search]))
    for choice in filters:
        if choice.value:
            statement = statement.where(choice.where(choice.value))
    return statement


def has_word(text: Any, word: str) -> ColumnElement[bool]:
    """Whether a text has the word in it, in whatever case; a pattern's signs stand for themselves."""
    return cast(text, String).icontains(word, autoescape=True)


def asked_page() -> int:
    """The page that the address asks for; the first if it names none."""
    asked = request.args.get("page", "1")
    return (
        min(int(asked), LAST_PAGE)
        if asked.isascii() and asked.isdecimal() and len(asked) < 8 and int(asked)
        else 1
    )


def _ordered(statement: Select[Any], columns: Sequence[Column], default_sort: str) -> tuple[str, Select[Any]]:
    by_key = {column.key: column.sort for column in columns if column.sort is not None}
    sort = request.args.get("sort", default_sort)
    if sort.removeprefix("-") not in by_key:
        sort = default_sort
    # The key decides ties, so that pages neither repeat nor lose a row.
    tie = statement.columns_clause_froms[0].primary_key.columns  # type: ignore[attr-defined]
    if not sort:
        return sort, statement.order_by(*tie)
    expression = by_key[sort.removeprefix("-")]
    first = expression.desc().nulls_last() if sort.startswith("-") else expression.asc().nulls_last()
    return sort, statement.order_by(None).order_by(first, *tie)
