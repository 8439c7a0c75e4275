"""A form of the site: where it stands, who fills it, and with what so that it is taken."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.hostile.forms import Fields, Form, forms_of
from tests.hostile.world import World
from tests.visitor import Visitor


@dataclass(frozen=True)
class Place:
    """A form: the page it stands on, where it posts to, and what is typed into it."""

    name: str
    who: str
    page: str
    post: str = ""
    typed: Fields = field(default_factory=dict)
    # What stands above the form instead, where no field alone is wrong.
    at_top: str = ""
    # What is typed because the page shows it.
    read: Callable[[str], Fields] | None = None

    @property
    def address(self) -> str:
        return self.post or self.page

    def client(self, world: World) -> Visitor:
        return world.browser_of(self.who) if self.who else world.stranger()

    def form(self, world: World, client: Visitor) -> Form:
        """The form as the page shows it."""
        page = client.get(self.page)
        assert page.status_code == 200, f"{self.name}: {page.status_code}"
        path = self.address.partition("?")[0]
        found = [form for form in forms_of(page.text) if _goes_to(form, path)]
        assert found, f"{self.name}: no form posts to {path}"
        return found[0]

    def fields(self, form: Form) -> Fields:
        """What a person sends."""
        return form.sent() | self.typed | (self.read(form.page) if self.read else {})


def _goes_to(form: Form, path: str) -> bool:
    targets = {target.partition("?")[0] for target in (form.action, *form.elsewhere)}
    return path in targets or form.action == ""
