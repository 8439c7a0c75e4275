"""Looking at pages in tests: what stands beside a field, and what a page costs."""

import re
from html import unescape
from typing import Any

from sqlalchemy import event

from mobility.core.db import db
from tests.visitor import Visitor


def error_beside(page: str, field_id: str) -> str:
    """The words of a field's error, which its control points to; empty where there is none."""
    found = re.search(rf'id="{field_id}-error">([^<]+)<', page)
    assert not found or re.search(rf'aria-describedby="[^"]*\b{field_id}-error', page)
    return unescape(found[1]) if found else ""


def version_on(page: str) -> str:
    """The version that the page's form or buttons carry."""
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found
    return found[1]


def next_on(page: str) -> str:
    """What the page's waymark says is next for the reader, with the words of its buttons."""
    found = re.search(r'class="waymark-next">(.*?)</div>', page, re.DOTALL)
    assert found
    said = unescape(re.sub(r"<[^>]+>", " ", found[1])).split()
    return " ".join(said).removeprefix("Next for you ")


def queries_for(client: Visitor, path: str) -> int:
    """How many statements a page takes."""
    counted: list[str] = []

    def count(*arguments: Any) -> None:
        counted.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert counted
    return len(counted)
