"""Importing a file whole: read, check across rows, apply by the rooms' verbs; a bad file changes nothing."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from mobility.calls.models import Call
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.files import BadFile, Problem, Row, read_table
from mobility.core.references import numbered_at_once
from mobility.core.together import savepoint, together
from mobility.imports import written
from mobility.imports.importer import Importer, Outcome
from mobility.imports.intake import ApplicationImporter, OfferImporter
from mobility.imports.parties import OrganisationImporter, PartnershipImporter

IMPORTERS: dict[str, type[Importer[Any]]] = {
    "partnerships": PartnershipImporter,
    "organisations": OrganisationImporter,
    "offers": OfferImporter,
    "applications": ApplicationImporter,
}
# So many rows are written together.
AT_ONCE = 500


@dataclass(frozen=True)
class Tally:
    """How many records of a kind came new, changed or stayed."""

    kind: str
    new: int
    updated: int
    unchanged: int
    not_met: int = 0

    def __str__(self) -> str:
        total = self.new + self.updated + self.unchanged
        changes = _("%(new)s new, %(updated)s updated", new=self.new, updated=self.updated)
        tally = f"{total} {self.kind}: {changes}, " + _("%(unchanged)s unchanged", unchanged=self.unchanged)
        if not self.not_met:
            return tally
        return f"{tally}; " + _(
            "%(not_met)s of %(total)s do not meet every rule", not_met=self.not_met, total=total
        )


Told = Callable[[int, int], None]


def import_file(
    kind: str,
    content: bytes,
    call: Call,
    *,
    actor: Actor | None = None,
    told: Told = lambda _done, _rows: None,
) -> Tally:
    """Import a file into a call; the caller commits, or rolls back after `BadFile`.

    `told` hears after each row how many of how many are done.

    Raises `BadFile` with every problem found, and `RuleBroken("call-closed")` for offers and applications of a call
    that takes none.
    """
    importer = IMPORTERS[kind](call, actor)
    table = read_table(content, importer.all_columns(), importer.row_of)
    problems = [*table.problems, *importer.check(table.rows)]
    if problems:
        raise BadFile(problems)
    with numbered_at_once(importer.prefix, sum(importer.is_new(row.content) for row in table.rows)):
        outcomes = Counter(_apply(importer, table.rows, problems, told))
    if problems:
        raise BadFile(problems)
    db.session.flush()
    return Tally(
        kind,
        outcomes[Outcome.NEW],
        outcomes[Outcome.UPDATED],
        outcomes[Outcome.UNCHANGED],
        importer.not_met(table.rows),
    )


def _apply(
    importer: Importer[Any], rows: Sequence[Row[Any]], problems: list[Problem], told: Told
) -> Iterator[Outcome]:
    counted = list(enumerate(rows))
    for first in range(0, len(rows), AT_ONCE):
        refused: list[Problem] = []
        some = counted[first : first + AT_ONCE]
        apply_all = partial(_apply_each, importer, some, refused, lambda done: told(done, len(rows)))
        try:
            with db.session.begin_nested(), together():
                outcomes = list(apply_all())
        except IntegrityError:
            # Somebody else was first with one of them; row by row its verb says with which.
            refused.clear()
            outcomes = list(apply_all())
        problems += refused
        if not problems:
            _note(importer, [row.content for _done, row in some], outcomes)
        yield from outcomes


def _apply_each(
    importer: Importer[Any],
    rows: Sequence[tuple[int, Row[Any]]],
    problems: list[Problem],
    told: Callable[[int], None],
) -> Iterator[Outcome]:
    contents = [row.content for _done, row in rows]
    importer.entered.clear()
    importer.prepare(contents)
    last = written.last_written(record for content in contents for record in importer.records(content))
    for done, row in rows:
        told(done)
        try:
            with savepoint():
                outcome = _apply_one(importer, row.content, last)
        except RuleBroken as refusal:
            words = current_app.extensions["rule_words"](refusal) or str(refusal)
            key = importer.key_of(row.content)[-1]
            problems.append(Problem(row.number, words, importer.key_column, key))
        else:
            yield outcome


def _apply_one(importer: Importer[Any], content: Any, last: written.Last) -> Outcome:
    """Apply a row; refused if it changes what was changed on the site."""
    before = {record: _digest(importer, record) for record in importer.records(content)}
    outcome = importer.apply(content)
    if outcome is Outcome.UPDATED:
        key = importer.key_of(content)[-1]
        for record, was in before.items():
            if _digest(importer, record) != was:
                people = importer.is_kept_by_people(record)
                written.expect_untouched(record, was, last, key=key, is_kept_by_people=people)
    return outcome


def _note(importer: Importer[Any], contents: Sequence[Any], outcomes: Sequence[Outcome]) -> None:
    # An unchanged row wrote nothing: what the site changed and the row does not say stays the site's.
    applied = (
        one for one, outcome in zip(contents, outcomes, strict=True) if outcome is not Outcome.UNCHANGED
    )
    written.note({record: _digest(importer, record) for one in applied for record in importer.records(one)})


def _digest(importer: Importer[Any], record: Any) -> str:
    return written.digest(importer.content_of(record))
