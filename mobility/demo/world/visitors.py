"""What visitors apply for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from random import Random

from mobility.applications.draft import ApplicationDraft
from mobility.applications.rules import CONSENT_VERSION
from mobility.demo.world.calendar import Calendar
from mobility.demo.world.offers import purposes
from mobility.demo.world.parties import HOST_COUNTRIES, names_of
from mobility.demo.world.parts import REJECTED_SHARE, Group, Party, PlannedApplication, PlannedOffer
from mobility.demo.world.words import Texts, table, weighted
from mobility.organisations.enums import OrganisationType

DAYS = {3: 45, 4: 35, 5: 13, 7: 4, 10: 3}
PAIRS_PER_APPLICATION = 1 / 25
PAIR_BEFORE = 45


@dataclass
class _Draft:
    random: Random
    parties: dict[str, Party]
    offers: list[PlannedOffer]
    calendar: Calendar

    def country(self, offer: PlannedOffer) -> str:
        return self.parties[offer.host].content.country


def draw_applications(
    random: Random,
    parties: Sequence[Party],
    offers: list[PlannedOffer],
    groups: Sequence[Group],
    calendar: Calendar,
) -> list[PlannedApplication]:
    """One application for each visitor; some are spoilt, some agree with a host by themselves."""
    draft = _Draft(random, {party.key: party for party in parties}, offers, calendar)
    group_of = {member: group for group in groups for member in group.members}
    visitors = [party for party in parties if party.part == "visitor"]
    drawn = [
        _of_group(draft, party, group_of[party.key]) if party.key in group_of else _alone(draft, party)
        for party in visitors
    ]
    drawn = [_spoilt(draft, one) for one in drawn]
    _reject_some(draft, drawn)
    _agree_some(draft, drawn)
    return drawn


def _of_group(draft: _Draft, party: Party, group: Group) -> PlannedApplication:
    offer = next(one for one in draft.offers if one.key == group.offer)
    window = offer.content.windows[group.window]
    content = content_for(draft.random, party, ((window.first_day, window.last_day),), group.days)
    # Members of one group hand in within a few days of each other.
    about = Random(group.key).randint(30, 56)  # noqa: S311
    day = draft.calendar.day(about + draft.random.randint(0, 5))
    wishes = ((offer.key, 1),)
    return PlannedApplication(_key(party), party.key, replace(content, group_key=group.key), wishes, day)


def _alone(draft: _Draft, party: Party) -> PlannedApplication:
    random, calendar = draft.random, draft.calendar
    day = calendar.day(round(random.triangular(14, 62, 57)))
    days = weighted(random, DAYS)
    wished = _wished(draft, party, day, days)
    windows = [_around(draft, random.choice(one.content.windows)) for one in wished[:2]]
    windows = windows or [_anywhere(draft) for _ in range(random.choice((1, 2)))]
    content = content_for(draft.random, party, tuple(sorted(windows)), days)
    if random.random() < 0.4:
        content = replace(content, countries=_countries(draft, party, wished))
    if random.random() < 0.3:
        content = replace(content, partner_types=tuple(random.sample([*OrganisationType][:3], 2)))
    wishes = [(one.key, rank) for rank, one in enumerate(wished, start=1)]
    return PlannedApplication(_key(party), party.key, content, (*wishes, *_never(draft, wishes, day)), day)


def _key(party: Party) -> str:
    return f"A{party.key[1:]}"


def _wished(draft: _Draft, party: Party, day: date, days: int) -> list[PlannedOffer]:
    """Up to four hosts abroad whose offers are there already, those on one's own topics first."""
    possible = [
        offer
        for offer in draft.offers
        if offer.day <= day - timedelta(days=2)
        and not offer.is_for_groups
        and not offer.flaw
        and offer.content.max_days >= days
        and draft.country(offer) != party.content.country
    ]
    draft.random.shuffle(possible)
    possible.sort(key=lambda offer: not set(offer.content.ecosystems) & set(party.ecosystems))
    return possible[: draft.random.choice((0, 0, 1, 2, 3, 4))]


def _never(draft: _Draft, wishes: Sequence[tuple[str, int]], day: date) -> list[tuple[str, None]]:
    named = {key for key, _ in wishes}
    others = [one.key for one in draft.offers if one.key not in named and one.day < day]
    return [(draft.random.choice(others), None)] if others and draft.random.random() < 0.05 else []


def _around(draft: _Draft, window: "object") -> tuple[date, date]:
    first: date = window.first_day  # type: ignore[attr-defined]
    last: date = window.last_day  # type: ignore[attr-defined]
    before, after = (timedelta(days=draft.random.randint(0, 9)) for _ in range(2))
    return max(first - before, draft.calendar.first_stay_on), min(last + after, draft.calendar.last_stay_on)


