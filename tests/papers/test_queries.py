from dataclasses import replace

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.audit.queries import entries_about
from mobility.papers import queries, services
from mobility.papers.enums import PaperState
from mobility.payments.document import PaymentOrderDocument, document
from mobility.payments.orders import PAPER, TEMPLATE, print_order
from tests.make.papers import make_paper
from tests.make.partnerships import make_partnership
from tests.make.payments import make_order


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        " {} ",
        pytest.param("lower", id="in small letters"),
        pytest.param("spaces", id="with spaces for hyphens"),
        pytest.param("plain", id="without hyphens"),
        pytest.param("misread", id="with figures for the letters they look like"),
    ],
)
def test_a_paper_is_found_by_its_code_however_it_is_typed(
    session: scoped_session[Session], written: str
) -> None:
    paper = make_paper(make_partnership())
    typed = {
        "lower": paper.code.lower(),
        "spaces": paper.code.replace("-", " "),
        "plain": paper.code.replace("-", ""),
        "misread": paper.code.replace("O", "0").replace("I", "1").replace("B", "8"),
    }.get(written, written.format(paper.code))

    assert queries.by_code(typed) is paper


@pytest.mark.parametrize("code", ["", "-", "AAAA-BBBB-CCCC-DDDD-EEEE", "'; DROP TABLE paper", "ß" * 50, "%"])
def test_a_code_of_no_paper_finds_none(session: scoped_session[Session], code: str) -> None:
    make_paper(make_partnership())

    assert queries.by_code(code) is None


def test_a_paper_in_force_is_valid(session: scoped_session[Session]) -> None:
    assert queries.standing(make_paper(make_partnership())) == queries.Standing(PaperState.VALID)


def test_a_replaced_paper_names_the_version_in_its_place(session: scoped_session[Session]) -> None:
    about = make_partnership()
    first, second = make_paper(about), make_paper(about, content=b"%PDF-1.7 two")
    third = make_paper(about, content=b"%PDF-1.7 three")

    assert queries.standing(first) == queries.Standing(PaperState.REPLACED, second)
    assert queries.standing(second) == queries.Standing(PaperState.REPLACED, third)


def test_a_cancelled_paper_says_so(session: scoped_session[Session]) -> None:
    about = make_partnership()
    paper = make_paper(about)

    services.cancel("note", about, actor=None)

    assert queries.standing(paper) == queries.Standing(PaperState.CANCELLED)


def test_a_page_that_says_the_same_is_no_new_version(session: scoped_session[Session]) -> None:
    order = make_order()
    first = print_order(order)
    session.flush()

    assert print_order(order) is first

    assert [entry.verb for entry in entries_about(order)].count("paper.issued") == 1


def test_a_page_that_says_something_else_is_the_next_version(session: scoped_session[Session]) -> None:
    order = make_order()
    first = print_order(order)
    assert first is not None
    session.flush()

    def other(version: int) -> PaymentOrderDocument:
        return replace(document(order, version), title="Something else")

    second = services.issue_if_new(PAPER, order, order.reference, TEMPLATE, other, None)

    assert (first.paper_version, second.paper_version, second.title) == (1, 2, "Something else")
    assert first.replaced_at is not None
    # Compared with the version in force, whichever that is.
    assert services.issue_if_new(PAPER, order, order.reference, TEMPLATE, other, None) is second
