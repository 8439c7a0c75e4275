"""Filters and words narrow the whole call, and nobody finds a name that they may not know."""

import re
from typing import Any

import pytest
from sqlalchemy import literal, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.catalogue import near, services
from mobility.catalogue.narrowing import folded
from mobility.core.db import db
from mobility.hosts.models import Offer
from mobility.taxonomies.folding import fold
from tests.catalogue.people import NewClient, entered
from tests.make.accounts import make_user
from tests.make.catalogue import make_contact
from tests.make.organisations import make_organisation
from tests.make.rounds import PORTO_CLUSTER, SEVILLA, make_host, make_visitor
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
MOST_STATEMENTS = 12
# What the beginnings and ends of transactions add to them in a test.
AROUND = 7
LODZ: dict[str, Any] = PORTO_CLUSTER | {"country": "PL", "town": "Łódź", "region": "PL71"}


def first_words(page: str) -> list[str]:
    """What each row of the table begins with."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.sub("<[^>]+>", " ", row).split()[0] for row in body.split("</tr>")[:-1]]


@pytest.fixture
def far(call: Call, application: Application, offer: Offer) -> Offer:
    """A Polish host of another ecosystem, older than any other."""
    found = make_host(
        call,
        title="Z of the mill (młyn)",
        organisation=make_organisation(**LODZ, name="Przędza Śląska"),
        ecosystems=("textiles",),
        industries=("blue-growth",),
        purposes=("investment",),
        languages={"pl": "C2", "en": "B2"},
        min_days=8,
        max_days=10,
    )
    assert found.submitted_at
    found.submitted_at = found.submitted_at.replace(year=2020)
    db.session.flush()
    return found


@pytest.mark.parametrize(
    "asked",
    [
        "country=PL",
        "ecosystem=textiles",
        "language=pl",
        "length=10",
        "q=MILL",
        "q=poland",
        "q=łódź",
        "q=lodz",
        "q=MLYN",
        "q=Łódź+–+%26+mill",
        "q=z+of+the+mill+mlyn+poland+lodz+textiles+nothing",
        "q=przedza",
        "q=Textiles",
        "q=blue",
        "q=interregional",
        "q=Poland,+mill",
        "q=mill&country=PL&length=10",
    ],
)
def test_a_host_is_found_that_is_not_among_the_nearest(
    visitor: Visitor, far: Offer, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)

    assert first_words(visitor.get("/catalogue").text) == ["A"]
    assert first_words(visitor.get(f"/catalogue?{asked}").text) == ["Z"]


@pytest.mark.parametrize("asked", ["q=_ill", "q=mill+nothing", "q=mill&country=PT"])
def test_what_does_not_fit_is_not_found(visitor: Visitor, far: Offer, asked: str) -> None:
    assert first_words(visitor.get(f"/catalogue?{asked}").text) == []


@pytest.mark.parametrize("asked", ["q=–", "q=%26", "q=,", "q=%25", "q=+%C2%A0"])
def test_signs_without_a_letter_narrow_nothing(visitor: Visitor, far: Offer, asked: str) -> None:
    assert first_words(visitor.get(f"/catalogue?{asked}").text) == ["A", "Z"]


@pytest.mark.parametrize(
    "text",
    ["Łódź", "Straße", "Œuvre d'Ærø", "Þórshöfn", "ĐURĐEVAC", "Αθήνας", "Çeşme İğdır ı", "Ħaż-Żabbar", "Ŧŋ"],
)
def test_the_database_folds_as_names_are_folded(session: Db, text: str) -> None:
    assert fold(session.scalar(select(folded(literal(text)))) or "") == fold(text)
    assert fold(text).split()[0] in (session.scalar(select(folded(literal(text)))) or "")


@pytest.mark.parametrize(("length", "found"), [("3", ["A"]), ("10", ["Z"]), ("5", ["A"]), ("20", [])])
def test_a_length_finds_whoever_takes_neither_longer_nor_shorter_stays(
    visitor: Visitor, far: Offer, length: str, found: list[str]
) -> None:
    assert first_words(visitor.get(f"/catalogue?length={length}").text) == found


def test_ones_own_country_is_no_choice(visitor: Visitor, host: Visitor) -> None:
    assert '<option value="ES"' not in visitor.get("/catalogue").text
    assert '<option value="ES"' in host.get("/catalogue").text
    assert '<option value="PT"' not in host.get("/catalogue").text


@pytest.mark.parametrize("asked", ["q=medium-sized", "q=spain", "q=renewable", "country=ES", "length=4"])
def test_a_visitor_is_found_by_what_its_row_says(
    host: Visitor, call: Call, application: Application, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)

    assert application.reference in host.get(f"/catalogue?{asked}").text


@pytest.mark.parametrize("word", ["hidden", "LOOMS", "Vera", "Secret"])
def test_a_visitors_name_is_found_by_whom_it_accepted(
    host: Visitor, application: Application, offer: Offer, word: str
) -> None:
    contact = make_contact(application, offer)
    db.session.commit()
    page = f"/catalogue?q={word}"

    waiting = host.get(page).text
    services.answer_contact(contact, accepted=True, reply="", actor=None)
    db.session.commit()

    assert first_words(waiting) == []
    assert first_words(host.get(page).text) == ["Hidden"]


@pytest.mark.parametrize("word", ["hidden", "Vera"])
def test_a_visitors_name_is_found_by_staff_in_whose_scope_it_lies_and_no_other(
    new_client: NewClient, application: Application, offer: Offer, word: str
) -> None:
    page = f"/catalogue?of={offer.reference}&q={word}"
    everywhere = make_user(Role.SUPPORT_OFFICER)
    elsewhere = make_user(Role.PARTNERSHIP_OFFICER, partnership=offer.partnership)

    assert first_words(entered(new_client, everywhere).get(page).text) == ["Hidden"]
    assert first_words(entered(new_client, elsewhere).get(page).text) == []


def test_the_choices_do_not_depend_on_what_is_found(visitor: Visitor, offer: Offer) -> None:
    page = visitor.get("/catalogue?q=nothing").text

    for option in ("Malta", "Latvian", "Tourism"):
        assert option in page


def test_narrowed_lists_ask_the_database_as_often_for_one_row_as_for_many(
    visitor: Visitor, host: Visitor, call: Call, application: Application, offer: Offer
) -> None:
    paths = ["/catalogue", "/catalogue?q=e&country=PT&length=3", "/catalogue?q=e&country=ES&length=3"]
    # The first contact is of both; who sees it has no more to ask.
    make_contact(application, offer)
    db.session.commit()
    few = [statements_of(client, path) for client in (visitor, host) for path in paths]
    for _ in range(4):
        make_contact(application, make_host(call, organisation=make_organisation(**PORTO_CLUSTER)))
        make_contact(make_visitor(call, organisation=make_organisation(**SEVILLA)), offer)
    db.session.commit()

    many = [statements_of(client, path) for client in (visitor, host) for path in paths]

    assert many == few
    assert max(many) <= MOST_STATEMENTS + AROUND


def test_staff_ask_no_more_than_the_side_itself(
    new_client: NewClient, call: Call, application: Application, offer: Offer
) -> None:
    make_visitor(call, wishes={make_host(call): 1, offer: 2})
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))

    for record in (application, offer):
        assert statements_of(support, f"/catalogue?of={record.reference}") <= MOST_STATEMENTS + AROUND
