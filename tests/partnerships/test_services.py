"""Partnerships."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.audit.models import Entry
from mobility.core.errors import RuleBroken
from mobility.partnerships.models import Partnership
from mobility.partnerships.queries import partnership_by_code, partnerships
from mobility.partnerships.services import draft_of, update
from tests.make.partnerships import make_partnership

Db = scoped_session[Session]


def test_a_partnership_is_found_by_its_code_and_stands_in_the_log(session: Db) -> None:
    partnership = make_partnership(code="BLUE")

    assert partnership_by_code("BLUE") is partnership
    assert session.scalars(select(Entry.verb).where(Entry.about_ref == "BLUE")).all() == [
        "partnership.founded"
    ]


def test_partnerships_are_listed_by_code(session: Db) -> None:
    make_partnership(code="B")
    make_partnership(code="A")

    assert [partnership.code for partnership in partnerships()] == ["A", "B"]


def test_a_code_is_given_once(session: Db) -> None:
    make_partnership(code="BLUE")

    with pytest.raises(RuleBroken, match="code-taken"):
        make_partnership(code="BLUE")

    assert session.scalar(select(func.count()).select_from(Partnership)) == 1


def test_a_change_is_recorded_and_moves_the_version(session: Db) -> None:
    partnership = make_partnership()

    changed = update(partnership, replace(draft_of(partnership), town="Ghent"), actor=None)
    session.flush()

    assert changed
    assert (partnership.town, partnership.version) == ("Ghent", 2)


def test_no_change_leaves_no_trace(session: Db) -> None:
    partnership = make_partnership()

    changed = update(partnership, draft_of(partnership), actor=None)
    session.flush()

    assert not changed
    assert partnership.version == 1
