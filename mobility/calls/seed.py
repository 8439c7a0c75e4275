"""The rules a new call starts with: data that the call then owns.

Sources: matrix domain.md 2.1; membership 2.1 (S3, S8); countries 2.2; rates 5.3, the published maxima of Erasmus
for Young Entrepreneurs about 2019-22 (E1), which are *illustrative*: the official table per host country is not
public (section 11); weights issue 2 and domain.md 7.4.
"""

from datetime import date

from mobility.calls.enums import PartRole
from mobility.calls.models import CallCountry, Rate
from mobility.organisations.enums import OrganisationType
from mobility.taxonomies.countries import PARTICIPATIONS

RULES_VERSION = "2027.1"
RATE_TABLE = "EYE 2019-22 (illustrative)"
RATES_FROM = date(2014, 1, 1)

BOTH = [PartRole.VISITOR.value, PartRole.HOST.value]
HOST_ONLY = [PartRole.HOST.value]
ROLES_BY_TYPE = {
    OrganisationType.CLUSTER.value: BOTH,
    OrganisationType.SUPPORT.value: BOTH,
    OrganisationType.SME.value: BOTH,
    OrganisationType.TRAINING.value: HOST_ONLY,
    OrganisationType.LARGE.value: HOST_ONLY,
    OrganisationType.PUBLIC.value: HOST_ONLY,
}
# Everybody but cluster organisations is a member of a cluster, an SME of one with an ECCP profile.
MEMBERSHIP_TYPES = [kind.value for kind in OrganisationType if kind != OrganisationType.CLUSTER]
PROFILE_TYPES = [OrganisationType.SME.value]

PRIORITY_WEIGHTS = {"base": 10, "first_exchange": 3, "less_developed_region": 2, "sme": 1}
SCORE_WEIGHTS = {
    "topics": 35,
    "offer": 20,
    "country": 15,
    "language": 10,
    "period": 10,
    "partner_type": 5,
    "length": 5,
}

# Full amount in euro per host country (domain.md 5.3).
RATES_EUR = {
    "AL": 530,
    "AM": 610,
    "AT": 900,
    "BE": 830,
    "BA": 560,
    "BG": 560,
    "HR": 720,
    "CY": 780,
    "CZ": 610,
    "DK": 1100,
    "EE": 670,
    "FI": 950,
    "FR": 900,
    "DE": 830,
    "GR": 780,
    "HU": 670,
    "IS": 900,
    "IE": 1000,
    "IT": 900,
    "XK": 560,
    "LV": 610,
    "LT": 560,
    "LU": 830,
    "MT": 720,
    "MD": 530,
    "ME": 560,
    "NL": 830,
    "MK": 560,
    "PL": 610,
    "PT": 780,
    "RO": 560,
    "RS": 560,
    "SK": 610,
    "SI": 720,
    "ES": 830,
    "SE": 950,
    "TR": 750,
    "UA": 530,
}


def countries() -> list[CallCountry]:
    """The scheme's dated list of countries."""
    return [CallCountry(country=one.country, from_on=one.from_on, to_on=one.to_on) for one in PARTICIPATIONS]


def rates() -> list[Rate]:
    """The illustrative rate table."""
    return [
        Rate(table_name=RATE_TABLE, country=country, cents=euro * 100, from_on=RATES_FROM)
        for country, euro in RATES_EUR.items()
    ]
