"""A page of the form as it stands open in somebody's browser, whose script keeps what is typed."""

from typing import Any

from werkzeug.test import TestResponse

from mobility.applications.models import Application
from mobility.applications.sections import Section
from tests.applications.filled import form_at, typed
from tests.hostile.forms import forms_of
from tests.visitor import Visitor


class OpenPage:
    """A page that was opened once; `hidden` is what its form carries along."""

    def __init__(self, client: Visitor, application: Application, section: Section, query: str = "") -> None:
        self.client, self.address = client, form_at(application, section)
        self.text = client.get(self.address + query).text
        [form] = [one for one in forms_of(self.text) if "over" in one.names("hidden")]
        self.hidden = {name: form.control(name).value for name in form.names("hidden")}
        self.answers = {**typed(application, section), **self.hidden}
        self.count = 0

    def keep(self, **answers: Any) -> TestResponse:
        """What the script sends some seconds after somebody has typed."""
        self.answers |= answers
        sent = {name: value for name, value in self.answers.items() if name not in {"once", "next"}}
        self.count += 1
        kept = {"page": self.hidden["once"], "count": str(self.count)}
        return self.client.post(self.address + "/typed", data=kept | sent)

    def send(self, **answers: Any) -> TestResponse:
        """What the browser sends when somebody presses a button."""
        return self.client.post(self.address, data=self.answers | answers)
