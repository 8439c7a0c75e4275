"""Server-side lists: search, filters, sort and page by the URL, in two queries whatever the length.

Rows are counted up to a thousand: beyond it nobody wants the number, and counting would grow with the table.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    cast,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from mobility.core.db import IN_GRAMS, db

PER_PAGE = 25
LAST_PAGE = 100_000
LONGEST_SEARCH = 100
COUNTED = 1_000
LONGEST_EXPORT = 100_000
# So many words of a search are looked for by index; with two, a common one does not hide a rare one.
MOST_LOOKED_FOR = 2


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
class Shown:
    """A text that a search looks through only in rows that show it."""

    text: Any
    where: ColumnElement[bool]

    @property
    def expression(self) -> Any:
        return self.text.expression


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
    most = max(COUNTED, asked_page() * per_page)
    filtered = narrowed(statement, "", search, filters)
    counted, few = _counted(filtered, q.split() if search else [], search, most)
    total = min(counted, most)
    page = min(asked_page(), max(1, -(-total // per_page)))
    found = narrowed(filtered, q, search, ()) if few is None else filtered.where(few)
    sort, ordered = _ordered(found, columns, default_sort)
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
        is_more=counted > most,
    )


def narrowed(statement: Select[Any], q: str, search: Sequence[Any], filters: Sequence[Filter]) -> Select[Any]:
    """The statement with the search words and the chosen filters put on."""
    for word in q.split() if search else ():
        statement = statement.where(or_(*[has_word(text, word) for text in search]))
    for choice in filters:
        if choice.value:
            statement = statement.where(choice.where(choice.value))
    return statement


def _counted(
    statement: Select[Any], words: Sequence[str], search: Sequence[Any], most: int
) -> tuple[int, ColumnElement[bool] | None]:
    """How many rows have all words, counted to one more than `most`; if they are no more, also which they are."""
    if not words:
        rows = statement.order_by(None).limit(most + 1).subquery()
        return db.session.scalar(select(func.count()).select_from(rows)) or 0, None
    key, *_more = _key(statement)
    looks = (look.order_by(None).with_only_columns(key) for look in _looks(statement, words, search))
    found = union(*(look.limit(most + 1) for look in looks)).subquery()
    ids = db.session.scalars(select(*found.c).limit(most + 1)).all()
    return len(ids), None if len(ids) > most else key == any_(literal(ids, ARRAY(BigInteger)))


def _looks(statement: Select[Any], words: Sequence[str], search: Sequence[Any]) -> Iterator[Select[Any]]:
    """The rows by where the longest words stand, one look for each way: an index finds what its own table holds."""
    longest_first = sorted(words, key=len, reverse=True)
    looked_for, others = longest_first[:MOST_LOOKED_FOR], longest_first[MOST_LOOKED_FOR:]
    tables: dict[Any, list[Any]] = defaultdict(list)
    for text in search:
        tables[text.expression.table].append(text)
    for places in product(tables.values(), repeat=len(looked_for)):
        found = [
            or_(*[_finds(text, word) for text in texts])
            for word, texts in zip(looked_for, places, strict=True)
        ]
        yield narrowed(statement.where(*found), " ".join(others), search, ())


def _finds(text: Any, word: str) -> ColumnElement[bool]:
    """`has_word`, found by the index over the three signs in a row of a text, where it has one."""
    if isinstance(text, Shown):
        return and_(text.where, _finds(text.text, word))
    if not text.expression.info.get(IN_GRAMS):
        return has_word(text, word)
    # In this order: where the index is not used, few rows are taken apart.
    return and_(has_word(text, word), func.grams(text).op("@>")(func.grams_of(word)))


def has_word(text: Any, word: str) -> ColumnElement[bool]:
    """Whether a text has the word in it, in whatever case; a pattern's signs stand for themselves."""
    if isinstance(text, Shown):
        return and_(text.where, has_word(text.text, word))
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
    # Keys decide ties, so that pages neither repeat nor lose a row.
    tie = _key(statement)
    if not sort:
        return sort, statement.order_by(*tie)
    expression, is_back = by_key[sort.removeprefix("-")], sort.startswith("-")
    table = getattr(expression, "table", None)
    if table is not None and table is not tie[0].table:
        # First that of what is sorted by, as its index has it.
        tie = (*table.primary_key, *tie)
    if is_back and not getattr(expression, "nullable", True):
        # The way that the index of the first way is read backwards.
        return sort, statement.order_by(None).order_by(*(column.desc() for column in (expression, *tie)))
    first = expression.desc().nulls_last() if is_back else expression.asc().nulls_last()
    return sort, statement.order_by(None).order_by(first, *tie)


def _key(statement: Select[Any]) -> Sequence[ColumnElement[Any]]:
    return tuple(statement.columns_clause_froms[0].primary_key.columns)  # type: ignore[attr-defined]
