"""The parts of an application in the scheme's order, and which answers each holds."""

from enum import StrEnum


class Section(StrEnum):
    """A page of the form; what an officer can ask to be changed."""

    PERSON = "person"
    TOPICS = "topics"
    DATES = "dates"
    HOSTS = "hosts"
    # What the call asks beside the scheme's own questions, if it does.
    QUESTIONS = "questions"
    CONSENTS = "consents"

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its answers, as the form has them."""
        return FIELDS[self]


FIELDS = {
    Section.PERSON: (
        "person_name",
        "person_email",
        "position",
        "is_third_country",
        "residence_days",
        "has_business",
        "languages",
        "cv",
        "no_cv",
    ),
    Section.TOPICS: ("ecosystems", "industries", "purposes", "motivation"),
    Section.DATES: (
        "mode",
        "windows",
        "more_windows",
        "excluded",
        "more_excluded",
        "min_days",
        "max_days",
    ),
    Section.HOSTS: (
        "countries",
        "partner_types",
        "wish_1",
        "wish_2",
        "wish_3",
        "wish_4",
        "wish_5",
        "never",
    ),
    Section.QUESTIONS: ("answer",),
    Section.CONSENTS: ("consent",),
}
