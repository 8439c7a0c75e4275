"""The columns of applications.csv."""

from dataclasses import dataclass, fields
from typing import Any

from flask_babel import gettext as _

from mobility.applications.draft import AnswerDraft, ApplicationDraft, WishDraft
from mobility.applications.models import Application
from mobility.applications.rules import CONSENT_VERSION, MOST_WISHES
from mobility.calls.enums import Mode
from mobility.core.files import (
    BadCell,
    Cells,
    ImportColumn,
    days,
    email,
    key,
    one_of,
    paragraph,
    several,
    text,
    whole,
    yes_no,
)
from mobility.hosts.columns import MOST_DAYS, partner_types
from mobility.taxonomies import cells

MOST_RESIDENCE_DAYS = 40_000
CODES = ("ecosystems", "industries", "purposes", "countries", "partner_types")


@dataclass(frozen=True)
class WishedOffer:
    """An offer by its key, with its rank from 1, or None for "never"."""

    offer_key: str
    rank: int | None


@dataclass(frozen=True)
class ApplicationRow:
    """An application with its key, its organisation and its partnership; `content` has no wishes yet."""

    key: str
    registration: str
    country: str
    partnership_code: str | None
    content: ApplicationDraft
    wishes: tuple[WishedOffer, ...]


def wishes(cell: str) -> tuple[WishedOffer, ...]:
    """Offer keys in order of rank; one with an exclamation mark before it is ruled out."""
    parts = several(str)(cell)
    ranked = [key(part) for part in parts if not part.startswith("!")]
    never = [key(part[1:].strip()) for part in parts if part.startswith("!")]
    both = next((name for name in never if name in ranked), None)
    if both is not None:
        raise BadCell(both, _("is wished and ruled out at once"))
    if len(ranked) > MOST_WISHES:
        raise BadCell(cell, _("has more than %(most)s ranked offers", most=MOST_WISHES))
    return (
        *(WishedOffer(name, rank) for rank, name in enumerate(ranked, start=1)),
        *(WishedOffer(name, None) for name in never),
    )


COLUMNS = (
    ImportColumn("application", key),
    ImportColumn("organisation", text(60)),
    ImportColumn("organisation_country", cells.country),
    ImportColumn("partnership", key, empty=None),
    ImportColumn("person", text()),
    ImportColumn("email", email),
    ImportColumn("position", text(), empty=""),
    ImportColumn("third_country", yes_no, empty=False),
    ImportColumn("residence_days", whole(0, MOST_RESIDENCE_DAYS), empty=None),
    ImportColumn("has_business", yes_no, empty=False),
    ImportColumn("motivation", paragraph),
    ImportColumn("ecosystems", cells.ecosystems, empty=()),
    ImportColumn("industries", cells.industries, empty=()),
    ImportColumn("purposes", cells.purposes),
    ImportColumn("countries", cells.countries, empty=()),
    ImportColumn("partner_types", partner_types, empty=()),
    ImportColumn("languages", cells.languages),
    ImportColumn("mode", one_of([mode.value for mode in Mode]), empty=Mode.PHYSICAL.value),
    ImportColumn("windows", several(days)),
    ImportColumn("excluded", several(days), empty=(), may_lack=True),
    ImportColumn("min_days", whole(1, MOST_DAYS)),
    ImportColumn("max_days", whole(1, MOST_DAYS)),
    ImportColumn("wishes", wishes, empty=()),
    ImportColumn("group", key, empty=None),
)


def row_of(row: Cells) -> ApplicationRow:
    """The row's content from its cells. Raises `BadCell` for cells that contradict each other."""
    if row["max_days"] < row["min_days"]:
        raise BadCell(str(row["max_days"]), _("is less than min_days"), "max_days")
    if not row["ecosystems"] and not row["industries"]:
        raise BadCell("", _("is empty; name an ecosystem or an industry"), "ecosystems")
    if row["third_country"] and row["residence_days"] is None:
        raise BadCell(
            "", _("is empty; a third-country national states the days of residence"), "residence_days"
        )
    return ApplicationRow(
        key=row["application"],
        registration=row["organisation"],
        country=row["organisation_country"],
        partnership_code=row["partnership"],
        content=_content(row),
        wishes=row["wishes"],
    )


def _content(row: Cells) -> ApplicationDraft:
    # Whoever hands in a file vouches that the applicants agreed to the data notice on paper.
    return ApplicationDraft(
        person_name=row["person"],
        person_email=row["email"],
        windows=tuple(sorted(row["windows"])),
        excluded=tuple(sorted(row["excluded"])),
        min_days=row["min_days"],
        max_days=row["max_days"],
        position=row["position"],
        motivation=row["motivation"],
        is_third_country=row["third_country"],
        residence_days=row["residence_days"],
        has_business=row["has_business"],
        ecosystems=row["ecosystems"],
        industries=row["industries"],
        purposes=row["purposes"],
        countries=row["countries"],
        partner_types=row["partner_types"],
        languages=row["languages"],
        mode=Mode(row["mode"]),
        group_key=row["group"],
        consent_version=CONSENT_VERSION,
    )


def content_of(application: Application) -> ApplicationDraft:
    """A stored application as an import would bring it."""
    made_here = {*CODES, "languages", "windows", "excluded", "wishes", "answers"}
    names = [field.name for field in fields(ApplicationDraft) if field.name not in made_here]
    plain = {name: getattr(application, name) for name in names}
    several_codes: dict[str, Any] = {name: tuple(getattr(application, name)) for name in CODES}
    wished = (WishDraft(wish.offer_id, wish.rank) for wish in application.wishes)
    return ApplicationDraft(
        **plain,
        **several_codes,
        languages=dict(application.languages),
        windows=tuple(sorted((window.first_day, window.last_day) for window in application.windows)),
        excluded=tuple(application.excluded_days),
        wishes=tuple(sorted(wished, key=wish_order)),
        answers=answers_of(application),
    )


def answers_of(application: Application) -> tuple[AnswerDraft, ...]:
    """What is answered to the questions of the call."""
    if not application.call.has_questions:
        return ()
    return tuple(
        AnswerDraft(row.question_id, row.wording_id, row.value)
        for row in application.answers
        if row.value is not None
    )


def wish_order(wish: WishDraft) -> tuple[bool, int, int]:
    """Ranked wishes by rank, then those ruled out."""
    return wish.rank is None, wish.rank or 0, wish.offer_id
