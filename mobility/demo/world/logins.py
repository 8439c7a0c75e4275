"""Which organisations the four logins of visitors and hosts act for: those of which most is told."""

from collections.abc import Callable
from dataclasses import replace

from mobility.demo.world.parts import Party, Person, World
from mobility.organisations.enums import OrganisationType

PersonOf = Callable[[str, int], Person]


def with_logins(world: World, person_of: PersonOf) -> World:
    """The world with these people in the parts of others: `person_of("applicant", 1)` and so on.

    The first applicant visits the first host without a round; the second applies in the second call, to the second
    host.
    """
    paired = next(one for one in world.applications if one.agrees_with)
    host = next(offer.host for offer in world.offers if offer.key == paired.agrees_with)
    second = next(one.host for one in world.offers if one.is_for_groups and one.is_good and one.host != host)
    at_home = next(one for one in world.parties if _stays_at_home(world, one, world.party(second)))
    parts = {
        paired.visitor: person_of("applicant", 1),
        at_home.key: person_of("applicant", 2),
        host: person_of("host", 1),
        second: person_of("host", 2),
    }
    return replace(
        world,
        parties=[replace(one, person=_as(parts, one)) for one in world.parties],
        offers=[
            replace(one, content=replace(one.content, contact_name=who.name, contact_email=who.email))
            if (who := parts.get(one.host))
            else one
            for one in world.offers
        ],
        applications=[
            replace(one, content=replace(one.content, person_name=who.name, person_email=who.email))
            if (who := parts.get(one.visitor))
            else one
            for one in world.applications
        ],
    )


def _as(parts: dict[str, Person], party: Party) -> Person:
    who = parts.get(party.key)
    return replace(who, position=party.person.position) if who else party.person


def _stays_at_home(world: World, party: Party, host: Party) -> bool:
    """A host that offers nothing in the first call, in another country than the one it will visit."""
    offering = {offer.host for offer in world.offers}
    is_abroad = party.content.country != host.content.country
    is_small = party.content.type is OrganisationType.SME
    return party.part == "host" and party.key not in offering and is_abroad and is_small
