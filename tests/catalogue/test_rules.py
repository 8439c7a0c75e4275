"""The score of a pair."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.applications.models import Application, ApplicationWindow, Wish
from mobility.calls.models import Call
from mobility.calls.seed import SCORE_WEIGHTS
from mobility.catalogue import rules
from mobility.hosts.models import Offer, OfferWindow
from mobility.organisations.enums import OrganisationType
from mobility.organisations.models import Organisation

MAY = (date(2027, 5, 3), date(2027, 5, 28))
JUNE = (date(2027, 6, 1), date(2027, 6, 30))
CALL = Call(score_weights=SCORE_WEIGHTS, wish_step=8)


def visitor(
    *, window: tuple[date, date] = MAY, wishes: list[Wish] | None = None, **changes: Any
) -> Application:
    """A visitor who suits `host()` in everything."""
    usual: dict[str, Any] = {
        "ecosystems": ["textiles"],
        "industries": [],
        "purposes": ["markets"],
        "countries": ["PT"],
        "partner_types": ["cluster"],
        "languages": {"en": "C1"},
        "max_days": 5,
        "organisation": Organisation(country="ES", type=OrganisationType.SME),
        "windows": [ApplicationWindow(first_day=window[0], last_day=window[1])],
        "wishes": wishes or [],
    }
    return Application(**usual | changes)


def host(*, window: tuple[date, date] = MAY, places: int = 1, **changes: Any) -> Offer:
    """A host who suits `visitor()` in everything."""
    usual: dict[str, Any] = {
        "id": 1,
        "ecosystems": ["textiles"],
        "industries": [],
        "purposes": ["markets"],
        "partner_types": ["sme"],
        "languages": {"en": "B2"},
        "organisation": Organisation(country="PT", type=OrganisationType.CLUSTER),
        "windows": [OfferWindow(first_day=window[0], last_day=window[1], places=places)],
    }
    return Offer(**usual | changes)


def points(application: Application, offer: Offer, code: str, days: int = 5) -> int:
    parts = rules.score(application, offer, days=days, call=CALL).parts
    return next(part.points for part in parts if part.code == code)


def test_a_pair_that_suits_in_everything_has_all_hundred_points() -> None:
    score = rules.score(visitor(), host(), days=5, call=CALL)

    assert score.points == 100
    assert [part.points for part in score.parts] == [part.max for part in score.parts]


def test_each_part_is_stored_with_its_most_and_the_values_it_was_made_from() -> None:
    stored = rules.score(visitor(), host(), days=5, call=CALL).as_dicts()

    assert stored[0] == {
        "code": "topics",
        "points": 35,
        "max": 35,
        "values": {"common": [["ecosystem", "textiles"]]},
    }
    assert {part["code"]: part["max"] for part in stored} == SCORE_WEIGHTS


topics = st.lists(st.sampled_from(["textiles", "digital", "health", "retail"]), unique=True)
levels = st.dictionaries(st.sampled_from(["en", "fr", "de"]), st.sampled_from(rules.LEVELS))
days = st.dates(date(2027, 1, 1), date(2027, 3, 1))


@given(topics, topics, levels, levels, st.tuples(days, days), st.integers(1, 20), st.integers(1, 20))
def test_whatever_a_pair_is_like_the_parts_are_whole_within_their_most_and_sum_to_the_score(
    wished: list[str],
    offered: list[str],
    spoken: dict[str, str],
    understood: dict[str, str],
    window: tuple[date, date],
    most_days: int,
    stay: int,
) -> None:
    application = visitor(
        ecosystems=wished,
        purposes=offered,
        languages=spoken,
        window=(min(window), max(window)),
        max_days=most_days,
        countries=[],
    )
    offer = host(
        ecosystems=offered, industries=wished, languages=understood, window=(date(2027, 1, 5), MAY[1])
    )

    score = rules.score(application, offer, days=stay, call=CALL)

    assert score.points == sum(part["points"] for part in score.as_dicts())
    assert all(isinstance(part.points, int) and 0 <= part.points <= part.max for part in score.parts)
    assert 0 <= score.points <= 100


def test_other_weights_of_the_call_give_other_points() -> None:
    call = Call(score_weights=dict.fromkeys(SCORE_WEIGHTS, 1), wish_step=8)

    assert rules.score(visitor(), host(), days=5, call=call).points == 7


@pytest.mark.parametrize(("rank", "expected"), [(1, 100), (2, 92), (3, 84), (13, 4), (14, 0), (50, 0)])
def test_a_ranked_wish_replaces_the_score_and_loses_eight_points_a_rank(rank: int, expected: int) -> None:
    application = visitor(wishes=[Wish(offer_id=1, rank=rank)])

    score = rules.score(application, host(ecosystems=["health"]), days=3, call=CALL)

    assert score.as_dicts() == [{"code": "wish", "points": expected, "max": 100, "values": {"rank": rank}}]
    assert score.points == expected


def test_a_wish_for_another_host_changes_nothing() -> None:
    application = visitor(wishes=[Wish(offer_id=2, rank=1), Wish(offer_id=3, rank=None)])

    assert rules.score(application, host(), days=5, call=CALL).as_dicts()[0]["code"] == "topics"


def test_an_ecosystem_and_an_industry_of_one_name_are_two_topics() -> None:
    application = visitor(ecosystems=["digital"], industries=[])

    assert points(application, host(ecosystems=[], industries=["digital"]), "topics") == 0


def test_topics_are_measured_against_the_side_that_names_less() -> None:
    application = visitor(ecosystems=["textiles", "health", "retail"])

    assert points(application, host(ecosystems=["textiles", "digital"]), "topics") == 17


def test_no_topics_give_no_points() -> None:
    assert points(visitor(ecosystems=[]), host(), "topics") == 0


def test_the_offer_counts_by_how_much_of_what_is_sought_it_serves() -> None:
    application = visitor(purposes=["markets", "learn", "technology"])

    assert points(application, host(purposes=["markets", "networking"]), "offer") == 6


def test_a_visitor_open_to_any_country_has_full_points_for_it() -> None:
    assert points(visitor(countries=[]), host(), "country") == 15


def test_a_country_that_was_not_wished_has_no_points() -> None:
    assert points(visitor(countries=["FR"]), host(), "country") == 0


@pytest.mark.parametrize(("level", "expected"), [("A1", 2), ("A2", 5), ("B1", 7), ("B2", 10), ("C2", 10)])
def test_language_counts_by_the_lower_of_the_two_levels(level: str, expected: int) -> None:
    assert points(visitor(languages={"en": level}), host(languages={"en": "C2"}), "language") == expected


def test_the_best_shared_language_counts() -> None:
    application = visitor(languages={"en": "A2", "pt": "C1", "fr": "C2"})

    found = rules.shared_language(application, host(languages={"en": "C2", "pt": "B2"}))

    assert found == ("pt", "B2")


def test_without_a_shared_language_there_is_none() -> None:
    assert rules.shared_language(visitor(languages={"fr": "C1"}), host()) is None


def test_the_period_counts_by_the_days_in_common() -> None:
    application = visitor(window=(date(2027, 5, 24), date(2027, 6, 6)))

    assert points(application, host(), "period") == 3
    assert points(visitor(window=JUNE), host(), "period") == 0


@st.composite
def windows(draw: st.DrawFn) -> list[tuple[date, date]]:
    """Up to four windows of a spring, which may overlap."""
    starts = draw(st.lists(st.integers(0, 60), max_size=4))
    lengths = [draw(st.integers(0, 20)) for _ in starts]
    first = [MAY[0] + timedelta(days=start) for start in starts]
    return [(day, day + timedelta(days=length)) for day, length in zip(first, lengths, strict=True)]


def days_of(ranges: list[tuple[date, date]]) -> set[date]:
    return {first + timedelta(days=n) for first, last in ranges for n in range((last - first).days + 1)}


@given(windows(), windows())
def test_the_period_counts_each_common_day_once(
    wished: list[tuple[date, date]], offered: list[tuple[date, date]]
) -> None:
    application = visitor()
    application.windows = [ApplicationWindow(first_day=first, last_day=last) for first, last in wished]
    offer = host()
    offer.windows = [OfferWindow(first_day=first, last_day=last, places=1) for first, last in offered]

    parts = rules.score(application, offer, days=5, call=CALL).parts
    period = next(part for part in parts if part.code == "period")

    common, smaller = days_of(wished) & days_of(offered), min(len(days_of(wished)), len(days_of(offered)))
    assert period.values == {"days": len(common)}
    assert period.points == (period.max * len(common) // smaller if smaller else 0)


def test_a_window_without_places_counts_for_no_period() -> None:
    assert points(visitor(), host(places=0), "period") == 0


@pytest.mark.parametrize(
    ("wished", "welcome", "expected"),
    [
        (["cluster"], ["sme"], 5),
        ([], [], 5),
        (["sme"], ["sme"], 2),
        (["cluster"], ["support"], 2),
        (["sme"], ["large"], 0),
    ],
)
def test_the_type_counts_for_each_side_that_it_suits(
    wished: list[str], welcome: list[str], expected: int
) -> None:
    assert points(visitor(partner_types=wished), host(partner_types=welcome), "partner_type") == expected


def test_the_length_counts_by_the_share_of_the_longest_stay_wished() -> None:
    assert points(visitor(max_days=10), host(), "length", days=5) == 2
