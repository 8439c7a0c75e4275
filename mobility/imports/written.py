"""What an import last wrote into each record: what was changed on the site since, no later import overwrites."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.imports.models import Written

About = tuple[str, int]
Last = dict[About, Written]


def digest(content: Mapping[str, Any]) -> str:
    """What tells this content from any other."""
    return sha256(json.dumps(content, sort_keys=True, default=_plain).encode()).hexdigest()


def said(draft: Any, *, but: Iterable[str] = ()) -> dict[str, Any]:
    """What a draft says; what it leaves at its default counts for nothing, so that a later field changes no digest."""
    said = {one.name: getattr(draft, one.name) for one in fields(draft) if one.name not in set(but)}
    usual = {one.name: one.default for one in fields(draft) if one.default is not MISSING}
    return {name: value for name, value in said.items() if name not in usual or value != usual[name]}


def last_written(records: Iterable[Any]) -> Last:
    """What imports last wrote into these records."""
    ids: dict[str, list[int]] = {}
    for kind, id_ in map(_about, records):
        ids.setdefault(kind, []).append(id_)
    return {
        (one.about_kind, one.about_id): one
        for kind, some in ids.items()
        for one in db.session.scalars(
            select(Written).where(Written.about_kind == kind, Written.about_id.in_(some))
        )
    }


def expect_untouched(record: Any, before: str, last: Last, *, key: str, is_kept_by_people: bool) -> None:
    """Refuse to change what the site has changed. Raises `RuleBroken`: "changed-on-site", "kept-on-site"."""
    written, named = last.get(_about(record)), getattr(record, "reference", key)
    if written is None and is_kept_by_people:
        raise RuleBroken("kept-on-site", record=named)
    if written is not None and written.digest != before:
        raise RuleBroken("changed-on-site", since=written.written_at, record=named)


def note(digests: Mapping[Any, str]) -> None:
    """Keep what an import has written."""
    if not digests:
        return
    now = clock.utcnow()
    rows = [
        {"about_kind": kind, "about_id": id_, "digest": value, "written_at": now}
        for (kind, id_), value in ((_about(record), value) for record, value in digests.items())
    ]
    new = insert(Written).values(rows)
    anew = {name: new.excluded[name] for name in ("digest", "written_at")}
    db.session.execute(
        new.on_conflict_do_update(index_elements=[Written.about_kind, Written.about_id], set_=anew)
    )


def _about(record: Any) -> About:
    return record.__tablename__, record.id


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else vars(value)
