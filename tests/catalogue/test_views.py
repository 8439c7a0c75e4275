"""The pages of the catalogue: the ranked list, one record, and contact."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.services import withdraw
from mobility.calls.models import Call
from mobility.catalogue.enums import PairStatus
from mobility.catalogue.models import Contact
from mobility.core.db import db
from mobility.hosts.draft import ClosureDraft
from mobility.hosts.models import Offer
from tests.catalogue.people import NewClient, entered
from tests.make.accounts import make_user
from tests.make.catalogue import make_contact, make_pair
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.rounds import PORTO_CLUSTER, make_host, make_visitor, weeks
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
MOST_STATEMENTS = 12
# What the beginnings and ends of transactions add to them in a test.
AROUND = 7


def rows(page: str) -> list[str]:
    """The rows of the table, without tags."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def test_a_visitor_sees_the_hosts_of_the_call_with_their_points(visitor: Visitor, offer: Offer) -> None:
    page = visitor.get("/catalogue")

    (row,) = rows(page.text)
    assert row.startswith("A week in the dye works")
    assert "Available" in row
    assert offer.organisation.name in row


def test_the_best_comes_first_and_who_is_not_available_last(
    visitor: Visitor, call: Call, application: Application
) -> None:
    make_host(call, title="B other topics", ecosystems=("textiles",), purposes=("markets",))
    make_host(call, title="C other dates", windows=((*weeks(call, 30, 2), 1),))
    db.session.commit()

    found = rows(visitor.get("/catalogue").text)

    assert [row.split()[0] for row in found] == ["A", "B", "C"]
    assert "No common dates" in found[2]


def other_dates(call: Call) -> None:
    make_host(call, title="Z", windows=((*weeks(call, 30, 2), 1),))


def too_long(call: Call) -> None:
    make_host(call, title="Z", min_days=8, max_days=10)


def full(call: Call) -> None:
    host = make_host(call, title="Z", windows=((*weeks(call, 4, 1), 1),), min_days=5)
    make_pair(make_visitor(call), host, status=PairStatus.VALIDATED)


def visits_used_up(call: Call) -> None:
    make_pair(make_visitor(call), make_host(call, title="Z", max_visits=1), status=PairStatus.VALIDATED)


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (other_dates, "No common dates"),
        (too_long, "No length of stay suits both"),
        (full, "No place is left"),
        (visits_used_up, "No place is left"),
    ],
)
def test_who_is_not_available_is_grey_with_the_reason(
    visitor: Visitor, call: Call, arrange: Callable[[Call], None], reason: str
) -> None:
    arrange(call)
    db.session.commit()

    row = rows(visitor.get("/catalogue").text)[-1]

    assert row.startswith("Z ")
    assert "Not available" in row
    assert reason in row


def test_who_has_a_pair_sees_nobody_as_available(
    visitor: Visitor, application: Application, offer: Offer
) -> None:
    pair = make_pair(application, offer)
    db.session.commit()

    (row,) = rows(visitor.get("/catalogue").text)
    page = visitor.get(f"/catalogue/{offer.reference}").text

    assert "You have an agreed pair already." in row
    assert page.count("You have an agreed pair already.") == 1
    assert f'href="/pairs/{pair.reference}"' in page


def test_a_host_is_not_led_to_a_visitors_pair_with_another(
    new_client: NewClient, application: Application, offer: Offer
) -> None:
    other = make_host(offer.call, title="Other", author=make_user(Role.HOST))
    pair = make_pair(application, other)
    host = entered(new_client, make_user(Role.HOST, email=offer.contact_email))

    page = host.get(f"/catalogue/{application.reference}?of={offer.reference}").text

    assert "The visitor has an agreed pair already." in page
    assert pair.reference not in page


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("country=PT", ["A"]),
        ("country=FR", ["F"]),
        ("ecosystem=textiles", ["F"]),
        ("language=fr", ["F"]),
        ("length=10", ["F"]),
        ("q=dye", ["A"]),
        ("q=Lyon textiles", ["F"]),
        ("q=nothing", []),
        ("country=XX&page=99999999999999999999", ["A", "F"]),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    visitor: Visitor, call: Call, asked: str, titles: list[str]
) -> None:
    lyon: dict[str, Any] = PORTO_CLUSTER | {"country": "FR", "town": "Lyon", "region": "FRK2"}
    make_host(
        call,
        title="F",
        organisation=make_organisation(**lyon),
        ecosystems=("textiles",),
        languages={"fr": "C1", "en": "B2"},
        max_days=10,
    )
    db.session.commit()

    found = rows(visitor.get(f"/catalogue?{asked}").text)

    assert [row.split()[0] for row in found] == titles


def test_filtering_keeps_the_record_it_is_for(
    new_client: NewClient, application: Application, offer: Offer
) -> None:
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))

    page = support.get(f"/catalogue?of={application.reference}").text

    assert f'<input type="hidden" name="of" value="{application.reference}">' in page


def test_a_host_sees_visitors_without_name_place_or_address(host: Visitor, application: Application) -> None:
    listed = host.get("/catalogue").text
    shown = host.get(f"/catalogue/{application.reference}").text

    assert "Small or medium-sized enterprise, Spain" in listed
    for page in (listed, shown):
        assert application.reference in page
        for secret in ("Hidden Looms", "Zaragoza", "Vera", application.person_email, application.motivation):
            assert secret not in page


