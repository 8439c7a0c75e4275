"""The pages of the form, each with what its application holds or what was kept as typed."""

from typing import Any

from werkzeug.datastructures import MultiDict

from mobility.applications import rules
from mobility.applications.forms import (
    ConsentsForm,
    DatesForm,
    HostsForm,
    PersonForm,
    SectionForm,
    TopicsForm,
)
from mobility.applications.models import Application
from mobility.applications.ranges import rows_and_text
from mobility.applications.sections import Section
from mobility.hosts.forms import language_rows

PLAIN = (
    "version",
    "person_name",
    "person_email",
    "position",
    "cv",
    "is_third_country",
    "residence_days",
    "has_business",
    "ecosystems",
    "industries",
    "purposes",
    "min_days",
    "max_days",
    "countries",
    "partner_types",
    "motivation",
)
FORMS: dict[Section, type[SectionForm]] = {
    Section.PERSON: PersonForm,
    Section.TOPICS: TopicsForm,
    Section.DATES: DatesForm,
    Section.HOSTS: HostsForm,
    Section.CONSENTS: ConsentsForm,
}


def form_of(
    section: Section, application: Application, typed: MultiDict[str, str] | None = None
) -> SectionForm:
    """A page as the application stands; what is sent, or else what was kept as typed, wins."""
    return filled(FORMS[section], application, _stored(application), typed)


def filled(
    kind: type[SectionForm],
    application: Application,
    stored: dict[str, Any],
    typed: MultiDict[str, str] | None,
) -> SectionForm:
    """A form with what is stored; what was kept as typed wins."""
    if typed is None:
        return kind(data=stored)
    return kind(MultiDict([*typed.items(multi=True), ("version", str(application.version))]), data=stored)


def _stored(application: Application) -> dict[str, Any]:
    ranked = {wish.rank: str(wish.offer_id) for wish in application.wishes if wish.rank is not None}
    return {name: getattr(application, name) for name in PLAIN} | {
        "languages": language_rows(application.languages),
        **rows_and_text("windows", [(one.first_day, one.last_day) for one in application.windows]),
        **rows_and_text("excluded", application.excluded_days),
        "mode": application.mode.value,
        "consent": application.consent_version == rules.CONSENT_VERSION,
        "never": [str(wish.offer_id) for wish in application.wishes if wish.rank is None],
        **{f"wish_{rank}": ranked.get(rank, "") for rank in range(1, rules.MOST_WISHES + 1)},
    }
