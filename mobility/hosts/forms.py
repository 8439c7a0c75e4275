"""What forms of several rooms are made of: rows, errors beside fields; and the officer's answer."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form

from mobility.core.forms import (
    Choice,
    Day,
    HouseForm,
    Paragraph,
    Radio,
    VersionField,
    Whole,
    options,
)
from mobility.organisations.models import Organisation
from mobility.taxonomies.languages import LANGUAGES, LEVELS

LANGUAGE_ROWS = 4
MOST_ROWS = 20
MOST_PLACES = 1000
MOST_DAYS = 366


LANGUAGE_LABELS = {"language": _l("Language %(number)s"), "level": _l("Level of language %(number)s")}


class Rows(FieldList):  # type: ignore[type-arg]
    """A list of rows whose numbers come from field names: names that hold no small number are passed over.

    `labels` words the fields of each row with its number, on the page and in the summary of errors alike.
    """

    def __init__(self, *arguments: Any, labels: Mapping[str, Any], **more: Any) -> None:
        self.row_labels = labels
        super().__init__(*arguments, **more)

    def _add_entry(self, *arguments: Any, **more: Any) -> Any:
        entry = super()._add_entry(*arguments, **more)  # type: ignore[misc]
        for name, label in self.row_labels.items():
            entry.form[name].label.text = str(label) % {"number": len(self.entries)}
        return entry

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        start = f"{prefix}-"
        for name in formdata:
            number = name.removeprefix(start).partition("-")[0]
            if name.startswith(start) and number.isascii() and number.isdecimal() and len(number) < 4:
                yield int(number)


class LanguageRow(Form):
    """A language and how well."""

    language = Choice(_l("Language"), list(LANGUAGES.items()), required=False)
    level = Choice(_l("Level"), [(level, level) for level in LEVELS], required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if self.language.data and not self.level.data:
            say(self.level, _("Choose the level too."))
            return False
        return valid


class WindowRow(Form):
    """Days on which visitors may come, and how many at once."""

    first_day = Day(_l("First day"), required=False)
    last_day = Day(_l("Last day"), required=False)
    places = Whole(_l("Places"), smallest=0, largest=MOST_PLACES, required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators)) and days_in_order(self.first_day, self.last_day)
        if valid and self.first_day.data and self.places.data is None:
            say(self.places, _("Write how many visitors at once."))
            return False
        return valid


class ClosureRow(Form):
    """Days inside the windows on which the host is closed."""

    first_day = Day(_l("First day"), required=False)
    last_day = Day(_l("Last day"), required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        return bool(super().validate(extra_validators)) and days_in_order(self.first_day, self.last_day)


class AssessForm(HouseForm):
    """Accept or reject, with the reason."""

    version = VersionField()
    decision = Radio(_l("Decision"), [("accept", _l("Accept")), ("reject", _l("Reject"))])
    reason = Paragraph(
        _l("Reason"),
        required=False,
        longest=2000,
        description=_l("Stands in the letter. Needed for a rejection."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if valid and self.decision.data == "reject" and not self.reason.data:
            say(self.reason, _("Give the reason for the rejection."))
            return False
        return valid

    @property
    def accepted(self) -> bool:
        return bool(self.decision.data == "accept")


class ExceptionForm(HouseForm):
    """From which rule an exception is asked, and why."""

    version = VersionField()
    rule = Choice(_l("Rule"), [])
    reason = Paragraph(_l("Reason"), longest=2000, description=_l("The support office and the log have it."))

    @classmethod
    def among(cls, rules: Sequence[tuple[str, str]], version: int) -> "ExceptionForm":
        """The form with the rules to choose from."""
        form = cls(data={"version": version})
        form.rule.choices = options([("", _l("Choose…")), *rules])
        return form


class ExceptionAnswerForm(HouseForm):
    """Whether an exception is granted, and why."""

    version = VersionField()
    decision = Radio(_l("Exception"), [("grant", _l("Grant it")), ("refuse", _l("Refuse it"))])
    reason = Paragraph(
        _l("Reason"),
        longest=2000,
        description=_l(
            "Name the agency’s approval where it needs one. If granted, the applicant or host reads it, too."
        ),
    )

    @property
    def granted(self) -> bool:
        return bool(self.decision.data == "grant")


def days_in_order(first: Any, last: Any) -> bool:
    """Whether both days are given, or none, the first not after the last; else says so beside the field."""
    if not first.data and not last.data:
        return True
    if not first.data:
        say(first, _("Write the first day too."))
    elif not last.data:
        say(last, _("Write the last day too."))
    elif first.data > last.data:
        say(last, _("Write a day on or after the first day."))
    return not first.errors and not last.errors


def stay_in_order(form: Any) -> bool:
    """Whether the longest stay is not below the shortest; else says so beside the field."""
    shortest, longest = form.min_days.data, form.max_days.data
    if shortest is None or longest is None or shortest <= longest:
        return True
    say(form.max_days, _("Write a number not below the shortest stay."))
    return False


def say(field: Any, words: str, rows: Any = None) -> Any:
    """Put an error beside a field, also one in a row of a list."""
    field.errors = [*field.errors, words]
    if rows is not None:
        rows.errors = [*rows.errors, {field.short_name: [words]}]
    return field


def languages_once(rows: Any) -> bool:
    """Whether no language is named twice; else says so beside the second."""
    seen: set[str] = set()
    for row in rows:
        named = row.form.language
        if named.data and named.data in seen:
            say(named, _("Named twice. Choose another language or none."), rows)
            return False
        seen.add(named.data)
    return True


def language_rows(languages: dict[str, Any]) -> list[dict[str, str]]:
    """The languages of a record as rows of a form."""
    return [{"language": code, "level": level} for code, level in languages.items()][:LANGUAGE_ROWS]


def languages_of(rows: Any) -> dict[str, str]:
    """The languages that the rows of a form name."""
    return {row["language"]: row["level"] for row in rows.data if row["language"] and row["level"]}


def ranges_of(rows: Any) -> tuple[tuple[date, date], ...]:
    """The ranges of days that the rows of a form name, those that end before they begin left out."""
    typed: Sequence[tuple[date | None, date | None]] = [
        (row["first_day"], row["last_day"]) for row in rows.data
    ]
    return tuple((first, last) for first, last in typed if first and last and first <= last)


class BeginForm(HouseForm):
    """For which of one's organisations."""

    organisation = Radio(_l("Organisation"), [])

    @classmethod
    def among(cls, organisations: Sequence[Organisation]) -> Self:
        """The form with the person's organisations to choose from; an only one is chosen already."""
        form = cls()
        form.organisation.choices = options([(str(one.id), one.name) for one in organisations])
        if len(organisations) == 1 and not form.is_submitted():
            form.organisation.data = str(organisations[0].id)
        return form

    def chosen(self, organisations: Sequence[Organisation]) -> Organisation:
        """The organisation chosen."""
        return next(one for one in organisations if str(one.id) == self.organisation.data)


def version_of(fields: Mapping[str, str]) -> int | None:
    """The version that a button sent; None for an unreadable one, which counts as stale."""
    written = fields.get("version", "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 12 else None
