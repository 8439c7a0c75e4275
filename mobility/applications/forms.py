"""The form of an application, in the scheme's order."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FormField

from mobility.applications import rules
from mobility.applications.draft import ApplicationDraft, WishDraft
from mobility.applications.models import Application
from mobility.calls.enums import Mode
from mobility.core.forms import (
    Choice,
    EmailLine,
    HouseForm,
    Line,
    Paragraph,
    Radio,
    Tick,
    Ticks,
    VersionField,
    Whole,
    options,
)
from mobility.hosts.forms import (
    LANGUAGE_LABELS,
    LANGUAGE_ROWS,
    MOST_DAYS,
    ClosureRow,
    LanguageRow,
    Rows,
    language_rows,
    languages_of,
    languages_once,
    ranges_of,
    say,
    stay_in_order,
)
from mobility.hosts.models import Offer
from mobility.hosts.wording import MODES
from mobility.organisations.wording import TYPES
from mobility.taxonomies.countries import country_name
from mobility.taxonomies.topics import ECOSYSTEMS, INDUSTRIES, PURPOSES

WINDOW_ROWS = 3
PLAIN = (
    "version",
    "person_name",
    "person_email",
    "position",
    "is_third_country",
    "residence_days",
    "has_business",
    "ecosystems",
    "industries",
    "purposes",
    "min_days",
    "max_days",
    "countries",
    "partner_types",
    "motivation",
)
NEEDED_TO_SEND = ("person_name", "person_email", "purposes", "motivation", "consent")
WISHES = (_l("First wish"), _l("Second wish"), _l("Third wish"), _l("Fourth wish"), _l("Fifth wish"))


class WithdrawForm(HouseForm):
    """Why an application is taken back, if somebody wants to say."""

    version = VersionField()
    reason = Paragraph(
        _l("Why do you withdraw it?"),
        required=False,
        longest=500,
        description=_l("Your partnership learns from it. You may leave it empty."),
    )


class ApplicationForm(HouseForm):
    """Person, languages, topics and purposes, when and how long, where, motivation, consent."""

    version = VersionField()
    person_name = Line(_l("Name of the visitor"), required=False)
    person_email = EmailLine(_l("E-mail of the visitor"), required=False)
    position = Line(_l("Position"), required=False)
    is_third_country = Tick(
        _l("The visitor is a national of a country outside the scheme"),
        description=_l(
            "The organisation's country decides; nationals of other countries prove 183 days of residence"
            " and a business, both in a country of the scheme."
        ),
    )
    residence_days = Whole(_l("Days of residence in a country of the scheme"), required=False, largest=36_500)
    has_business = Tick(_l("Has started, or intends to start, a business in a country of the scheme"))
    languages = Rows(
        FormField(LanguageRow),
        _l("Languages"),
        min_entries=LANGUAGE_ROWS,
        max_entries=LANGUAGE_ROWS,
        labels=LANGUAGE_LABELS,
    )
    ecosystems = Ticks(_l("Industrial ecosystems"), list(ECOSYSTEMS.items()))
    industries = Ticks(_l("Emerging industries"), list(INDUSTRIES.items()))
    purposes = Ticks(_l("What you look for"), list(PURPOSES.items()))
    mode = Radio(_l("Kind of visit"), [(mode.value, label) for mode, label in MODES.items()])
    windows = Rows(
        FormField(ClosureRow),
        _l("When you could go"),
        min_entries=WINDOW_ROWS,
        max_entries=WINDOW_ROWS,
        labels={
            "first_day": _l("Earliest day, window %(number)s"),
            "last_day": _l("Latest day, window %(number)s"),
        },
    )
    min_days = Whole(_l("Shortest stay"), smallest=1, largest=MOST_DAYS)
    max_days = Whole(_l("Longest stay"), smallest=1, largest=MOST_DAYS)
    countries = Ticks(_l("Countries"), [], description=_l("Tick none for any."))
    partner_types = Ticks(
        _l("Hosts you would like"),
        [(kind.value, label) for kind, label in TYPES.items()],
        description=_l("Tick none for any."),
    )
    wish_1 = Choice(WISHES[0], [], required=False)
    wish_2 = Choice(WISHES[1], [], required=False)
    wish_3 = Choice(WISHES[2], [], required=False)
    wish_4 = Choice(WISHES[3], [], required=False)
    wish_5 = Choice(WISHES[4], [], required=False)
    never = Ticks(_l("Hosts you do not want"), [])
    motivation = Paragraph(
        _l("Motivation"),
        required=False,
        description=_l("What you want to learn or reach, and what you bring. Hosts read this."),
    )
    consent = Tick(
        _l(
            "I agree that the partnerships and proposed hosts read this application to find and run the exchange."
        )
    )

    @classmethod
    def of(cls, application: Application, offers: Sequence[Offer], countries: set[str]) -> "ApplicationForm":
        """The form as the application stands, with the hosts and countries to choose from."""
        form = cls(data=_stored(application))
        hosts = options([(str(offer.id), host_name(offer)) for offer in offers])
        for field in form.wishes:
            field.choices = [*options([("", _("No wish"))]), *hosts]
        form.never.choices = hosts
        names = sorted((country_name(code), code) for code in countries)
        form.countries.choices = options([(code, name) for name, code in names])
        return form

    @property
    def wishes(self) -> list[Any]:
        return [self.wish_1, self.wish_2, self.wish_3, self.wish_4, self.wish_5]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        return all([valid, stay_in_order(self), languages_once(self.languages), self._wishes_once()])

    def is_ready_to_send(self) -> bool:
        """Whether nothing that sending needs is missing; else says so beside each field."""
        empty = [getattr(self, name) for name in NEEDED_TO_SEND if not getattr(self, name).data]
        if not (self.ecosystems.data or self.industries.data):
            empty.append(self.ecosystems)
        for field in empty:
            say(field, _("Give this answer before you send."))
        if not languages_of(self.languages):
            first = self.languages[0].form.language
            empty.append(say(first, _("Name a language that you work in."), self.languages))
        if not ranges_of(self.windows):
            empty.append(say(self.windows[0].form.first_day, _("Write when you could go."), self.windows))
        return not empty

    def draft(self) -> ApplicationDraft:
        """What was typed, for the verb; what cannot be read counts as not given."""
        return ApplicationDraft(
            person_name=self.person_name.data or "",
            person_email=self.person_email.data or "",
            position=self.position.data or "",
            is_third_country=bool(self.is_third_country.data),
            residence_days=self.residence_days.data,
            has_business=bool(self.has_business.data),
            languages=languages_of(self.languages),
            ecosystems=tuple(self.ecosystems.data or ()),
            industries=tuple(self.industries.data or ()),
            purposes=tuple(self.purposes.data or ()),
            mode=Mode.VIRTUAL if self.mode.data == Mode.VIRTUAL else Mode.PHYSICAL,
            windows=ranges_of(self.windows),
            min_days=self.min_days.data or 1,
            max_days=self.max_days.data or self.min_days.data or 1,
            countries=tuple(self.countries.data or ()),
            partner_types=tuple(self.partner_types.data or ()),
            wishes=self._typed_wishes(),
            motivation=self.motivation.data or "",
            consent_version=rules.CONSENT_VERSION if self.consent.data else "",
        )

    def _typed_wishes(self) -> tuple[WishDraft, ...]:
        """Ranked hosts close up over gaps; a host counts once, and only one of the list."""
        known = {choice.value for choice in self.never.choices}
        ranked = list(dict.fromkeys(field.data for field in self.wishes if field.data in known))
        never = [value for value in self.never.data or () if value in known and value not in ranked]
        wishes = [WishDraft(int(value), rank) for rank, value in enumerate(ranked, start=1)]
        return (*wishes, *(WishDraft(int(value), None) for value in never))

    def _wishes_once(self) -> bool:
        seen: set[str] = set()
        for field in self.wishes:
            if field.data and field.data in seen:
                say(field, _("You wished for this host already."))
                return False
            seen.add(field.data)
        both = seen & set(self.never.data or ())
        if both:
            say(self.never, _("A host that you wish for cannot be ruled out too."))
        return not both


def host_name(offer: Offer) -> str:
    """A host in a list: organisation, town, country."""
    organisation = offer.organisation
    return f"{organisation.name}, {organisation.town} ({country_name(organisation.country)})"


def _stored(application: Application) -> dict[str, Any]:
    ranked = {wish.rank: str(wish.offer_id) for wish in application.wishes if wish.rank is not None}
    return {name: getattr(application, name) for name in PLAIN} | {
        "languages": language_rows(application.languages),
        "windows": [
            {"first_day": window.first_day, "last_day": window.last_day} for window in application.windows
        ][:WINDOW_ROWS],
        "mode": application.mode.value,
        "consent": bool(application.consent_version),
        "never": [str(wish.offer_id) for wish in application.wishes if wish.rank is None],
        **{f"wish_{rank}": ranked.get(rank, "") for rank in range(1, rules.MOST_WISHES + 1)},
    }
