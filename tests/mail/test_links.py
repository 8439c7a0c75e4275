"""One-time links in letters that left long ago open nothing any more."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mobility.core import clock
from mobility.core.db import db
from mobility.core.web import external_url
from mobility.mail.models import Letter
from mobility.mail.services import LetterDraft, forget_links, write
from tests.make.accounts import make_user

pytestmark = pytest.mark.usefixtures("session")
TOKEN = "WyJhYmMiLCJ4eXoiXQ.aBcD-3_f.ghijklmnop"


def sent(endpoint: str, *, days_ago: int | None) -> Letter:
    """A letter with a link, sent so many days ago or not at all."""
    body = f"Dear Zoë,\n\n{external_url(endpoint, token=TOKEN)}\n\nGood bye."
    user = make_user()
    write(LetterDraft("test.link", user.name, user.email, user, "A link", body))
    letter = db.session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    letter.sent_at = None if days_ago is None else clock.utcnow() - timedelta(days=days_ago)
    db.session.flush()
    return letter


@pytest.mark.parametrize(
    "endpoint", ["surveys.answer_page", "security.reset_password", "security.confirm_email"]
)
def test_a_letter_that_left_long_ago_loses_its_secret_and_nothing_else(endpoint: str) -> None:
    letter = sent(endpoint, days_ago=8)
    before = letter.body
    assert forget_links() == 1
    db.session.refresh(letter)
    assert TOKEN not in letter.body
    assert letter.body == before.replace(TOKEN, "…")
    assert forget_links() == 0


@pytest.mark.parametrize("days_ago", [None, 6])
def test_a_letter_that_waits_or_has_just_left_keeps_its_link(days_ago: int | None) -> None:
    letter = sent("surveys.answer_page", days_ago=days_ago)
    assert forget_links() == 0
    db.session.refresh(letter)
    assert TOKEN in letter.body
