"""Which partnership fits whom, and what came of past calls; no account, nothing personal."""

import pytest

from mobility.applications.enums import ApplicationStatus
from mobility.applications.services import withdraw
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.hosts.rules import nearest_partnership
from mobility.public.finder import fits
from mobility.public.queries import results
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.exchanges import make_ended_exchange
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
PAGE = "/partnerships"


@pytest.fixture
def call() -> Call:
    """A call with three partnerships: Alpha and Beta on textiles, Gamma on health."""
    call = make_call()
    for name, country, topic in (
        ("Alpha", "BE", "textiles"),
        ("Beta", "PT", "textiles"),
        ("Gamma", "PT", "health"),
    ):
        make_allotment(
            call, make_partnership(code=name.upper(), name=name, country=country, ecosystems=(topic,))
        )
    return call


def order(page: str) -> list[str]:
    return sorted(("Alpha", "Beta", "Gamma"), key=lambda name: page.index(f"{name}\n"))


def test_topic_comes_first_and_then_the_own_country_each_with_its_reason(call: Call, client: Visitor) -> None:
    page = client.get(f"{PAGE}?country=PT&topic=textiles").text

    assert order(page) == ["Beta", "Alpha", "Gamma"]
    assert page.count("Works on your topic, Textiles.") == 2
    assert page.count("Has its seat in your country, Portugal.") == 2
    assert page.count("Fits best") == 1


def test_a_cluster_in_ones_country_speaks_for_a_partnership(call: Call, client: Visitor) -> None:
    alpha = next(one.partnership for one in call.allotments if one.partnership.name == "Alpha")
    make_organisation(partnership=alpha, country="IT", town="Prato")

    assert "A cluster of it is in your country, Italy." in client.get(f"{PAGE}?country=IT").text


@pytest.mark.parametrize("country", ["BE", "PT", "IT"])
@pytest.mark.parametrize("topic", ["textiles", "health", "digital"])
def test_the_first_is_whom_an_application_would_be_given_to(call: Call, country: str, topic: str) -> None:
    partnerships = [allotment.partnership for allotment in call.allotments]

    first = fits(partnerships, {}, country=country, topic=topic)[0].partnership

    assert first is nearest_partnership(call, make_organisation(country=country), [topic])


def test_without_a_wish_all_are_listed_and_none_is_best(call: Call, client: Visitor) -> None:
    page = client.get(PAGE).text

    assert order(page) == ["Alpha", "Beta", "Gamma"]
    assert "Fits best" not in page


@pytest.mark.parametrize("query", ["country=XX", "topic=magic"])
def test_an_unknown_answer_is_told_beside_its_field(call: Call, client: Visitor, query: str) -> None:
    answer = client.get(f"{PAGE}?{query}")

    assert answer.status_code == 422
    assert "There is a problem" in answer.text


def test_without_a_call_the_page_says_so(client: Visitor) -> None:
    assert "No partnership yet" in client.get(PAGE).text


def test_past_calls_are_told_in_figures_and_small_ones_are_hidden(client: Visitor) -> None:
    large, small = make_call(title="Large call"), make_call(title="Small call")
    for _visit in range(5):
        make_ended_exchange(call=large)
    make_application(call=large)
    withdraw(make_application(call=large, status=ApplicationStatus.DRAFT), actor=None)
    make_ended_exchange(call=small)
    large.status = small.status = CallStatus.CLOSED

    found = {one.title: one for one in results()}

    figures = found["Large call"]
    assert (figures.applications, figures.matched, figures.visits, figures.countries) == (6, 5, 5, 2)
    hidden = found["Small call"]
    assert (hidden.applications, hidden.matched, hidden.visits, hidden.countries) == (None, None, None, None)
    assert "under 5" in client.get(PAGE).text


def test_an_open_call_has_no_figures_yet(call: Call, client: Visitor) -> None:
    make_application(call=call)

    assert results() == []
    assert "What came of past calls" not in client.get(PAGE).text


def test_no_person_is_named(client: Visitor) -> None:
    exchange = make_ended_exchange()
    exchange.call.status = CallStatus.CLOSED

    page = client.get(PAGE).text

    assert exchange.visiting_organisation.name not in page
    assert exchange.application.person_name not in page


def test_the_page_takes_few_statements_however_many_partnerships(call: Call, client: Visitor) -> None:
    few = statements_of(client, f"{PAGE}?country=PT")
    for _number in range(3):
        make_allotment(call, make_partnership())
        make_call().status = CallStatus.CLOSED

    assert statements_of(client, f"{PAGE}?country=PT") == few <= 12
