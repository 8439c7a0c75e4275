"""Contacts between a visitor and a host, verb by verb."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from mobility.applications.enums import ApplicationStatus
from mobility.catalogue import services
from mobility.catalogue.enums import ContactStatus, Side
from mobility.catalogue.models import Contact
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.services import close
from mobility.mail.queries import letters_about
from tests.make.calls import make_call
from tests.make.catalogue import make_contact, make_two
from tests.make.rounds import make_host, make_visitor

pytestmark = pytest.mark.usefixtures("session")


def refused(verb: Callable[[], object]) -> str:
    with pytest.raises(RuleBroken) as error:
        verb()
    return error.value.code


def test_a_message_reaches_the_other_side_without_name_or_address() -> None:
    visitor, host = make_two()

    contact = services.contact(visitor, host, Side.VISITOR, " Shall we meet? ", actor=None)

    (letter,) = letters_about(contact)
    assert (contact.status, contact.message) == (ContactStatus.OPEN, "Shall we meet?")
    assert letter.to_email == host.contact_email
    assert "Shall we meet?" in letter.body
    for secret in (visitor.person_name, visitor.person_email, visitor.organisation.name):
        assert secret not in letter.body


def test_a_host_may_write_first() -> None:
    visitor, host = make_two()

    contact = services.contact(visitor, host, Side.HOST, "Come!", actor=None)

    (letter,) = letters_about(contact)
    assert letter.to_email == visitor.person_email
    assert host.contact_email not in letter.body


def test_two_messages_between_two_are_one_contact() -> None:
    contact = make_contact()

    again = refused(lambda: make_contact(contact.application, contact.offer, side=Side.HOST))

    assert again == "contact-exists"
    assert db.session.scalar(select(func.count(Contact.id))) == 1


def test_after_a_no_one_may_write_again() -> None:
    contact = make_contact()
    services.answer_contact(contact, accepted=False, reply="Not this year.", actor=None)

    again = make_contact(contact.application, contact.offer)

    assert again.status is ContactStatus.OPEN


def test_a_message_needs_words() -> None:
    visitor, host = make_two()

    assert (
        refused(lambda: services.contact(visitor, host, Side.VISITOR, "  ", actor=None)) == "message-needed"
    )


def test_at_most_five_messages_of_a_visitor_wait_for_answers() -> None:
    call = make_call()
    visitor = make_visitor(call)
    waiting = [make_contact(visitor, make_host(call)) for _ in range(5)]
    sixth = make_host(call)

    assert refused(lambda: make_contact(visitor, sixth)) == "contacts-sent"

    services.answer_contact(waiting[0], accepted=False, reply="", actor=None)
    assert make_contact(visitor, sixth).status is ContactStatus.OPEN


def test_at_most_five_messages_wait_for_a_host() -> None:
    call = make_call()
    host = make_host(call)
    for _ in range(5):
        make_contact(make_visitor(call), host)
    sixth = make_visitor(call)

    assert refused(lambda: make_contact(sixth, host)) == "contacts-received"
    assert make_contact(sixth, host, side=Side.HOST).status is ContactStatus.OPEN


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"languages": {"fr": "C2"}}, "pair-language"),
        ({"min_days": 6, "max_days": 8}, "pair-length"),
        ({"group_key": "fair"}, "pair-group"),
        ({"status": ApplicationStatus.SUBMITTED}, "pair-application"),
    ],
)
def test_nobody_writes_to_whom_a_rule_keeps_away(changes: dict[str, Any], code: str) -> None:
    call = make_call()
    visitor, host = make_visitor(call, **changes), make_host(call)

    assert refused(lambda: make_contact(visitor, host)) == code
    assert db.session.scalar(select(func.count(Contact.id))) == 0


def test_once_accepted_both_get_the_others_address() -> None:
    contact = make_contact()

    services.answer_contact(contact, accepted=True, reply="Gladly.", actor=None)

    letters = {letter.kind: letter for letter in letters_about(contact)}
    to_visitor = letters["catalogue.contact_accepted_visitor"]
    assert contact.offer.contact_email in to_visitor.body
    assert "Gladly." in to_visitor.body
    assert contact.application.person_email in letters["catalogue.contact_accepted_host"].body


def test_a_no_shows_no_address() -> None:
    contact = make_contact()

    services.answer_contact(contact, accepted=False, reply="", actor=None)

    letter = next(one for one in letters_about(contact) if "declined" in one.kind)
    assert contact.offer.contact_email not in letter.body
    assert letter.to_email == contact.application.person_email


def test_a_contact_is_answered_once() -> None:
    contact = make_contact()
    services.answer_contact(contact, accepted=False, reply="", actor=None)

    again = refused(lambda: services.answer_contact(contact, accepted=True, reply="", actor=None))

    assert (again, contact.status) == ("wrong-state", ContactStatus.DECLINED)


def test_a_contact_closes_with_its_offer() -> None:
    contact = make_contact()
    close(contact.offer, actor=None)

    services.lapse()

    assert contact.status is ContactStatus.DECLINED
