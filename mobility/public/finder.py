"""Which partnership fits whom, and why: the order in which applications are given to partnerships. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mobility.hosts.rules import nearness
from mobility.partnerships.models import Partnership


@dataclass(frozen=True)
class Fit:
    """A partnership and the codes of what speaks for it: "topic", "seat", "cluster"; none if only that it is open."""

    partnership: Partnership
    reasons: tuple[str, ...]


def fits(
    partnerships: Iterable[Partnership], clusters: Mapping[int, set[str]], *, country: str, topic: str
) -> list[Fit]:
    """All partnerships, the one first that an application from there on that topic would be given to.

    `clusters` are the countries of the clusters that form each partnership, by its key.
    """
    topics = [topic] if topic else []
    ranked = sorted(partnerships, key=lambda one: nearness(one, country, topics).place)
    return [Fit(one, _reasons(one, clusters.get(one.id, set()), country, topic)) for one in ranked]


def _reasons(partnership: Partnership, clusters: set[str], country: str, topic: str) -> tuple[str, ...]:
    holds = {
        "topic": topic in partnership.ecosystems,
        "seat": partnership.country == country,
        "cluster": country in clusters - {partnership.country},
    }
    return tuple(code for code, is_so in holds.items() if is_so)
