"""Rows of import files: one good row of each kind."""

PARTNERSHIP = {
    "partnership": "GREENFIL",
    "name": "Green Filament",
    "topic": "Textiles",
    "ecosystems": "textiles",
    "country": "PT",
    "town": "Guimarães",
    "email": "office@greenfil.example",
    "coordinator": "Aliança Têxtil",
    "budget_eur": "1200",
    "planned_exchanges": "60",
}
CLUSTER = {
    "registration": "509841207",
    "name": "Aliança Têxtil do Ave",
    "type": "cluster",
    "country": "PT",
    "town": "Guimarães",
    "region": "PT11",
    "partnership": "GREENFIL",
}
WEAVER = {
    "registration": "B62118840",
    "name": "Tejidos del Vallès",
    "type": "sme",
    "country": "ES",
    "town": "Terrassa",
    "staff": "42",
    "turnover_eur": "6100000",
    "cluster": "Clúster Tèxtil",
    "cluster_has_profile": "yes",
    "account_holder": "Tejidos del Vallès",
    "iban": "ES91 2100 0418 4502 0005 1332",
}
SPINNER = {**WEAVER, "registration": "B97440126", "name": "Hilos Turia", "town": "Paterna"}
OFFER = {
    "offer": "GUI-1",
    "organisation": "509841207",
    "organisation_country": "PT",
    "partnership": "GREENFIL",
    "title": "Recycled fibre",
    "ecosystems": "textiles",
    "purposes": "learn; technology",
    "languages": "en:C1; pt:C2",
    "windows": "2027-02-15..2027-03-19 x3; 2027-05-03..2027-05-28 x2",
    "closed": "2027-02-16..2027-02-17",
    "min_days": "3",
    "max_days": "5",
    "max_visits": "4",
    "contact_name": "Inês Carvalho",
    "contact_email": "ines@tece.example",
}
GROUP_VISIT = OFFER | {
    "offer": "GUI-2",
    "windows": "2027-05-17..2027-05-20 x8",
    "closed": "",
    "min_days": "",
    "max_days": "",
    "max_visits": "",
    "kind": "group_visit",
    "agenda": "Mon 9:00 Welcome",
}
APPLICATION = {
    "application": "A-01",
    "organisation": "B62118840",
    "organisation_country": "ES",
    "person": "Montserrat Puig",
    "email": "m.puig@teixits.example",
    "motivation": "See how it is sorted.",
    "ecosystems": "textiles",
    "purposes": "learn",
    "languages": "es:C2; en:B2",
    "windows": "2027-02-15..2027-03-12",
    "min_days": "3",
    "max_days": "4",
    "wishes": "GUI-1",
}
ROWS = {"partnerships": PARTNERSHIP, "organisations": CLUSTER, "offers": OFFER, "applications": APPLICATION}
