"""The invented people, organisations, offers and applications of the demo: a seed in, plain data out."""

from random import Random

from mobility.demo.world.calendar import Calendar
from mobility.demo.world.groups import travelling_groups
from mobility.demo.world.offers import draw_offers
from mobility.demo.world.parties import draw_parties
from mobility.demo.world.parts import Sizes, World
from mobility.demo.world.visitors import draw_applications


def make_world(seed: int, applications: int, calendar: Calendar) -> World:
    """Invent everybody; equal arguments make equal worlds."""
    sizes = Sizes.of(applications)
    partnerships, parties = draw_parties(Random(f"{seed} parties"), sizes)  # noqa: S311
    offers = draw_offers(Random(f"{seed} offers"), sizes, parties, calendar)  # noqa: S311
    offers, groups = travelling_groups(Random(f"{seed} groups"), parties, offers)  # noqa: S311
    drawn = draw_applications(Random(f"{seed} applications"), parties, offers, groups, calendar)  # noqa: S311
    return World(seed, calendar, partnerships, parties, offers, drawn)
