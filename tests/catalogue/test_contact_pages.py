"""The page of one record of the catalogue: writing, answering, and who reads what of it."""

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.models import Application
from mobility.catalogue import services
from mobility.catalogue.enums import ContactStatus, Side
from mobility.catalogue.models import Contact
from mobility.core.db import db
from mobility.hosts.models import Offer
from tests.catalogue.people import NewClient, entered
from tests.make.accounts import make_user
from tests.make.catalogue import make_contact
from tests.visitor import Visitor

Db = scoped_session[Session]
MOST_STATEMENTS = 12
# What the beginnings and ends of transactions add to them in a test.
AROUND = 7


def test_both_write_answer_and_then_see_names_and_addresses(
    visitor: Visitor, host: Visitor, application: Application, offer: Offer
) -> None:
    to_host, to_visitor = f"/catalogue/{offer.reference}", f"/catalogue/{application.reference}"

    asked = visitor.submit(to_host, {"message": "Shall we meet?"}, to=f"{to_host}/contact")
    assert asked.status_code == 302
    assert "Waiting for your answer" in host.get("/catalogue").text
    page = host.get(to_visitor).text
    assert "Shall we meet?" in page
    assert "Vera Secret" not in page

    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version
    answered = host.submit(to_visitor, {"answer": "accept", "version": version[1]}, to=f"{to_visitor}/answer")

    assert answered.status_code == 302
    assert "Vera Secret" in host.get(to_visitor).text
    assert "Hidden Looms" in host.get("/catalogue").text
    assert offer.contact_email in visitor.get(to_host).text


def test_a_stale_answer_is_a_conflict(host: Visitor, application: Application, offer: Offer) -> None:
    contact = make_contact(application, offer)
    db.session.commit()
    page = f"/catalogue/{application.reference}"

    answer = host.submit(page, {"answer": "accept", "version": "77"}, to=f"{page}/answer")

    assert (answer.status_code, contact.status) == (409, ContactStatus.OPEN)


def test_nobody_answers_their_own_message(visitor: Visitor, application: Application, offer: Offer) -> None:
    contact = make_contact(application, offer)
    db.session.commit()
    page = f"/catalogue/{offer.reference}"

    answer = visitor.submit("/pairs/new", {"answer": "accept", "version": "1"}, to=f"{page}/answer")

    assert (answer.status_code, contact.status) == (404, ContactStatus.OPEN)


@pytest.mark.parametrize("message", ["", "a\0b", "x" * 5001])
def test_a_hostile_message_is_refused_beside_its_field(visitor: Visitor, offer: Offer, message: str) -> None:
    page = f"/catalogue/{offer.reference}"

    answer = visitor.submit(page, {"message": message}, to=f"{page}/contact")

    assert answer.status_code == 422
    assert 'id="message-error"' in answer.text
    assert db.session.scalar(select(func.count(Contact.id))) == 0


def test_words_of_others_are_shown_as_text(host: Visitor, application: Application, offer: Offer) -> None:
    services.contact(application, offer, Side.VISITOR, "<b>Hi</b>", actor=None)
    db.session.commit()

    assert "&lt;b&gt;Hi&lt;/b&gt;" in host.get(f"/catalogue/{application.reference}").text


@pytest.mark.parametrize(
    ("begun_by", "wrote"), [(Side.VISITOR, "The visitor wrote"), (Side.HOST, "The host wrote")]
)
def test_staff_are_not_spoken_to_as_if_they_had_written(
    new_client: NewClient, application: Application, offer: Offer, begun_by: Side, wrote: str
) -> None:
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))
    contact = make_contact(application, offer, side=begun_by)
    db.session.commit()
    pages = [
        f"/catalogue/{offer.reference}?of={application.reference}",
        f"/catalogue/{application.reference}?of={offer.reference}",
    ]

    waiting = [support.get(page).text for page in pages]
    services.answer_contact(contact, accepted=True, reply="", actor=None)
    db.session.commit()
    answered = [support.get(page).text for page in pages]

    for page in waiting + answered:
        assert wrote in page
        for words in ("Your message", "You wrote", "You are in contact"):
            assert words not in page
    assert all("A message waits for an answer" in page for page in waiting)


def test_who_wrote_reads_so(visitor: Visitor, host: Visitor, application: Application, offer: Offer) -> None:
    make_contact(application, offer)
    db.session.commit()

    written = visitor.get(f"/catalogue/{offer.reference}").text
    received = host.get(f"/catalogue/{application.reference}").text

    assert "Your message waits for an answer" in written
    assert "You wrote" in written
    assert "The visitor wrote" in received
