"""Visitors who travel together: a partnership sends several of its visitors to one host at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from mobility.demo.world.parts import GROUPED_SHARE, Group, Party, PlannedOffer
from mobility.demo.world.words import weighted
from mobility.hosts.draft import WindowDraft

GROUP_SIZES = {3: 25, 4: 25, 5: 18, 6: 12, 7: 8, 8: 6, 9: 3, 10: 3}
SMALLEST_GROUP, MOST_AT_ONCE = 3, 12
GROUP_DAYS = {3: 60, 4: 30, 5: 10}


def travelling_groups(
    random: Random, parties: Sequence[Party], offers: list[PlannedOffer]
) -> tuple[list[PlannedOffer], list[Group]]:
    """The groups, and the offers with places for them."""
    groups: list[Group] = []
    taken: dict[tuple[str, int], int] = defaultdict(int)
    by_key = {party.key: party for party in parties}
    for members in _parties_of_friends(random, parties):
        home = {one.content.country for one in members}
        fitting = [
            (offer.key, place)
            for offer in offers
            if offer.is_for_groups and offer.is_good and by_key[offer.host].content.country not in home
            for place in range(len(offer.content.windows))
            if taken[offer.key, place] + len(members) <= MOST_AT_ONCE
        ]
        if not fitting:
            continue
        chosen = random.choice(fitting)
        taken[chosen] += len(members)
        key = f"{members[0].cared_for_by}-{len(groups) + 1:02d}"
        names = tuple(one.key for one in members)
        groups.append(Group(key, *chosen, names, weighted(random, GROUP_DAYS)))
    return [_with_places(offer, taken) if offer.is_for_groups else offer for offer in offers], groups


def _parties_of_friends(random: Random, parties: Sequence[Party]) -> Iterator[list[Party]]:
    """Visitors of one partnership in groups, until the wished share of all visitors travels in one."""
    by_partnership: dict[str, list[Party]] = defaultdict(list)
    for party in parties:
        if party.part == "visitor":
            by_partnership[party.cared_for_by].append(party)
    for members in by_partnership.values():
        random.shuffle(members)
        left = round(len(members) * GROUPED_SHARE)
        left = SMALLEST_GROUP if left < SMALLEST_GROUP <= len(members) else left
        while left >= SMALLEST_GROUP:
            size = min(left, weighted(random, GROUP_SIZES))
            size = left if left - size < SMALLEST_GROUP and left <= MOST_AT_ONCE - 2 else size
            yield [members.pop() for _ in range(size)]
            left -= size


def _with_places(offer: PlannedOffer, taken: dict[tuple[str, int], int]) -> PlannedOffer:
    windows = tuple(
        WindowDraft(window.first_day, window.last_day, max(4, taken[offer.key, place]))
        for place, window in enumerate(offer.content.windows)
    )
    visits = sum(window.places for window in windows)
    return replace(offer, content=replace(offer.content, windows=windows, max_visits=visits))
