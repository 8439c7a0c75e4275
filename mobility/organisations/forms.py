"""The profile of an organisation, and its bank account."""

import re
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import Length

from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.forms import (
    Choice,
    EmailLine,
    HouseForm,
    Line,
    Paragraph,
    Radio,
    Tick,
    VersionField,
    Whole,
    options,
)
from mobility.core.money import cents_of
from mobility.organisations.enums import MemberRight, OrganisationType
from mobility.organisations.models import Organisation
from mobility.organisations.services import OrganisationDraft
from mobility.organisations.wording import INVITED_TO, REFUSALS, TYPES
from mobility.partnerships.bank import AccountDraft, checked_account, problems_of
from mobility.taxonomies import regions, towns
from mobility.taxonomies.countries import country_choices
from mobility.taxonomies.folding import fold

FIRST_YEAR = 1000
LAST_YEAR = 2100
MOST_STAFF = 10_000_000
LONGEST_PASSWORD = 128
DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,10})?")


class OrganisationForm(HouseForm):
    """What a visitor or host says of its organisation."""

    version = VersionField()
    name = Line(_l("Legal name"))
    registration = Line(
        _l("Registration number"),
        longest=60,
        description=_l("As in the register of companies or associations."),
    )
    type = Choice(_l("Type of organisation"), [(kind.value, words) for kind, words in TYPES.items()])
    country = Choice(_l("Country of registration"), [])
    town = Line(_l("Town"), longest=100, description=_l("Where you work; distances are counted from here."))
    # Asked where several have that name.
    which = Choice(_l("Which town of this name?"), [], required=False)
    street = Line(_l("Street and number"), required=False, longest=70)
    postcode = Line(_l("Postcode"), required=False, longest=16)
    region = Line(
        _l("Region (NUTS 2 code)"),
        required=False,
        longest=4,
        description=_l("Four characters, such as ITC4 or PL22."),
    )
    staff = Whole(_l("Staff"), largest=MOST_STAFF, required=False)
    turnover = Line(
        _l("Yearly turnover"), required=False, longest=16, description=_l("In euro, last closed year.")
    )
    balance = Line(
        _l("Balance sheet total"), required=False, longest=16, description=_l("In euro, last closed year.")
    )
    founded = Whole(_l("Year founded"), smallest=FIRST_YEAR, largest=LAST_YEAR, required=False)
    cluster_name = Line(
        _l("Cluster you are a member of"),
        required=False,
        description=_l("All but cluster organisations must be a member of one."),
    )
    cluster_has_profile = Tick(
        _l("This cluster has a profile on the European Cluster Collaboration Platform")
    )
    website = Line(_l("Website"), required=False, description=_l("Beginning with https:// or http://."))
    description = Paragraph(_l("What you do"), required=False, longest=2000)
    account_holder = Line(
        _l("Account holder"),
        required=False,
        description=_l("The organisation itself: the lump sum goes to no one else."),
    )
    iban = Line(_l("IBAN"), required=False, longest=50)
    bic = Line(_l("BIC"), required=False, longest=11)
    password = PasswordField(
        _l("Your password"),
        [Length(max=LONGEST_PASSWORD)],
        description=_l("Only to put another account in the place of the one we have."),
    )

    def __init__(
        self,
        *args: Any,
        organisation: Organisation | None = None,
        person: User | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organisation, self.person = organisation, person
        self.country.choices = options([("", _l("Choose…")), *country_choices()])
        self.place: towns.Town | Organisation | None = None
        self._offer_towns()

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        checks = (
            self._find_town,
            self._check_region,
            self._check_founded,
            self._check_amounts,
            self._check_website,
            self._check_account,
        )
        return all([valid, *(check() for check in checks)])

    def content(self) -> OrganisationDraft:
        """What was typed, for the verb; only after `validate_on_submit`."""
        assert self.place is not None  # noqa: S101  # found by validate
        return OrganisationDraft(
            registration=self.registration.data,
            name=self.name.data,
            type=OrganisationType(self.type.data),
            country=self.country.data,
            town=self.town.data,
            latitude=self.place.latitude,
            longitude=self.place.longitude,
            region=(self.region.data or "").upper() or None,
            staff=self.staff.data,
            turnover_cents=_cents(self.turnover.data),
            balance_cents=_cents(self.balance.data),
            founded=self.founded.data,
            website=self.website.data or "",
            description=self.description.data or "",
            cluster_name=self.cluster_name.data or "",
            cluster_has_profile=self.cluster_has_profile.data,
            street=self.street.data or "",
            postcode=self.postcode.data or "",
        )

    def account(self) -> AccountDraft | None:
        """The bank account, if one was typed."""
        if not self.iban.data:
            return None
        return checked_account(self._typed_account())

    @property
    def replaces_account(self) -> bool:
        """Whether what was typed puts another account in the place of a known one; after `validate`."""
        known, typed = self.organisation, None if self.iban.errors else self.account()
        if known is None or known.iban is None or typed is None:
            return False
        return (known.account_holder, known.iban, known.bic) != (typed.holder, typed.iban, typed.bic)

    def _typed_account(self) -> AccountDraft:
        return AccountDraft(self.account_holder.data or "", self.iban.data or "", self.bic.data or "")

    def _find_town(self) -> bool:
        if self.town.errors or self.country.errors:
            return False
        if not self._towns:
            return _say(self.town, unknown_town(self.country.data, self.town.data))
        self.place = self._towns.get(self.which.data or "") or self._known_place()
        first, *others = self._towns.values()
        if self.place is None and any(other.rivals(first) for other in others):
            return _say(self.which, _("Several towns have this name. Choose the one where you work."))
        self.place = self.place or first
        return True

    def _offer_towns(self) -> None:
        """Let one of the towns be chosen that have the name that was typed."""
        country, name = self.country.data or "", self.town.data or ""
        found = towns.alike(country, name) if len(country) == 2 else []
        self._towns = {f"{town.latitude} {town.longitude}": town for town in found}
        named = [(key, town_name(country, town)) for key, town in self._towns.items()]
        self.which.choices = options([("", _("Choose…")), *named])
        if self.which.data not in self._towns:
            self.which.data = self._where_it_is()

    def _where_it_is(self) -> str:
        place = self._known_place()
        key = f"{place.latitude} {place.longitude}" if place else ""
        return key if key in self._towns else ""

    def _known_place(self) -> Organisation | None:
        """The organisation as it stands, where its town stays: its place may have been corrected."""
        known = self.organisation
        typed = (self.country.data, fold(self.town.data or ""))
        return known if known is not None and (known.country, fold(known.town)) == typed else None

    @property
    def asks_which(self) -> bool:
        """Whether several towns have the name that was typed."""
        return len(self._towns) > 1

    def _check_region(self) -> bool:
        region = (self.region.data or "").upper()
        fits = not region or not self.country.data or regions.is_region_of(region, self.country.data)
        return fits or _say(
            self.region, _("Write the NUTS 2 code of a region of this country, such as ITC4.")
        )

    def _check_founded(self) -> bool:
        year = clock.today().year
        fits = self.founded.data is None or self.founded.data <= year
        return fits or _say(self.founded, _("Write a year up to %(year)s.", year=year))

    def _check_amounts(self) -> bool:
        return all([self._is_amount(self.turnover), self._is_amount(self.balance)])

    def _is_amount(self, field: Any) -> bool:
        try:
            _cents(field.data)
        except ValueError:
            return _say(field, _("Write an amount in euro such as 1250000."))
        return True

    def _check_website(self) -> bool:
        fits = not self.website.data or self.website.data.startswith(("https://", "http://"))
        return fits or _say(self.website, _("Begin with https:// or http://."))

    def _check_account(self) -> bool:
        if not self.iban.data and self._says_more_than_known():
            return _say(self.iban, _("Write the IBAN of the account."))
        fields = {"no-holder": self.account_holder, "bad-iban": self.iban, "bad-bic": self.bic}
        found = problems_of(self._typed_account()) if self.iban.data else []
        for code in found:
            _say(fields[code], str(REFUSALS[code]))
        return not found and self._check_password()

    def _says_more_than_known(self) -> bool:
        known = self.organisation
        holder, bic = (known.account_holder, known.bic) if known else ("", "")
        return (self.account_holder.data or "", self.bic.data or "") != (holder, bic)

    def _check_password(self) -> bool:
        if not self.replaces_account:
            return True
        typed = current_app.extensions["security"].password_util.normalize(self.password.data or "")
        if self.person is not None and typed and self.person.verify_and_update_password(typed):
            return True
        return _say(self.password, _("Write your own password to change the account."))


class ClusterForm(HouseForm):
    """Where the question to the cluster goes."""

    email = EmailLine(
        _l("E-mail address of the cluster"),
        description=_l("Its office, not a person of your own organisation. Officers see this address."),
    )


class ColleagueForm(HouseForm):
    """Who is invited, and to do what."""

    email = EmailLine(_l("E-mail address of your colleague"))
    right = Radio(
        _l("What may your colleague do?"),
        [(right.value, words) for right, words in INVITED_TO.items()],
        default=MemberRight.EDIT.value,
    )


class ClusterAnswerForm(HouseForm):
    """What somebody at the cluster says."""

    answer = Radio(
        _l("Is it your member?"), [("yes", _l("Yes, it is a member")), ("no", _l("No, it is not"))]
    )
    name = Line(_l("Your name and position"), description=_l("Officers of the scheme see it."))
    remark = Paragraph(
        _l("Remark"), required=False, longest=500, description=_l("The organisation gets to read it.")
    )

    @property
    def is_member(self) -> bool:
        return bool(self.answer.data == "yes")


class DecideForm(HouseForm):
    """A button that decides on a pair of entries, as it stood when the page was opened."""

    version = VersionField()


class PlaceForm(HouseForm):
    """Where an organisation lies, if its town is not where we thought."""

    version = VersionField()
    latitude = Line(
        _l("Latitude"), longest=16, description=_l("Decimal degrees, north is positive, such as 48.2082.")
    )
    longitude = Line(
        _l("Longitude"), longest=16, description=_l("Decimal degrees, east is positive, such as 16.3738.")
    )
    reason = Paragraph(_l("Reason"), longest=2000, description=_l("Stands in the log."))

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        return all([valid, _is_degrees(self.latitude, 90), _is_degrees(self.longitude, 180)])


class MergeForm(DecideForm):
    """The button that merges; where money goes elsewhere by it, somebody says that they looked."""

    account = Tick(_l("I have checked with both that lump sums go to this account from now on"))


def _is_degrees(field: Any, most: int) -> bool:
    if field.errors or (DEGREES.fullmatch(field.data) and abs(float(field.data)) <= most):
        return not field.errors
    return _say(field, _("Write decimal degrees such as 48.2082."))


def town_name(country: str, town: towns.Town) -> str:
    """A town, told apart from others of its name by a large one near it."""
    near = towns.landmark(country, town) if town.population < towns.LARGE else None
    return _("%(town)s, near %(large)s", town=town.name, large=near.name) if near else town.name


def unknown_town(country: str, name: str) -> str:
    """What to do about a town that nobody knows."""
    near = towns.suggest(country, name)
    if near:
        return _("We know no such town there. Did you mean %(towns)s?", towns=", ".join(near))
    return _("We know no such town there. Write the nearest larger one.")


def _cents(written: str | None) -> int | None:
    return cents_of(written) if written else None


def _say(field: Any, words: str) -> bool:
    field.errors = [*field.errors, words]
    return False