def _anywhere(draft: _Draft) -> tuple[date, date]:
    calendar, long = draft.calendar, draft.random.randint(20, 50)
    room = (calendar.last_stay_on - calendar.first_stay_on).days - long
    first = calendar.first_stay_on + timedelta(days=draft.random.randint(0, room))
    return first, first + timedelta(days=long)


def _countries(draft: _Draft, party: Party, wished: Sequence[PlannedOffer]) -> tuple[str, ...]:
    named = dict.fromkeys(draft.country(offer) for offer in wished)
    for country in draft.random.sample(HOST_COUNTRIES, 4):
        if country != party.content.country:
            named[country] = None
    return tuple(named)


def content_for(
    random: Random, party: Party, windows: tuple[tuple[date, date], ...], days: int
) -> ApplicationDraft:
    """What somebody writes into an application, on their own topic."""
    topic = table("topics")[party.ecosystems[0]]
    return ApplicationDraft(
        person_name=party.person.name,
        person_email=party.person.email,
        windows=windows,
        min_days=min(3, days),
        max_days=days,
        position=party.person.position,
        motivation=_motivation(random, party),
        ecosystems=party.ecosystems,
        industries=tuple(random.sample(topic["industries"], 1)) if random.random() < 0.6 else (),
        purposes=purposes(random, 1, 3),
        languages=party.languages,
        consent_version=CONSENT_VERSION,
    )


def _motivation(random: Random, party: Party) -> str:
    texts = Texts(random, party.ecosystems[0], **names_of(random, party.content))
    if party.content.type == OrganisationType.CLUSTER:
        return f"{texts.text('cluster', 'opens')} {texts.text('motivation', 'wants')} {texts.text('cluster', 'ends')}"
    return (
        f"{texts.text('motivation', 'opens')} {texts.problem()} {texts.text('motivation', 'wants', 'ends')}"
    )


def _spoilt(draft: _Draft, application: PlannedApplication) -> PlannedApplication:
    """Give the application the flaw of its visitor; those of the organisation are there already."""
    random, content = draft.random, application.content
    flaw = draft.parties[application.visitor].flaw
    if flaw == "min-days":
        saturday = content.windows[0][0] + timedelta(days=5 - content.windows[0][0].weekday())
        content = replace(content, windows=((saturday, saturday + timedelta(days=2)),))
    elif flaw == "max-length":
        content = replace(content, max_days=random.randint(25, 40))
    elif flaw == "third-country":
        days = random.randint(20, 150)
        content = replace(content, is_third_country=True, residence_days=days, has_business=True)
    elif not flaw and random.random() < 0.03:
        # In order, but papers must prove it.
        days = random.randint(190, 900)
        content = replace(content, is_third_country=True, residence_days=days, has_business=True)
    return replace(application, content=content, flaw=flaw)


def _reject_some(draft: _Draft, drawn: list[PlannedApplication]) -> None:
    """Reject, for what they wrote, as many as are missing from the share."""
    missing = round(len(drawn) * REJECTED_SHARE) - sum(bool(one.flaw) for one in drawn)
    good = [place for place, one in enumerate(drawn) if one.is_good]
    reasons = table("sentences")["answers"]["rejected"]
    for place in draft.random.sample(good, max(0, missing)):
        drawn[place] = replace(drawn[place], rejected_because=draft.random.choice(reasons))


def _agree_some(draft: _Draft, drawn: list[PlannedApplication]) -> None:
    """Some visitors who travel alone know their host already."""
    hosts = [
        one
        for one in draft.offers
        if one.is_good and not one.is_for_groups and one.content.windows[0].places > 0
    ]
    draft.random.shuffle(hosts)
    alone = [place for place, one in enumerate(drawn) if one.is_good and not one.content.group_key]
    draft.random.shuffle(alone)
    number = max(2, round(len(drawn) * PAIRS_PER_APPLICATION))
    for place in alone:
        application = drawn[place]
        fitting = [one for one in hosts if _suits(draft, application, one)]
        offer = min(fitting, key=partial(_off_topic, application), default=None)
        if offer is None or number == 0:
            continue
        hosts.remove(offer)
        number -= 1
        window = draft.random.choice(offer.content.windows)
        content = replace(application.content, windows=((window.first_day, window.last_day),), countries=())
        day = max(offer.day + timedelta(days=3), draft.calendar.day(draft.random.randint(14, PAIR_BEFORE)))
        drawn[place] = replace(
            application, content=content, wishes=((offer.key, 1),), day=day, agrees_with=offer.key
        )


def _suits(draft: _Draft, application: PlannedApplication, offer: PlannedOffer) -> bool:
    is_abroad = draft.country(offer) != draft.parties[application.visitor].content.country
    return is_abroad and offer.content.max_days >= application.content.max_days


def _off_topic(application: PlannedApplication, offer: PlannedOffer) -> bool:
    return not set(offer.content.ecosystems) & set(application.content.ecosystems)
