"""The forms of a page as a browser sees them: what it would send, and what stands beside a field."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_plus

from werkzeug.test import TestResponse

from tests.visitor import Visitor

TYPED = {"text", "email", "password", "textarea", "number", "date"}
FORM_TYPE = "application/x-www-form-urlencoded"
Fields = dict[str, list[str]]


@dataclass
class Control:
    """One control: its name, kind, id and what it holds; of a choice also what may be chosen."""

    name: str
    kind: str
    id: str
    value: str = ""
    is_on: bool = True
    is_wrong: bool = False
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form that posts; a button may send it elsewhere."""

    action: str
    page: str = ""
    elsewhere: list[str] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)

    def sent(self) -> Fields:
        """What a browser sends when nothing is changed and the first button is pressed."""
        fields: Fields = {}
        for control in self.controls:
            is_extra = control.kind == "button" and (control.name in fields or control.name == "add")
            if control.name and control.is_on and not is_extra:
                fields.setdefault(control.name, []).append(control.value)
        return fields

    def names(self, *kinds: str) -> list[str]:
        """The names of controls of these kinds, each once."""
        return list(dict.fromkeys(one.name for one in self.controls if one.kind in kinds and one.name))

    def control(self, name: str) -> Control:
        return next(one for one in self.controls if one.name == name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.text: Control | None = None
        self.chosen: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if tag == "form" and given.get("method", "").lower() == "post":
            self.form = Form(given.get("action") or "")
            self.forms.append(self.form)
        elif self.form is not None and tag in {"input", "textarea", "select", "button"}:
            self._control(tag, given)
        elif tag == "option" and self.chosen is not None:
            self.chosen.options.append(given.get("value", ""))
            if "selected" in given or len(self.chosen.options) == 1:
                self.chosen.value = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "textarea":
            self.text = None
        elif tag == "select":
            self.chosen = None

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.value += data

    def _control(self, tag: str, given: dict[str, Any]) -> None:
        assert self.form is not None
        kind = given.get("type", "text") if tag == "input" else tag
        kind = "button" if kind == "submit" else kind
        ticked = kind not in {"checkbox", "radio"} or "checked" in given
        control = Control(
            given.get("name") or "",
            kind,
            given.get("id") or "",
            given.get("value") or ("y" if kind == "checkbox" else ""),
            ticked,
            given.get("aria-invalid") == "true",
        )
        self.form.controls.append(control)
        if "formaction" in given:
            self.form.elsewhere.append(given["formaction"] or "")
        if tag == "textarea":
            self.text = control
        elif tag == "select":
            self.chosen = control


def forms_of(page: str) -> list[Form]:
    """The forms of a page that post."""
    reader = _Reader()
    reader.feed(page)
    for form in reader.forms:
        form.page = page
    return reader.forms


def encoded(fields: Fields) -> bytes:
    """What goes over the wire; half a surrogate pair goes as the bytes it would have."""
    pairs = [
        f"{quote_plus(_bytes(name))}={quote_plus(_bytes(value))}"
        for name, values in fields.items()
        for value in values
    ]
    return "&".join(pairs).encode()


def _bytes(words: str) -> bytes:
    return words.encode("utf-8", "surrogatepass")


def send(client: Visitor, address: str, fields: Fields) -> TestResponse:
    """Post the fields."""
    return client.post(address, data=encoded(fields), content_type=FORM_TYPE)


def message_beside(page: str, id_: str) -> str:
    """The words beside a field that a control or its group points to; empty where there are none."""
    found = re.search(rf'id="{re.escape(id_)}-error">\s*([^<]+)<', page)
    pointed = re.search(rf'aria-describedby="[^"]*\b{re.escape(id_)}-error', page)
    return found[1].strip() if found and pointed else ""
