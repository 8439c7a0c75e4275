"""Which records are to change, as they were seen."""

from typing import Any

from wtforms import HiddenField

from mobility.core.forms import HouseForm, is_storable


class SeenField(HiddenField):
    """The ticked records with the versions that were seen; what cannot be read is left out."""

    data: Any

    def process_data(self, value: Any) -> None:
        self.data = value or {}

    def process_formdata(self, valuelist: list[str]) -> None:
        pairs = (one.rpartition(":") for value in valuelist for one in value.split())
        self.data = {
            reference: int(version)
            for reference, _colon, version in pairs
            if version.isascii() and version.isdecimal() and len(version) < 12 and is_storable(reference)
        }

    def _value(self) -> str:
        return " ".join(f"{reference}:{version}" for reference, version in self.data.items())


class TickedForm(HouseForm):
    """The ticked records."""

    seen = SeenField()

    def wanted(self, picked: list[str], most: int) -> list[str]:
        """The references of what was ticked in a list or stands in the form, each once, and not too many."""
        return [*dict.fromkeys([*self.seen.data, *picked])][:most]
