"""Why the rules leave somebody no host, and where hosts and visitors are, as kept with a frozen round. Pure."""

from collections import Counter, defaultdict
from typing import Any

from mobility.rounds.problem import Snapshot, rule_against

Funnel = dict[str, dict[str, int]]


def funnel(snapshot: Snapshot) -> Funnel:
    """Of each entrant without a host, by reference: how many hosts fall away by which rule, the first that holds."""
    inputs = snapshot.inputs
    paired = {pair.application.id for pair in snapshot.pairs}
    return {
        application.reference: Counter(
            code for offer in inputs.offers if (code := rule_against(application, offer, inputs))
        )
        for application in inputs.applications
        if application.id not in paired
    }


def countries(snapshot: Snapshot) -> list[dict[str, Any]]:
    """For each host country its places, each host in its best window, and the visitors whom the rules let go."""
    places: dict[str, int] = defaultdict(int)
    visitors: dict[str, set[int]] = defaultdict(set)
    for offer in snapshot.inputs.offers:
        places[offer.organisation.country] += max((window.places for window in offer.windows), default=0)
    for pair in snapshot.pairs:
        visitors[pair.offer.organisation.country].add(pair.application.id)
    return [
        {"country": country, "places": number, "visitors": len(visitors[country])}
        for country, number in sorted(places.items())
    ]
