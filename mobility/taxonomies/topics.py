"""What exchanges are about.

Sources: 14 industrial ecosystems, clustercollaboration.eu/typology (domain.md 7.5, S38); 10 emerging industries,
European Observatory for Clusters and Industrial Change (S39); purposes, clustercollaboration.eu/clusterxchange/about
(domain.md 3, S4).
"""

from typing import Any

from flask_babel import lazy_gettext as _l

ECOSYSTEMS: dict[str, Any] = {
    "aerospace-defence": _l("Aerospace and defence"),
    "agri-food": _l("Agri-food"),
    "construction": _l("Construction"),
    "creative": _l("Cultural and creative industries"),
    "digital": _l("Digital"),
    "electronics": _l("Electronics"),
    "energy-intensive": _l("Energy-intensive industries"),
    "renewables": _l("Renewable energy"),
    "health": _l("Health"),
    "mobility": _l("Mobility, transport and automotive"),
    "social-economy": _l("Proximity, social economy and civil society"),
    "retail": _l("Retail"),
    "textiles": _l("Textiles"),
    "tourism": _l("Tourism"),
}

INDUSTRIES: dict[str, Any] = {
    "packaging": _l("Advanced packaging"),
    "biopharma": _l("Biopharmaceuticals"),
    "blue-growth": _l("Blue growth"),
    "creative": _l("Creative industries"),
    "digital": _l("Digital industries"),
    "environmental": _l("Environmental industries"),
    "experience": _l("Experience industries"),
    "logistics": _l("Logistical services"),
    "medical-devices": _l("Medical devices"),
    "mobility-tech": _l("Mobility technologies"),
}

PURPOSES: dict[str, Any] = {
    "learn": _l("Learn from another cluster or country"),
    "markets": _l("Explore markets"),
    "technology": _l("Adopt technology, digital or low-carbon solutions"),
    "investment": _l("Strategic interregional investment"),
    "networking": _l("Meet partners: business to business, cluster to cluster"),
}
