"""The questions of the eligibility check, and the check of a paper."""

from hashlib import sha256
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import FileField
from wtforms.validators import StopValidation

from mobility.calls.enums import PartRole
from mobility.core.forms import Choice, HouseForm, Line, Radio, Tick, Whole, options
from mobility.core.uploads import LARGEST_FILE
from mobility.organisations.enums import OrganisationType
from mobility.organisations.wording import TYPES
from mobility.public.eligibility import Answers
from mobility.taxonomies.countries import country_choices
from mobility.taxonomies.topics import ECOSYSTEMS

MILLION_CENTS = 1_000_000_00
MOST_MILLIONS = 1_000_000
CHECK = "check"


class EligibilityForm(HouseForm):
    """What decides whether an organisation may take part; the answers stand in the address."""

    part = Radio(
        _l("What would you like to do?"),
        [(PartRole.VISITOR.value, _l("Visit a host")), (PartRole.HOST.value, _l("Host visitors"))],
        default=PartRole.VISITOR.value,
    )
    country = Choice(_l("Where is your organisation registered?"), [])
    type = Choice(_l("What is it?"), [(kind.value, words) for kind, words in TYPES.items()])
    is_member = Tick(_l("It is a member of a cluster"))
    has_profile = Tick(
        _l("That cluster has a profile on the European Cluster Collaboration Platform"),
    )
    staff = Whole(_l("Staff"), largest=10_000_000, required=False, description=_l("For firms only."))
    turnover = Whole(_l("Yearly turnover"), largest=MOST_MILLIONS, required=False)
    balance = Whole(_l("Balance sheet total"), largest=MOST_MILLIONS, required=False)
    has_visited = Tick(_l("Our organisation has had a visit in the scheme before"))
    is_third_country = Tick(
        _l("Whoever would travel is a national of a country outside the scheme"),
    )
    residence_days = Whole(
        _l("Days of residence in a country of the scheme"),
        largest=36_500,
        required=False,
        description=_l("With a residence permit or the like; only for such a national."),
    )
    has_business = Tick(_l("That person has a business in a country of the scheme, or starts one"))
    host_country = Choice(_l("Where would you go?"), [], required=False)
    days = Whole(
        _l("For how long?"), smallest=1, largest=366, required=False, description=_l("Without travel days.")
    )
    is_near = Tick(_l("The two towns are less than 200 km apart"))

    def __init__(self) -> None:
        # No key: the form changes nothing, and its address can be kept or sent on.
        super().__init__(request.args, meta={"csrf": False})
        self.country.choices = options([("", _l("Choose…")), *country_choices()])
        self.host_country.choices = options([("", _l("Not sure yet")), *country_choices()])

    @property
    def is_sent(self) -> bool:
        """Whether somebody asked for the verdict; a link may fill in a part before."""
        return CHECK in request.args

    def answers(self) -> Answers:
        """What was said; only after `validate`."""
        return Answers(
            part=PartRole(self.part.data),
            type=OrganisationType(self.type.data),
            country=self.country.data,
            is_member=self.is_member.data,
            has_profile=self.has_profile.data,
            staff=self.staff.data,
            turnover_cents=_cents(self.turnover.data),
            balance_cents=_cents(self.balance.data),
            has_visited=self.has_visited.data,
            is_third_country=self.is_third_country.data,
            residence_days=self.residence_days.data,
            has_business=self.has_business.data,
            host_country=self.host_country.data or "",
            days=self.days.data,
            is_near=self.is_near.data,
        )


class FinderForm(HouseForm):
    """What decides which partnership fits; the answers stand in the address."""

    country = Choice(_l("Where is your organisation registered?"), [], required=False)
    topic = Choice(_l("What is it about?"), [*ECOSYSTEMS.items()], required=False)

    def __init__(self) -> None:
        super().__init__(request.args, meta={"csrf": False})
        self.country.choices = options([("", _l("Choose…")), *country_choices()])


def _cents(millions: int | None) -> int | None:
    return None if millions is None else millions * MILLION_CENTS


class CodeForm(HouseForm):
    """The code that stands at the foot of a paper."""

    code = Line(
        _l("Code of the paper"), longest=80, description=_l("At its foot, such as AB2C-DE3F-GH4I-JK5L-MN6O.")
    )

    def __init__(self) -> None:
        super().__init__(request.args, meta={"csrf": False})


class _Hashed(FileField):
    """A file of which nothing is kept but the hash of its bytes: nobody looks inside."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        sent = next((one for one in valuelist if isinstance(one, FileStorage) and one.filename), None)
        self.data = None
        if sent is None:
            return
        content = sent.stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise ValueError(_l("This file is larger than 5 MB: it is none of our papers."))
        self.data = sha256(content).hexdigest()


def _chosen(_form: HouseForm, field: Any) -> None:
    if field.data is None and not field.process_errors:
        raise StopValidation(_l("Choose the PDF file of the paper."))


class CompareForm(HouseForm):
    """A PDF to hold against the paper that was issued."""

    paper = _Hashed(_l("Your copy as PDF"), [_chosen], render_kw={"accept": "application/pdf,.pdf"})
