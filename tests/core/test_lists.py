"""Lists go by their address, whatever it asks for."""

import re
from html import unescape

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.core import lists
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
