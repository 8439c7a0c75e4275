"""Form fields that know their limits, and one base form."""

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import (  # type: ignore[attr-defined]  # the stubs are of WTForms 3.2
    BooleanField,
    DateField,
    EmailField,
    Field,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from mobility.core.uploads import MOST_PAGES, Upload, read_pdf, read_table_file

LINE = 200
PARAGRAPH = 5000
LARGEST = 2**31 - 1
UNREADABLE = "\ufffd"  # stands where the bytes sent were no text


def is_storable(text: str) -> bool:
    """Whether the database can keep the text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def storable(_form: FlaskForm, field: Field) -> None:
    """Refuse signs that no database or paper can hold."""
    if isinstance(field.data, str) and (UNREADABLE in field.data or not is_storable(field.data)):
        raise ValidationError(_l("Remove the unreadable character."))


def stripped(text: Any) -> Any:
    return text.strip() if isinstance(text, str) else text


class HouseForm(FlaskForm):
    """A form of this house; its version field, if any, travels with the record."""


def needed(message: Any = None) -> Any:
    return DataRequired(message or _l("Fill in this answer."))


def _rules(required: bool, *more: Any) -> list[Any]:
    return [needed() if required else Optional(strip_whitespace=True), storable, *more]


def Line(
    label: Any, *, required: bool = True, longest: int = LINE, description: Any = "", **more: Any
) -> Any:
    """One line of text."""
    rules = _rules(required, Length(max=longest, message=_l("Write at most %(max)d characters.")))
    return StringField(label, rules, filters=[stripped], description=description, **more)


def Paragraph(
    label: Any, *, required: bool = True, longest: int = PARAGRAPH, description: Any = "", **more: Any
) -> Any:
    """Several lines of text."""
    rules = _rules(required, Length(max=longest, message=_l("Write at most %(max)d characters.")))
    return TextAreaField(label, rules, filters=[stripped], description=description, **more)


def EmailLine(label: Any, *, required: bool = True, description: Any = "", **more: Any) -> Any:
    """An e-mail address."""
    address = Email(message=_l("Write an e-mail address such as name@example.org."), allow_smtputf8=False)
    rules = _rules(required, Length(max=254), address)
    return EmailField(label, rules, filters=[stripped], description=description, **more)


class _Whole(IntegerField):
    def process_formdata(self, valuelist: list[str]) -> None:
        written = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not written:
            return
        if not (written.isascii() and written.removeprefix("-").isdecimal() and len(written) <= 12):
            raise ValueError(self.gettext("Write a whole number."))
        self.data = int(written)


def Whole(
    label: Any,
    *,
    smallest: int = 0,
    largest: int = LARGEST,
    required: bool = True,
    description: Any = "",
    **more: Any,
) -> Any:
    """A whole number between two others."""
    present = InputRequired(_l("Write a whole number.")) if required else Optional()
    between = NumberRange(smallest, largest, _l("Write a number from %(min)s to %(max)s."))
    return _Whole(label, [present, between], description=description, **more)


class _Day(DateField):
    def process_formdata(self, valuelist: list[str]) -> None:
        written = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not written:
            return
        if not (written.isascii() and len(written) == 10):
            raise ValueError(_l("Write a date such as 2027-03-15."))
        try:
            super().process_formdata([written])
        except ValueError:
            raise ValueError(_l("Write a date such as 2027-03-15.")) from None

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else (self.data.isoformat() if self.data else "")


def Day(label: Any, *, required: bool = True, description: Any = "", **more: Any) -> Any:
    """A date."""
    present = InputRequired(_l("Write a date such as 2027-03-15.")) if required else Optional()
    return _Day(label, [present], description=description, **more)


def options(choices: Sequence[tuple[str, Any]]) -> list[SelectChoice]:
    """Value and label of each option, as a list field takes them."""
    return [SelectChoice(value, label) for value, label in choices]


def Choice(
    label: Any,
    choices: Sequence[tuple[str, Any]],
    *,
    required: bool = True,
    description: Any = "",
    **more: Any,
) -> Any:
    """One of a list, as a drop-down."""
    rules = [needed(_l("Choose one.")) if required else Optional()]
    given = options([("", _l("Choose…")), *choices])
    return SelectField(label, rules, choices=given, description=description, **more)


def Radio(
    label: Any,
    choices: Sequence[tuple[str, Any]],
    *,
    required: bool = True,
    description: Any = "",
    **more: Any,
) -> Any:
    """One of a few, all in sight."""
    rules = [InputRequired(_l("Choose one.")) if required else Optional()]
    return RadioField(label, rules, choices=options(choices), description=description, **more)


class _Ticks(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def Ticks(
    label: Any,
    choices: Sequence[tuple[str, Any]],
    *,
    required: bool = False,
    description: Any = "",
    **more: Any,
) -> Any:
    """Any number of a list, as boxes to tick."""
    rules = [needed(_l("Tick at least one."))] if required else [Optional()]
    return _Ticks(label, rules, choices=options(choices), description=description, **more)


def Tick(label: Any, *, required: bool = False, description: Any = "", **more: Any) -> Any:
    """One box to tick; required means it must be ticked."""
    rules = [InputRequired(_l("Tick this box to go on."))] if required else []
    return BooleanField(label, rules, description=description, **more)


class _File(FileField):
    """What was sent, looked into by `read`; its reasons against it stand beside the field."""

    data: Upload | None

    def __init__(self, *arguments: Any, read: Callable[[FileStorage], Upload], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._read = read

    def process_formdata(self, valuelist: list[Any]) -> None:
        sent = next((one for one in valuelist if isinstance(one, FileStorage) and one.filename), None)
        self.data = None
        if sent:
            with closing(sent):
                self.data = self._read(sent)


class _Chosen:
    """Asks for a file, unless the one that was sent is refused already."""

    field_flags = {"required": True}

    def __init__(self, words: Any) -> None:
        self._words = words

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        if field.data is None and not field.process_errors:
            raise StopValidation(self._words)


def PdfField(
    label: Any, *, required: bool = True, most_pages: int = MOST_PAGES, description: Any = "", **more: Any
) -> Any:
    """A PDF of at most 5 MB; its route is declared with `takes_files`, its form sent in several parts."""
    rules = [_Chosen(_l("Choose a PDF file."))] if required else []
    shown, read = {"accept": "application/pdf,.pdf"}, partial(read_pdf, most_pages=most_pages)
    return _File(label, rules, description=description, render_kw=shown, read=read, **more)


def TableField(label: Any, *, description: Any = "", **more: Any) -> Any:
    """A CSV or XLSX of at most 5 MB; its route and form as for `PdfField`."""
    rules = [_Chosen(_l("Choose a CSV or XLSX file."))]
    shown = {"accept": ".csv,.xlsx"}
    return _File(label, rules, description=description, render_kw=shown, read=read_table_file, **more)


class VersionField(HiddenField):
    """The record's version as the page showed it; unreadable counts as stale."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        written = valuelist[0] if valuelist else ""
        self.data = int(written) if written.isascii() and written.isdecimal() and len(written) < 12 else None
