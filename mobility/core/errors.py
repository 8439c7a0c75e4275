"""What a verb may refuse with. One handler in `core.web` turns each into its page."""

from typing import Any


class Refused(Exception):
    """A request that the scheme does not carry out."""


class RuleBroken(Refused):
    """A rule or a state stands against it: 409. `code` names the rule, `values` fill its sentence."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return f"{self.code}: {self.values}" if self.values else self.code


class NotAllowed(Refused):
    """The role may not do this: 403."""


class NotFound(Refused):
    """Absent, or not yours to see: 404."""
