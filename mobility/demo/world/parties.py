"""Partnerships, their clusters, and the organisations that visit or host."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import Any

from schwifty import IBAN

from mobility.demo.world.parts import REJECTED_SHARE, Party, Person, PlannedPartnership, Sizes
from mobility.demo.world.words import Naming, Place, Texts, level, place, places, slug, table, weighted
from mobility.organisations.enums import OrganisationType
from mobility.organisations.services import OrganisationDraft
from mobility.partnerships.bank import AccountDraft
from mobility.partnerships.services import PartnershipDraft

FEWEST_CLUSTERS, MOST_CLUSTERS = 4, 7
TYPE_SHARES = {OrganisationType.SME: 70, OrganisationType.SUPPORT: 15, OrganisationType.CLUSTER: 15}
# Where offers come from (issue: 25 countries), the first ones also a third and fourth time.
HOST_COUNTRIES = (
    *("ES", "IT", "PT", "FR", "DE", "PL", "RO", "GR", "AT", "BE", "NL", "CZ"),
    *("HU", "LT", "EE", "FI", "SE", "DK", "HR", "SI", "BG", "SK", "LV", "IE", "TR"),
)
SUPPORT_KINDS = ("Technology Centre", "Innovation Hub", "Fab Lab", "Incubator", "Research Institute")
POSITIONS = {
    OrganisationType.SME: ("Managing director", "Head of production", "Export manager", "Owner", "Engineer"),
    OrganisationType.SUPPORT: ("Head of projects", "Laboratory manager", "Director", "Innovation adviser"),
    OrganisationType.CLUSTER: ("Cluster manager", "Head of international projects", "Deputy manager"),
}
# Whoever banks outside the euro payments area has an account next door.
BANKS_IN = {
    "AL": "IT",
    "BA": "HR",
    "MD": "RO",
    "ME": "IT",
    "MK": "BG",
    "RS": "AT",
    "TR": "DE",
    "UA": "PL",
    "XK": "SI",
}
# Findings that the organisation itself will fail, and which types can.
FLAWS = {
    "country": tuple(TYPE_SHARES),
    "sme": (OrganisationType.SME,),
    "cluster": (OrganisationType.SME, OrganisationType.SUPPORT),
    "profile": (OrganisationType.SME,),
    # Of the application, not of the organisation.
    "min-days": tuple(TYPE_SHARES),
    "max-length": tuple(TYPE_SHARES),
    "third-country": tuple(TYPE_SHARES),
}
# Where a postcode has five signs.
FIVE_SIGNS = frozenset(["DE", "ES", "FI", "FR", "GR", "HR", "IT", "LT", "PL", "RS", "SE", "TR", "UA"])
OUTSIDE = ("NO", "CH", "GB")


@dataclass
class _Draft:
    random: Random
    naming: Naming
    partnerships: list[PlannedPartnership] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    # Country → clusters that form a partnership there.
    clusters: dict[str, list[Party]] = field(default_factory=lambda: defaultdict(list))
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


def draw_parties(random: Random, sizes: Sizes) -> tuple[list[PlannedPartnership], list[Party]]:
    """Fourteen partnerships with their clusters, and everybody who visits or hosts."""
    draft = _Draft(random, Naming(random))
    shares = _by_type(sizes.visitors), _by_type(sizes.hosts)
    wanted = sum(share[OrganisationType.CLUSTER] for share in shares)
    for row, number in zip(
        table("partnerships")["partnership"], _cluster_counts(random, wanted), strict=True
    ):
        _found(draft, row, number)
    _give_parts(draft, shares)
    offering = _offering_countries(sizes.offering)
    has_cluster = Counter(one.content.country for one in draft.parties if one.part == "host")
    countries = [country for country in offering if not _take(has_cluster, country)]
    for part, share in zip(("visitor", "host"), shares, strict=True):
        for kind in (OrganisationType.SUPPORT, OrganisationType.SME):
            for _ in range(share[kind]):
                country = countries.pop(0) if part == "host" and countries else _country(draft.random)
                _join(draft, part, kind, country)
    _spoil(draft, sizes)
    return draft.partnerships, draft.parties


def _take(counted: Counter[str], country: str) -> bool:
    counted[country] -= 1
    return counted[country] >= 0


def _offering_countries(number: int) -> list[str]:
    return [HOST_COUNTRIES[place % len(HOST_COUNTRIES)] for place in range(number)]


def _by_type(number: int) -> dict[OrganisationType, int]:
    support, clusters = (round(number * TYPE_SHARES[kind] / 100) for kind in list(TYPE_SHARES)[1:])
    return {
        OrganisationType.SME: number - support - clusters,
        OrganisationType.SUPPORT: support,
        OrganisationType.CLUSTER: clusters,
    }


def _cluster_counts(random: Random, wanted: int) -> list[int]:
    """How many clusters form each partnership: enough for its countries, and as many as there are profiles."""
    counts = [max(FEWEST_CLUSTERS, len(row["countries"])) for row in table("partnerships")["partnership"]]
    while sum(counts) < wanted and min(counts) < MOST_CLUSTERS:
        lower = [place for place, count in enumerate(counts) if count < MOST_CLUSTERS]
        counts[random.choice(lower)] += 1
    return counts


def _found(draft: _Draft, row: dict[str, Any], number: int) -> None:
    code, home = row["code"], row["home"]
    lead = place(*home.split(" ", 1))
    ecosystems, countries = tuple(row["ecosystems"]), list(row["countries"])
    name = draft.naming.person(lead.country)
    content = PartnershipDraft(
        code=code,
        name=row["name"],
        topic=row["topic"],
        ecosystems=ecosystems,
        country=lead.country,
        town=lead.town,
        email=f"exchange@{code.lower()}.example",
        coordinator=name,
        street=_street(draft.random, lead.country),
        postcode=_postcode(draft.random, lead.country),
    )
    coordinator = Person(name, f"{slug(name)}@{code.lower()}.example", "Coordinator")
    account = AccountDraft(content.name.split(" – ")[0] + " partnership", _iban(draft.random, lead.country))
    draft.partnerships.append(PlannedPartnership(content, account, coordinator))
    extra = [draft.random.choice(countries) for _ in range(number - len(countries))]
    for country in [*countries, *extra]:
        at = lead if country == lead.country and not _has_cluster(draft, code) else _somewhere(draft, country)
        topic = draft.random.choice(ecosystems)
        cluster = _party(draft, "", OrganisationType.CLUSTER, at, (topic,), forms=code, cared_for_by=code)
        draft.parties.append(cluster)
        draft.clusters[country].append(cluster)


def _has_cluster(draft: _Draft, code: str) -> bool:
    return any(party.forms == code for party in draft.parties)


def _somewhere(draft: _Draft, country: str) -> Place:
    return draft.random.choice(places(country))


def _country(random: Random) -> str:
    return weighted(random, {code: int(row["share"]) for code, row in table("countries").items()})


def _give_parts(
    draft: _Draft, shares: tuple[dict[OrganisationType, int], dict[OrganisationType, int]]
) -> None:
    """Say which clusters host and which visit; the lead of each partnership hosts first."""
    forms = [party.forms for party in draft.parties]
    leads = [forms.index(partnership.code) for partnership in draft.partnerships]
    others = [place for place in range(len(draft.parties)) if place not in leads]
    draft.random.shuffle(others)
    may_host = [place for place in others if draft.parties[place].content.country in HOST_COUNTRIES]
    hosts = [*leads, *may_host][: shares[1][OrganisationType.CLUSTER]]
    visitors = [place for place in others if place not in hosts][: shares[0][OrganisationType.CLUSTER]]
    for part, chosen in (("host", hosts), ("visitor", visitors)):
        for index in chosen:
            draft.parties[index] = replace(draft.parties[index], part=part)


def _join(draft: _Draft, part: str, kind: OrganisationType, country: str) -> None:
    """Invent a firm or support organisation, as a member of a cluster nearby or of one of its country."""
    near = draft.clusters.get(country, [])
    cluster = draft.random.choice(near) if near and draft.random.random() < 0.9 else None
    if cluster is not None and draft.random.random() < 0.75:
        topics = cluster.ecosystems
    else:
        topics = (weighted(draft.random, {key: row["share"] for key, row in table("topics").items()}),)
    name = cluster.content.name if cluster else f"{draft.naming.brand()} Regional Cluster"
    cared_for_by = cluster.forms if cluster else _by_topic(draft, topics[0])
    at = _somewhere(draft, country)
    party = _party(draft, part, kind, at, topics, cluster_name=name, cared_for_by=cared_for_by)
    draft.parties.append(party)


def _by_topic(draft: _Draft, topic: str) -> str:
    codes = [one.code for one in draft.partnerships if topic in one.content.ecosystems]
    return draft.random.choice(codes)


def _party(
    draft: _Draft,
    part: str,
    kind: OrganisationType,
    at: Place,
    ecosystems: tuple[str, ...],
    *,
    cluster_name: str = "",
    forms: str = "",
    cared_for_by: str = "",
) -> Party:
    random, number = draft.random, next(draft.numbers)
    brand = draft.naming.brand()
    name = _name(random, brand, kind, ecosystems[0], at.country)
    domain = f"{slug(brand)}.example"
    person = draft.naming.person(at.country)
    staff = random.randint(4, 25) if kind == OrganisationType.CLUSTER else random.randint(3, 140)
    turnover = staff * random.randint(60, 180) * 1_000
    content = OrganisationDraft(
        registration=f"{at.country}-99{number:06d}",
        name=name,
        type=kind,
        country=at.country,
        town=at.town,
        latitude=at.latitude,
        longitude=at.longitude,
        region=at.region,
        staff=staff,
        turnover_cents=turnover * 100,
        balance_cents=turnover * 100 * random.randint(40, 90) // 100,
        founded=random.randint(1968, 2021),
        website=f"https://www.{domain}",
        street=_street(random, at.country),
        postcode=_postcode(random, at.country),
        cluster_name=cluster_name,
        cluster_has_profile=kind == OrganisationType.CLUSTER or bool(cluster_name),
    )
    content = replace(content, description=_description(random, content, ecosystems[0]))
    return Party(
        key=f"P{number:03d}",
        content=content,
        account=AccountDraft(name, _iban(random, BANKS_IN.get(at.country, at.country))),
        person=Person(person, f"{slug(person)}@{domain}", random.choice(POSITIONS[kind])),
        languages=_languages(random, at.country),
        ecosystems=ecosystems,
        part=part,
        forms=forms,
        cared_for_by=cared_for_by,
    )


def _name(random: Random, brand: str, kind: OrganisationType, ecosystem: str, country: str) -> str:
    noun = random.choice(table("topics")[ecosystem]["nouns"])
    if kind == OrganisationType.CLUSTER:
        return f"{brand} {noun} Cluster"
    if kind == OrganisationType.SUPPORT:
        return f"{brand} {random.choice(SUPPORT_KINDS)}"
    return f"{brand} {noun} {table('countries')[country]['company']}"


def _description(random: Random, content: OrganisationDraft, ecosystem: str) -> str:
    texts = Texts(random, ecosystem, **names_of(random, content))
    return texts.text("cluster" if content.type == OrganisationType.CLUSTER else "motivation", "opens")


def names_of(random: Random, content: OrganisationDraft) -> dict[str, object]:
    """What texts about an organisation may name."""
    return {
        "town": content.town,
        "staff": content.staff,
        "founded": content.founded,
        "cluster": content.cluster_name or content.name,
        "members": random.randint(3, 34) * 10,
        "years": random.randint(2, 12),
    }


def _iban(random: Random, country: str) -> str:
    # Bank codes are drawn, too: no real bank is named.
    return str(IBAN.random(country, random=random, use_registry=False))


def account_anew(random: Random, party: Party) -> AccountDraft:
    """Another account of an organisation, after its bank closed the first."""
    country = BANKS_IN.get(party.content.country, party.content.country)
    return AccountDraft(party.content.name, _iban(random, country))


def _street(random: Random, country: str) -> str:
    names = table("sentences")["streets"]
    language = table("countries")[country]["language"]
    return f"{random.choice(names.get(language, names['en']))} {random.randint(1, 140)}"


def _postcode(random: Random, country: str) -> str:
    return f"{random.randint(1000, 9899)}" if country not in FIVE_SIGNS else f"{random.randint(10000, 98999)}"


def _languages(random: Random, country: str) -> dict[str, str]:
    own = str(table("countries")[country]["language"])
    spoken = {own: "C2"}
    spoken.setdefault("en", level(random))
    if random.random() < 0.3:
        spoken.setdefault(random.choice(("de", "fr", "es", "it")), random.choice(("A2", "B1", "B2")))
    return spoken


def _spoil(draft: _Draft, sizes: Sizes) -> None:
    """Give some visitors a flaw that a rule will find; others are judged by what they wrote."""
    number = round(sizes.visitors * REJECTED_SHARE * 0.7)
    for flaw, place_ in zip(_flaws(draft.random), _spoilable(draft), strict=False):
        if number == 0:
            break
        party = draft.parties[place_]
        if party.content.type in FLAWS[flaw]:
            draft.parties[place_] = _spoilt(draft, party, flaw)
            number -= 1


def _flaws(random: Random) -> Iterator[str]:
    while True:
        yield random.choice(list(FLAWS))


def _spoilable(draft: _Draft) -> list[int]:
    visitors = [place_ for place_, one in enumerate(draft.parties) if one.part == "visitor" and not one.forms]
    draft.random.shuffle(visitors)
    return visitors


def _spoilt(draft: _Draft, party: Party, flaw: str) -> Party:
    random, content = draft.random, party.content
    if flaw == "sme":
        content = replace(content, staff=random.randint(255, 420), turnover_cents=78_000_000_00)
    elif flaw == "cluster":
        content = replace(content, cluster_name="", cluster_has_profile=False)
    elif flaw == "profile":
        name = f"{draft.naming.brand()} Business Network"
        content = replace(content, cluster_name=name, cluster_has_profile=False)
    elif flaw == "country":
        at = _somewhere(draft, random.choice(OUTSIDE))
        moved = _party(
            draft, party.part, content.type, at, party.ecosystems, cluster_name=content.cluster_name
        )
        return replace(moved, key=party.key, cared_for_by=party.cared_for_by, flaw=flaw)
    return replace(party, content=content, flaw=flaw)
