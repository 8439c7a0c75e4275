"""What hosts offer: when, for how many, on what."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from mobility.demo.world.calendar import Calendar
from mobility.demo.world.parties import HOST_COUNTRIES, names_of
from mobility.demo.world.parts import REJECTED_SHARE, Party, PlannedOffer, Sizes
from mobility.demo.world.words import Texts, table, weighted
from mobility.hosts.draft import ClosureDraft, OfferDraft, WindowDraft
from mobility.organisations.enums import OrganisationType

FOR_GROUPS_SHARE = 0.3
PURPOSE_SHARES = {"learn": 35, "technology": 25, "networking": 20, "markets": 15, "investment": 5}
LONGEST = {5: 45, 7: 25, 10: 30}


def draw_offers(
    random: Random, sizes: Sizes, parties: Sequence[Party], calendar: Calendar
) -> list[PlannedOffer]:
    """Each offering host offers once, some twice or three times."""
    hosts = _offering(random, sizes, parties)
    again = [random.choice(hosts) for _ in range(sizes.offers - len(hosts))]
    order = [*hosts, *again]
    for_groups = set(random.sample(range(len(order)), round(len(order) * FOR_GROUPS_SHARE)))
    offers: list[PlannedOffer] = []
    for number, host in enumerate(order):
        key, is_for_groups = f"O{number + 1:03d}", number in for_groups
        offer = _offer(random, key, host, calendar, is_for_groups=is_for_groups)
        # A host and the first day tell an offer from all others.
        while (host.key, _first_day(offer)) in {(one.host, _first_day(one)) for one in offers}:
            offer = _offer(random, key, host, calendar, is_for_groups=is_for_groups)
        offers.append(offer)
    return _judged(random, offers)


def _first_day(offer: PlannedOffer) -> date:
    return offer.content.windows[0].first_day


def _offering(random: Random, sizes: Sizes, parties: Sequence[Party]) -> list[Party]:
    """Hosts of as many countries as can be, clusters first."""
    waiting = [party for party in parties if party.part == "host"]
    random.shuffle(waiting)
    waiting.sort(key=lambda party: party.content.type != OrganisationType.CLUSTER)
    chosen: list[Party] = []
    for turn in range(sizes.offering):
        country = HOST_COUNTRIES[turn % len(HOST_COUNTRIES)]
        of_country = [party for party in waiting if party.content.country == country]
        party = (of_country or [one for one in waiting if one.content.country in HOST_COUNTRIES])[0]
        waiting.remove(party)
        chosen.append(party)
    return chosen


def _offer(random: Random, key: str, host: Party, calendar: Calendar, *, is_for_groups: bool) -> PlannedOffer:
    topic = table("topics")[host.ecosystems[0]]
    texts = Texts(random, host.ecosystems[0], **names_of(random, host.content))
    windows = _windows(random, calendar, is_for_groups=is_for_groups)
    content = OfferDraft(
        title=_title(texts, is_for_groups=is_for_groups),
        description=_description(texts, host),
        contact_name=host.person.name,
        contact_email=host.person.email,
        windows=windows,
        min_days=3,
        max_days=5 if is_for_groups else weighted(random, LONGEST),
        max_visits=random.randint(2, 5),
        ecosystems=host.ecosystems,
        industries=tuple(random.sample(topic["industries"], random.randint(0, len(topic["industries"])))),
        purposes=purposes(random, 2, 4),
        partner_types=tuple(random.sample([*OrganisationType][:3], 2)) if random.random() < 0.25 else (),
        languages=host.languages,
        closures=_closures(random, windows),
    )
    day = calendar.day(random.randint(2, (calendar.offers_until - calendar.opens_on).days))
    return PlannedOffer(key, host.key, content, day, is_for_groups)


def purposes(random: Random, fewest: int, most: int) -> tuple[str, ...]:
    """Some of the scheme's purposes, those often named first."""
    number = random.randint(fewest, most)
    drawn: list[str] = []
    while len(drawn) < number:
        purpose = weighted(random, PURPOSE_SHARES)
        drawn += [purpose] if purpose not in drawn else []
    return tuple(drawn)


def _title(texts: Texts, *, is_for_groups: bool) -> str:
    title = texts.text("offer", "group_titles" if is_for_groups else "titles")
    return title[0].upper() + title[1:]


def _description(texts: Texts, host: Party) -> str:
    firm = host.content.type == OrganisationType.SME
    opens = "opens" if firm else "opens_house"
    return " ".join([texts.text("offer", opens, "middles"), texts.text("offer", "ends")])


def _windows(random: Random, calendar: Calendar, *, is_for_groups: bool) -> tuple[WindowDraft, ...]:
    """One to three spans that do not touch, in order, inside the days of stays."""
    number = random.choice((1, 2, 2)) if is_for_groups else random.choice((1, 2, 2, 3))
    whole = (calendar.last_stay_on - calendar.first_stay_on).days + 1
    part = whole // number
    windows = []
    for turn in range(number):
        long = random.randint(10, 19) if is_for_groups else min(part - 8, random.randint(18, 45))
        first = calendar.first_stay_on + timedelta(days=turn * part + random.randint(0, part - long - 3))
        places = 6 if is_for_groups else random.choice((1, 1, 2, 2, 3))
        windows.append(WindowDraft(first, first + timedelta(days=long), places))
    return tuple(windows)


def _closures(random: Random, windows: Sequence[WindowDraft]) -> tuple[ClosureDraft, ...]:
    if random.random() < 0.8:
        return ()
    window = random.choice(windows)
    day = window.first_day + timedelta(days=random.randint(3, 8))
    return (ClosureDraft(day, day),)


def _judged(random: Random, offers: list[PlannedOffer]) -> list[PlannedOffer]:
    """Some offers fall short of a rule, or of what an officer expects."""
    bad = random.sample(range(len(offers)), round(len(offers) * REJECTED_SHARE))
    reasons = table("sentences")["answers"]["offer_rejected"]
    for turn, place in enumerate(bad):
        offers[place] = _spoilt(offers[place], ("stay", "places", "")[turn % 3], random.choice(reasons))
    return offers


def _spoilt(offer: PlannedOffer, flaw: str, reason: str) -> PlannedOffer:
    content = offer.content
    if flaw == "stay":
        content = replace(content, min_days=1, max_days=2)
    elif flaw == "places":
        first = content.windows[0].first_day
        content = replace(content, windows=(WindowDraft(first, first + timedelta(days=1), 2),), closures=())
    else:
        return replace(offer, rejected_because=reason, is_for_groups=False)
    return replace(offer, content=content, flaw=flaw, is_for_groups=False)
