"""Writing letters into the outbox and sending what is due."""

import smtplib
from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from mobility.core import clock
from mobility.core.db import db
from mobility.core.settings import Settings
from mobility.core.together import is_put_off
from mobility.mail.models import Letter

SENDER = "ClusterXchange <no-reply@{domain}>"
LONGEST_WAIT = timedelta(hours=6)
SMTP_TIMEOUT_S = 20
LINKS_KEPT = timedelta(days=7)
ONE_TIME_LINK = r"(/(?:survey|reset|confirm|cluster|colleague|still|late)/)[A-Za-z0-9._~-]{20,}"


@dataclass(frozen=True)
class LetterDraft:
    """A letter before it is in the outbox."""

    kind: str
    to_name: str
    to_email: str
    about: Any
    subject: str
    body: str
    person_id: int | None = None
    turn: int = 1


def letter(
    kind: str,
    *,
    template: str,
    to: tuple[str, str],
    about: Any,
    subject: str,
    person_id: int | None = None,
    turn: int = 1,
    **context: Any,
) -> LetterDraft:
    """Word a letter from a plain-text template; `to` is (name, address)."""
    name, address = to
    base = current_app.config["SETTINGS"].public_base_url
    with force_locale("en_GB"):
        words = current_app.jinja_env.get_template(template)
        body = words.render(name=one_line(name), base_url=base, about=about, **context)
    return LetterDraft(kind, one_line(name), address, about, one_line(subject), body, person_id, turn)


def one_line(text: str) -> str:
    """Text that cannot open a new header line in a mail."""
    return " ".join(str(text).split())


def write(draft: LetterDraft, *, held_for: timedelta = timedelta()) -> bool:
    """Put a letter into the outbox, in the transaction of its cause; False if it is there already.

    It leaves once it was held for that long.
    """
    if not held_for and is_put_off(_post, draft):
        return True
    db.session.flush()
    return _post([draft], held_for) == 1


def _post(drafts: list[LetterDraft], held_for: timedelta = timedelta()) -> int:
    """Store the letters that are not in the outbox already; how many they were."""
    now = clock.utcnow()
    rows = [
        {
            "kind": draft.kind,
            "to_email": draft.to_email,
            "to_name": draft.to_name,
            "person_id": draft.person_id,
            "about_kind": draft.about.__tablename__,
            "about_id": draft.about.id,
            "turn": draft.turn,
            "subject": draft.subject,
            "body": draft.body,
            "message_id": f"<{uuid4()}@{_domain()}>",
            "created_at": now,
            "try_at": now + held_for,
            "tries": 0,
            "last_error": "",
        }
        for draft in drafts
    ]
    new = insert(Letter).on_conflict_do_nothing().returning(Letter.id)
    return len(db.session.scalars(new, rows).all())


def take_back(kind: str, about: Any) -> bool:
    """Take a letter out of the outbox before it leaves; False if there is none that has not."""
    same = (Letter.kind == kind, Letter.about_kind == about.__tablename__, Letter.about_id == about.id)
    # A letter that is being sent at this moment is waited for, and then has left.
    taken = delete(Letter).where(*same, Letter.sent_at.is_(None), Letter.tries == 0)
    return db.session.scalar(taken.returning(Letter.id)) is not None


def next_turn(kind: str, to_email: str, about: Any) -> int:
    """The number of a letter that may be sent again, such as a reset of a password."""
    same = (
        Letter.kind == kind,
        Letter.to_email == to_email,
        Letter.about_kind == about.__tablename__,
        Letter.about_id == about.id,
    )
    return (db.session.scalar(select(func.max(Letter.turn)).where(*same)) or 0) + 1


def send_due(limit: int = 100) -> int:
    """Send what is due, a commit per letter; how many left. Nothing leaves without a mail server."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.mail_server:
        return 0
    sent = 0
    for _turn in range(limit):
        due = _next_due()
        if due is None:
            break
        sent += _try_to_send(due, settings)
        db.session.commit()
    return sent


def _next_due() -> Letter | None:
    due = select(Letter).where(Letter.sent_at.is_(None), Letter.try_at <= clock.utcnow())
    return db.session.scalar(
        due.order_by(Letter.try_at, Letter.id).limit(1).with_for_update(skip_locked=True)
    )


def _try_to_send(due: Letter, settings: Settings) -> int:
    due.tries += 1
    try:
        message = message_of(due)
        with smtplib.SMTP(settings.mail_server, settings.mail_port, timeout=SMTP_TIMEOUT_S) as server:
            server.send_message(message)
    # A ValueError is an address that no mail can carry: it must not hold up the letters behind it.
    except (OSError, ValueError, smtplib.SMTPException) as error:
        due.last_error = f"{type(error).__name__}: {error}"[:500]
        due.try_at = clock.utcnow() + min(timedelta(minutes=2 ** min(due.tries, 12)), LONGEST_WAIT)
        return 0
    due.sent_at, due.last_error = clock.utcnow(), ""
    return 1


def message_of(written: Letter) -> EmailMessage:
    """The letter as a mail; its Message-ID stays the same over all tries (promise T78)."""
    message = EmailMessage()
    message["From"] = SENDER.format(domain=_domain())
    message["To"] = str(Address(display_name=written.to_name, addr_spec=written.to_email))
    message["Subject"] = written.subject
    message["Message-ID"] = written.message_id
    message["Date"] = written.created_at
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.body)
    return message


def forget_links() -> int:
    """Take the secret out of one-time links in letters that left long ago; how many letters held one.

    Whoever reads the outbox or a backup later must not hold what still opens something.
    """
    holds_link = Letter.body.regexp_match(ONE_TIME_LINK)
    old = update(Letter).where(Letter.sent_at < clock.utcnow() - LINKS_KEPT, holds_link)
    without = old.values(body=Letter.body.regexp_replace(ONE_TIME_LINK, r"\1…", flags="g"))
    return len(db.session.scalars(without.returning(Letter.id)).all())


def _domain() -> str:
    base: str = current_app.config["SETTINGS"].public_base_url
    host = base.partition("//")[2].partition("/")[0].partition(":")[0]
    # A bare address is no mail domain.
    return host if any(sign.isalpha() for sign in host) else "clusterxchange.invalid"
