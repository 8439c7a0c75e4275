"""One partnership of the hostile world: what its records are called, and who acts in it."""

from dataclasses import dataclass, field

from mobility.accounts.models import User
from mobility.calls.models import Call
from mobility.partnerships.models import Partnership


@dataclass
class Side:
    """The records of one partnership's people, by the name that a route's address gives them."""

    letter: str
    references: dict[str, str] = field(default_factory=dict)

    def secret(self, what: str) -> str:
        """A text of this side that is mark-up, begins a formula and can be found again."""
        return f"=1+1<script>alert('{self.mark(what)}')</script>"

    def mark(self, what: str = "") -> str:
        return f"CANARY-{self.letter}-{what}"


@dataclass(frozen=True)
class Parties:
    """Whose records they are, in which call; `users` are all people of the world."""

    call: Call
    partnership: Partnership
    applicant: User
    host: User
    users: dict[str, User]
