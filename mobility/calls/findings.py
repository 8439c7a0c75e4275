"""What a rule answers: a code, a verdict and the values its sentence needs."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """A rule's verdict; `passed` None means that proof is needed."""

    code: str
    passed: bool | None
    values: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As it is stored with the decision."""
        return {"code": self.code, "passed": self.passed, "values": self.values}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Finding":
        """As it was stored."""
        return cls(stored["code"], stored["passed"], stored["values"])
