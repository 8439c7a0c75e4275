"""Lists go by their address, whatever it asks for."""

import re
from html import unescape

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import InstrumentedAttribute, Session, scoped_session

from mobility.core import lists
from mobility.core.db import db
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from tests.make.calls import make_call
from tests.make.rounds import make_host
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


def links(page: str) -> set[str]:
    """Where the table's head, its pages and the chips lead."""
    return {unescape(found) for found in re.findall(r'href="(/hosts[?"][^"]*)"', page)}


@pytest.mark.parametrize("name", ["endpoint", "values", "_method", "_scheme", "_anchor", "_external"])
def test_an_argument_of_any_name_is_kept_in_the_links_of_a_list(client: Visitor, name: str) -> None:
    make_host(make_call())

    answer = client.get(f"/hosts?{name}=POST")

    assert answer.status_code == 200
    assert f"/hosts?{name}=POST&sort=title" in links(answer.text)


def test_an_argument_is_quoted_in_the_links_of_a_list(client: Visitor) -> None:
    make_host(make_call(), title="Ö & Ü")

    assert "/hosts?q=%C3%96+%26+%C3%9C&sort=title" in links(client.get("/hosts?q=%C3%96+%26+%C3%9C").text)


def test_a_page_that_is_not_there_is_the_nearest_that_is(client: Visitor) -> None:
    call = make_call()
    for _ in range(lists.PER_PAGE + 1):
        make_host(call)

    for asked, shown in {"": 1, "2": 2, "3": 2, "0": 1, "-1": 1, "x": 1, "9" * 30: 1}.items():
        page = client.get(f"/hosts?page={asked}").text
        assert f"Page </span>{shown}</span>" in page, asked


@pytest.mark.parametrize("word", ["%", "_", "\\"])
def test_a_pattern_is_searched_for_as_it_is_written(client: Visitor, word: str) -> None:
    call = make_call()
    make_host(call, title=f"A week {word} a day")
    make_host(call, title="Another")

    page = client.get(f"/hosts?q={word.replace('%', '%25')}").text

    assert "A week" in page
    assert "Another" not in page


@pytest.mark.parametrize(
    ("q", "found"),
    {
        "wind": {"Wind week", "Winding paths"},
        "WIND": {"Wind week", "Winding paths"},
        "Wind week": {"Wind week"},
        "week wind": {"Wind week"},
        "wind porto": {"Winding paths"},
        "porto paths winding": {"Winding paths"},
        "nd": {"Wind week", "Winding paths"},
        "é": {"Énergie"},
        "ÉNERG": {"Énergie"},
        "w": {"Wind week", "Winding paths"},
        "windy": set(),
        "wind nowhere": set(),
    }.items(),
)
def test_words_are_found_wherever_they_stand(client: Visitor, q: str, found: set[str]) -> None:
    call, titles = make_call(), {"Wind week": "Lille", "Winding paths": "Porto", "Énergie": "Liège"}
    for title, town in titles.items():
        host = make_host(call, title=title)
        host.organisation.town, host.organisation.name, host.organisation.name_folded = town, "A", "a"
    db.session.flush()

    page = client.get("/hosts", query_string={"q": q}).text

    assert {title for title in titles if f">{title}<" in page} == found


def test_what_is_found_on_many_pages_is_what_is_found_on_few(
    client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = make_call()
    for number in range(lists.PER_PAGE + 5):
        make_host(call, title=f"Wind week {number:02}")
    few = client.get("/hosts?q=wind+week&sort=title").text

    monkeypatch.setattr(lists, "COUNTED", lists.PER_PAGE)
    many = client.get("/hosts?q=wind+week&sort=title").text

    shown = re.compile(r">(Wind week \d\d)<")
    assert shown.findall(few) == shown.findall(many)
    assert len(shown.findall(many)) == lists.PER_PAGE


@pytest.mark.parametrize(
    "column", [Organisation.name, Organisation.town, Organisation.registration, Offer.title, Offer.reference]
)
def test_a_word_is_looked_up_by_index(session: Db, column: InstrumentedAttribute[str]) -> None:
    for other_way in ("seqscan", "indexscan", "indexonlyscan"):
        session.execute(text(f"SET LOCAL enable_{other_way} = off"))
    asked = select(column.class_.id).where(lists._finds(column, "wind"))
    words = str(asked.compile(session.connection(), compile_kwargs={"literal_binds": True}))
    plan = session.connection().exec_driver_sql(f"EXPLAIN {words}")

    assert f"ix_{column.class_.__tablename__}_words" in str(plan.all())


def test_a_list_is_sorted_back_exactly_as_it_is_sorted(client: Visitor) -> None:
    call = make_call()
    for number in range(4):
        make_host(call, title="Wind week" if number % 2 else "Sun week", agenda=str(number))
    order = re.compile(r"/hosts/(OFF-[\d-]+)")

    forth, back = (
        dict.fromkeys(order.findall(client.get(f"/hosts?sort={way}").text)) for way in ("title", "-title")
    )

    assert len(forth) == 4
    assert [*forth] == [*back][::-1]