@pytest.mark.parametrize("word", ["Hidden", "Zaragoza", "Vera", "visitor%"])
def test_a_host_cannot_search_for_what_is_hidden(host: Visitor, word: str) -> None:
    assert rows(host.get(f"/catalogue?q={word}").text) == []


def test_a_visitor_who_waits_for_its_assessment_is_grey_for_the_host(
    host: Visitor, call: Call, application: Application
) -> None:
    make_visitor(call, status=ApplicationStatus.SUBMITTED)
    db.session.commit()

    found = rows(host.get("/catalogue").text)

    assert len(found) == 2
    assert "still assessing" in found[1]


def test_a_visitor_who_waits_may_look_around_but_not_write(
    new_client: NewClient, call: Call, offer: Offer
) -> None:
    waiting = make_visitor(call, status=ApplicationStatus.SUBMITTED)
    client = entered(new_client, make_user(Role.APPLICANT, email=waiting.person_email))
    page = f"/catalogue/{offer.reference}"

    assert "still being assessed" in client.get("/catalogue").text
    shown = client.get(page).text
    assert "You can write once your application is accepted." in shown
    assert "Write a message" not in shown
    assert 'name="message"' not in shown
    answer = client.submit("/account/password", {"message": "Hello"}, to=f"{page}/contact")

    assert answer.status_code == 409
    assert db.session.scalar(select(func.count(Contact.id))) == 0


def test_who_was_ruled_out_is_not_told(new_client: NewClient, call: Call, offer: Offer) -> None:
    make_visitor(call, wishes={offer: None})
    client = entered(new_client, make_user(Role.HOST, email=offer.contact_email))

    (row,) = rows(client.get("/catalogue").text)

    assert "Not available for this visit." in row


def test_the_page_of_a_host_says_why_it_suits_and_what_is_missing(visitor: Visitor, offer: Offer) -> None:
    offer.languages = {"en": "A2"}
    db.session.commit()

    page = visitor.get(f"/catalogue/{offer.reference}").text

    assert "Topics in common" in page
    assert "Most points are missing here" in page
    assert offer.organisation.name in page
    assert "Hugo Secret" not in page
    assert offer.contact_email not in page


def test_without_a_record_of_ones_own_the_page_says_what_to_do(new_client: NewClient, offer: Offer) -> None:
    client = entered(new_client, make_user(Role.APPLICANT))

    assert "Nothing to compare with yet" in client.get("/catalogue").text
    assert client.get(f"/catalogue/{offer.reference}").status_code == 404


def test_a_record_of_somebody_else_is_no_basis(
    visitor: Visitor, call: Call, application: Application
) -> None:
    other = make_visitor(call)
    db.session.commit()

    assert visitor.get(f"/catalogue?of={other.reference}").status_code == 404
    assert visitor.get(f"/catalogue/{application.reference}").status_code == 404


def test_an_officer_looks_for_their_own_partnerships_applications_only(
    new_client: NewClient, application: Application, offer: Offer
) -> None:
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=application.partnership)
    foreign = make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership())

    client = entered(new_client, officer)
    page = client.get(f"/catalogue?of={application.reference}")
    assert offer.title in page.text
    address = f"/catalogue/{offer.reference}?of={application.reference}"
    assert "Write to the host" not in client.get(address).text
    refused = client.submit("/account/password", {"message": "x"}, to=f"/catalogue/{offer.reference}/contact")
    assert refused.status_code == 403
    other = entered(new_client, foreign)
    assert other.get(f"/catalogue?of={application.reference}").status_code == 404


def test_a_reference_is_found_however_it_is_typed(new_client: NewClient, application: Application) -> None:
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))

    page = support.get(f"/catalogue?of=+{application.reference.lower()}+")

    assert page.status_code == 200
    assert application.reference in page.text


def test_whoever_is_gone_no_longer_waits_for_an_answer(
    host: Visitor, application: Application, offer: Offer
) -> None:
    make_contact(application, offer)
    db.session.commit()
    assert "Waiting for your answer" in host.get("/catalogue").text

    withdraw(application, actor=None)
    db.session.commit()

    assert "Waiting for your answer" not in host.get("/catalogue").text


def test_an_officer_of_the_host_does_not_see_who_another_partnerships_visitor_is(
    new_client: NewClient, application: Application, offer: Offer
) -> None:
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=offer.partnership)

    page = entered(new_client, officer).get(f"/catalogue?of={offer.reference}").text

    assert application.reference in page
    assert "Hidden Looms" not in page


def test_the_lists_ask_the_database_as_often_for_one_row_as_for_many(
    visitor: Visitor, host: Visitor, call: Call
) -> None:
    few = [statements_of(client, "/catalogue") for client in (visitor, host)]
    for number in range(4):
        offer = make_host(
            call, closures=(ClosureDraft(call.first_day, call.first_day + timedelta(days=number)),)
        )
        make_visitor(call, wishes={offer: 1})
    db.session.commit()

    many = [statements_of(client, "/catalogue") for client in (visitor, host)]

    assert many == few
    assert max(many) <= MOST_STATEMENTS + AROUND
