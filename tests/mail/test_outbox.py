"""Letters: a row with their cause, sent by the worker over real SMTP, each once (promise T78)."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from mobility.core.db import db
from mobility.mail import services as mail
from mobility.mail.models import Letter
from mobility.mail.services import LetterDraft, next_turn, send_due, write
from tests.make.accounts import make_user


class Sink:
    """The far end of the SMTP socket: keeps what arrives."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 come back later"
        self.received.append(envelope.content)
        return "250 OK"


@pytest.fixture
def sink(app: Flask) -> Iterator[Sink]:
    handler = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, mail_server="127.0.0.1", mail_port=port)
    yield handler
    app.config["SETTINGS"] = before
    controller.stop()


def draft(**changes: Any) -> LetterDraft:
    """A letter to a person about herself."""
    user = make_user(name="Zoë Ångström")
    values: dict[str, Any] = {
        "kind": "test.told",
        "to_name": user.name,
        "to_email": user.email,
        "about": user,
        "subject": "Grüße aus Łódź",
        "body": "Dear Zoë,\n\nyou are in.",
    }
    return LetterDraft(**(values | changes))


def test_a_letter_goes_only_with_its_cause(session: Any) -> None:
    with db.session.begin_nested() as cause:
        write(draft())
        cause.rollback()

    assert db.session.scalars(select(Letter)).all() == []


def test_the_same_letter_is_written_once(session: Any) -> None:
    told = draft()

    assert [write(told), write(told)] == [True, False]
    assert len(db.session.scalars(select(Letter)).all()) == 1


def test_a_letter_that_may_come_again_has_its_turn(session: Any) -> None:
    told = draft()
    write(told)

    assert next_turn(told.kind, told.to_email, told.about) == 2
    assert write(replace(told, turn=2))


def test_a_letter_arrives_whole_with_its_accents(session: Any, sink: Sink) -> None:
    write(draft())

    assert send_due() == 1
    message = message_from_bytes(sink.received[0])
    assert str(make_header(decode_header(message["Subject"]))) == "Grüße aus Łódź"
    assert "Zoë" in message.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert message["Message-ID"] == db.session.scalars(select(Letter.message_id)).one()


def test_a_letter_is_sent_once(session: Any, sink: Sink) -> None:
    write(draft())

    assert [send_due(), send_due()] == [1, 0]


def test_a_refused_letter_waits_and_keeps_its_message_id(session: Any, sink: Sink) -> None:
    sink.refuses = True
    write(draft())
    name = db.session.scalars(select(Letter.message_id)).one()

    assert send_due() == 0

    letter = db.session.scalars(select(Letter)).one()
    assert (letter.sent_at, letter.tries, letter.message_id) == (None, 1, name)
    assert letter.last_error
    assert letter.try_at > letter.created_at


def test_without_a_mail_server_letters_stay_in_the_outbox(session: Any) -> None:
    write(draft())

    assert send_due() == 0
    assert db.session.scalars(select(Letter.sent_at)).one() is None


@pytest.mark.parametrize("line", ["Bcc: evil@example.org", "\r\nBcc: evil@example.org", "a\nb"])
def test_a_name_or_subject_never_opens_a_header_line(app: Flask, session: Any, sink: Sink, line: str) -> None:
    user = make_user()
    words = mail.letter(
        "test.told",
        template="mail/accounts/security.txt",
        to=(f"Eve {line}", user.email),
        about=user,
        subject=f"Hello {line}",
        text="x",
    )
    write(words)
    send_due()

    assert message_from_bytes(sink.received[0])["Bcc"] is None


def test_an_address_that_no_mail_can_carry_does_not_hold_up_the_next(session: Any, sink: Sink) -> None:
    write(draft(to_email="jörg@example.org"))
    write(draft(kind="test.next"))

    assert send_due() == 1

    stuck = db.session.scalars(select(Letter).where(Letter.sent_at.is_(None))).one()
    assert stuck.tries == 1
    assert stuck.last_error
