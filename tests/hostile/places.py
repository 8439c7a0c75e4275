"""Where the forms of the site stand, who fills them, and with what so that they are taken."""

from dataclasses import dataclass, field

from tests.hostile.forms import Fields, Form, forms_of
from tests.hostile.world import World
from tests.make.accounts import PASSWORD
from tests.make.surveys import filled
from tests.visitor import Visitor

ORGANISATION = {
    "name": ["Neue Weberei"],
    "registration": ["HRB 4711"],
    "type": ["sme"],
    "country": ["DE"],
    "town": ["Berlin"],
}
NAMES = (
    "register",
    "login",
    "reset",
    "confirm",
    "new password",
    "password",
    "verify",
    "organisation",
    "application begun",
    "application",
    "application assessed",
    "offer begun",
    "offer",
    "offer assessed",
    "round opened",
    "solve",
    "decline",
    "cancel",
    "void",
    "survey",
)


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
        found = [form for form in forms_of(page.text) if form.action.partition("?")[0] in {path, ""}]
        assert found, f"{self.name}: no form posts to {path}"
        return found[0]

    def fields(self, form: Form) -> Fields:
        """What a person sends."""
        return form.sent() | self.typed


def place_named(world: World, name: str) -> Place:
    """One of the forms."""
    return next(place for place in places(world) if place.name == name)


def places(world: World) -> list[Place]:
    """Every form of the site that has something to type or choose."""
    of = world.sides["A"].references
    application, offer = f"/applications/{of['application draft']}", f"/hosts/{of['offer draft']}"
    password = {"password": [PASSWORD], "password_confirm": [PASSWORD]}
    person = {"name": ["Nora"], "email": ["nora@new.example"]}
    reject = {"decision": ["reject"], "reason": ["Not now."]}
    exchange, order = f"/exchanges/{of['exchange confirmed']}", f"/payments/{of['order due']}"
    proposal, round_ = f"/exchanges/proposals/{of['proposal']}", f"/rounds/{of['round frozen']}"
    to_assess = f"/applications/{of['application submitted']}"
    offered = f"/hosts/{of['offer submitted']}"
    new_password = {"new_password": [PASSWORD + "!"], "new_password_confirm": [PASSWORD + "!"]}
    return [
        Place("register", "", "/register", typed=person | password),
        Place(
            "login",
            "",
            "/login",
            typed={"email": [world.emails["host A"]], "password": [PASSWORD]},
            at_top="do not belong together",
        ),
        Place("reset", "", "/reset", typed={"email": [world.emails["host A"]]}),
        Place("new password", "", f"/reset/{of['reset']}", typed=password),
        Place("confirm", "", "/confirm", typed={"email": [world.emails["host A"]]}),
        Place(
            "password",
            "host A",
            "/account/password",
            typed={"password": [PASSWORD]} | new_password,
        ),
        Place("verify", "host A", "/verify", typed={"password": [PASSWORD]}),
        Place("organisation", "newcomer A", "/organisations/mine"),
        Place("application begun", "newcomer A", f"/applications/new?call={world.call}"),
        Place("application", "applicant A", f"{application}/edit"),
        Place("application assessed", "officer A", to_assess, f"{to_assess}/assess", reject),
        Place("offer begun", "new host A", f"/hosts/new?call={world.call}"),
        Place("offer", "host A", f"{offer}/edit"),
        Place("offer assessed", "officer A", offered, f"{offered}/assess", reject),
        Place("round opened", "support_officer", "/rounds/open", typed={"call": [world.call]}),
        Place("solve", "support_officer", f"{round_}/solve"),
        Place("decline", "applicant A", proposal, f"{proposal}/decline/visitor", {"reason": ["No time."]}),
        Place("cancel", "officer A", f"{exchange}/cancel", typed={"reason": ["Ill."]}),
        Place("void", "finance_initiator", order, f"{order}/void", {"reason": ["Wrong amount."]}),
        Place("survey", "", f"/survey/{of['token']}", typed={k: [v] for k, v in filled().items()}),
    ]
