"""A closed call full of accepted applications and offers, stored in bulk; days and groups are those of `generate`."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from matching import Application as Drawn
from matching import Problem, generate
from matching.synthetic import FIRST_DAY
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import ApplicationWindow, Wish
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import Model, db
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import OfferClosure, OfferWindow, PlaceDay
from mobility.hosts.queries import accepted_offers
from mobility.hosts.rules import places_by_day
from mobility.organisations.models import Organisation
from tests.make.calls import make_allotment, make_call
from tests.make.partnerships import make_partnership
from tests.make.rounds import make_host, make_visitor

COUNTRIES = ("AT", "BE", "DE", "ES", "FR", "IT", "NL", "PL", "PT", "RO")
TOPICS = ("textiles", "agri-food", "digital", "health", "mobility", "tourism", "electronics")
PARTNERSHIPS = 40
WISHES = 3
SHORTEST_DAYS, LONGEST_DAYS = 3, 10
# For each visitor of a partnership: about three quarters of what their visits cost.
BUDGET_CENTS = 60_000
SEED = 1
Rows = list[dict[str, Any]]


def make_crowd(visitors: int, hosts: int, suiting: int) -> Call:
    """A closed call in which about so many hosts share a language with each visitor."""
    call, tongues = make_call(), -(-hosts // suiting)
    drawn = generate(applications=visitors, hosts=hosts, seed=SEED)
    random = Random(SEED)  # noqa: S311
    offers = _store_offers(call, drawn, tongues, random)
    _store_applications(call, drawn, tongues, random, offers)
    for offer in accepted_offers(call):
        days = [
            {"offer_id": offer.id, "day": day, "places": places}
            for day, places in places_by_day(offer).items()
        ]
        _store(PlaceDay, days)
    call.closes_at = clock.utcnow()
    db.session.commit()
    return call


def _store_offers(call: Call, drawn: Problem, tongues: int, random: Random) -> list[list[int]]:
    """The keys of the hosts, by the language they speak."""
    pattern = make_host(call, min_days=SHORTEST_DAYS, max_days=LONGEST_DAYS)
    pattern.status = OfferStatus.RESTED
    db.session.flush()
    homes = _homes(pattern.organisation, len(drawn.hosts), random)
    most = 2 * len(drawn.applications) // len(drawn.hosts)
    ids = _copies(
        pattern,
        [
            {
                "reference": f"OFF-CPY-{number:06d}",
                "organisation_id": home,
                "status": "accepted",
                "languages": _languages(number % tongues),
                "ecosystems": [random.choice(TOPICS)],
                "max_visits": most,
                "still_sha256": None,
            }
            for number, home in enumerate(homes)
        ],
    )
    hosts = list(zip(ids, drawn.hosts, strict=True))
    _store(
        OfferWindow,
        (
            {"offer_id": key, **_days(call, one.first, one.last), "places": one.places}
            for key, host in hosts
            for one in host.windows
        ),
    )
    # Weekends are closed anyhow.
    _store(
        OfferClosure,
        (
            {"offer_id": key, **_days(call, one.first, one.last), "name": ""}
            for key, host in hosts
            for one in host.closed
            if one.first == one.last
        ),
    )
    return [ids[tongue::tongues] for tongue in range(tongues)]


def _store_applications(
    call: Call, drawn: Problem, tongues: int, random: Random, offers: list[list[int]]
) -> None:
    partnerships = [make_partnership() for _ in range(PARTNERSHIPS)]
    budget_cents = BUDGET_CENTS * len(drawn.applications) // PARTNERSHIPS
    for partnership in partnerships:
        make_allotment(call, partnership, budget_cents=budget_cents)
    pattern = make_visitor(call, partnership=partnerships[0], min_days=SHORTEST_DAYS)
    pattern.status = ApplicationStatus.WITHDRAWN
    db.session.flush()
    spoken = _tongues(drawn.applications, tongues)
    homes = _homes(pattern.organisation, len(spoken), random, visiting=True)
    ids = _copies(
        pattern,
        [
            {
                "reference": f"APP-CPY-{number:06d}",
                "organisation_id": home,
                "partnership_id": partnerships[number % PARTNERSHIPS].id,
                "status": "accepted",
                "languages": _languages(tongue),
                "ecosystems": [random.choice(TOPICS)],
                "max_days": one.days,
                "group_key": one.group,
            }
            for number, (home, one, tongue) in enumerate(zip(homes, drawn.applications, spoken, strict=True))
        ],
    )
    visitors = list(zip(ids, drawn.applications, spoken, strict=True))
    _store(
        ApplicationWindow,
        (
            {"application_id": key, **_days(call, window.first, window.last)}
            for key, one, _tongue in visitors
            for window in one.windows
        ),
    )
    _store(
        Wish,
        (
            {"application_id": key, "offer_id": offer, "rank": rank}
            for key, _one, tongue in visitors
            for rank, offer in enumerate(_wished(offers[tongue], random), 1)
        ),
    )


def _wished(suiting: list[int], random: Random) -> list[int]:
    return random.sample(suiting, min(WISHES, len(suiting)))


def _tongues(applications: Iterable[Drawn], tongues: int) -> list[int]:
    """A language for each; a group speaks the same, for it travels together."""
    of_group: dict[str, int] = {}
    return [
        number % tongues if one.group is None else of_group.setdefault(one.group, number % tongues)
        for number, one in enumerate(applications)
    ]


def _languages(tongue: int) -> dict[str, str]:
    return {f"t{tongue}": "C1"}


def _homes(pattern: Organisation, number: int, random: Random, *, visiting: bool = False) -> list[int]:
    """Organisations, those of visitors in other countries than those of hosts: everybody travels abroad."""
    half = len(COUNTRIES) // 2
    countries = COUNTRIES[:half] if visiting else COUNTRIES[half:]
    return _copies(
        pattern,
        [
            {
                "registration": f"{pattern.registration}-{n}",
                "name": f"{pattern.name} {n}",
                "country": random.choice(countries),
                "latitude": random.uniform(38, 55),
                "longitude": random.uniform(-8, 25),
            }
            for n in range(number)
        ],
    )


def _copies(pattern: Model, changes: Rows) -> list[int]:
    """Rows like the pattern's with these changes; their keys in order."""
    kind = type(pattern)
    db.session.refresh(pattern)
    mapper = kind.__mapper__
    row = {
        attribute.key: getattr(pattern, attribute.key)
        for attribute in mapper.column_attrs
        if attribute.key != "id"
    }
    stored = insert(kind).returning(mapper.primary_key[0], sort_by_parameter_order=True)
    return list(db.session.scalars(stored, [row | change for change in changes]))


def _store(kind: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    db.session.execute(insert(kind), list(rows))


def _days(call: Call, first: date, last: date) -> dict[str, date]:
    """Days of the invented year in the call's, Monday for Monday."""
    monday = call.first_day + timedelta(days=-call.first_day.weekday() % 7)
    shift = monday - FIRST_DAY
    return {"first_day": first + shift, "last_day": last + shift}
