"""The pages of an application's form, in the scheme's order."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FormField, HiddenField

from mobility.applications import cvs, rules
from mobility.applications.draft import WishDraft
from mobility.applications.models import Cv, Days
from mobility.applications.ranges import in_order, range_rows, ranges
from mobility.calls.enums import CvAsked, Mode
from mobility.core.forms import (
    Choice,
    EmailLine,
    HouseForm,
    Line,
    Paragraph,
    PdfField,
    Radio,
    Tick,
    Ticks,
    VersionField,
    Whole,
    options,
)
from mobility.core.uploads import Upload
from mobility.hosts.forms import (
    LANGUAGE_LABELS,
    LANGUAGE_ROWS,
    MOST_DAYS,
    LanguageRow,
    Rows,
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

CV_PAGES = 20
# Digits that any key of the database can have.
LONGEST_KEY = 18
WISHES = (_l("First wish"), _l("Second wish"), _l("Third wish"), _l("Fourth wish"), _l("Fifth wish"))


class SectionForm(HouseForm):
    """A page of the form."""

    # What sending needs of this page.
    NEEDED: ClassVar[tuple[str, ...]] = ()

    version = VersionField()
    # The digest of the saved answers over which the page was opened, and of newer ones that it shows beside its own.
    basis = HiddenField()
    newer = HiddenField()
    instead = Radio(
        _l("Which of the two stands?"),
        [
            ("mine", _l("What I typed: it is saved in the place of what is saved now")),
            ("saved", _l("What is saved: what I typed is dropped")),
        ],
        required=False,
    )

    def chosen(self, newer: str) -> str:
        """What is to stand of two that the page showed; nothing before somebody says so."""
        return self.instead.data or "" if self.newer.data == newer else ""

    @property
    def upload(self) -> Upload | None:
        """The file that came with the page."""
        return None

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if "csrf_token" in self.errors:
            self["csrf_token"].errors = [_("The page was open too long. Look through it and save it again.")]
        return valid

    def is_complete(self) -> bool:
        """Whether nothing that sending needs is missing; else says so beside each field."""
        empty = [self[name] for name in self.NEEDED if not self[name].data]
        for field in empty:
            say(field, _("Give this answer before you go on."))
        return not empty

    def content(self) -> dict[str, Any]:
        """What was typed, by the names of `ApplicationDraft`; what cannot be read counts as not given."""
        raise NotImplementedError


class PersonForm(SectionForm):
    """Who travels, and in which languages."""

    NEEDED = ("person_name", "person_email")

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
    # The file that is kept, by its fingerprint: it comes with every sending of the page.
    cv = HiddenField()
    cv_file = PdfField(
        _l("CV of the visitor"),
        required=False,
        most_pages=CV_PAGES,
        description=_l(
            "PDF, at most 5 MB and %(pages)s pages. Your partnership reads it, hosts do not."
            " It is sent with the button below.",
            pages=CV_PAGES,
        ),
    )
    no_cv = Tick(_l("Take this CV away"))

    attached: Cv | None = None
    needs_cv = False

    def ask_for_cv(self, asked: CvAsked, kept: Sequence[Cv]) -> None:
        """Ask for a CV as the call does; what is kept of it already is shown."""
        if asked is CvAsked.NO:
            del self.cv, self.cv_file, self.no_cv
            return
        self.needs_cv = asked is CvAsked.REQUIRED
        self.attached = next((one for one in kept if one.sha256 == self.cv.data), None)
        if self.attached is None:
            self.cv.data = None

    def name_cv(self, digest: str) -> None:
        """The file that came is kept, and comes in the place of the one before."""
        self.cv.data, self.no_cv.data = digest, False

    @property
    def upload(self) -> Upload | None:
        # A page that somebody else may have sent leaves no file here.
        is_ours = "csrf_token" not in self.errors
        return self.cv_file.data if self.cv_file and is_ours else None

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        return languages_once(self.languages) and valid

    def is_complete(self) -> bool:
        is_complete = super().is_complete()
        if self.needs_cv and self._cv() is None:
            say(self.cv_file, _("Choose the PDF with the CV of the visitor."))
            is_complete = False
        if languages_of(self.languages):
            return is_complete
        say(self.languages[0].form.language, _("Name a language that you work in."), self.languages)
        return False

    def content(self) -> dict[str, Any]:
        return {
            "person_name": self.person_name.data or "",
            "person_email": self.person_email.data or "",
            "position": self.position.data or "",
            "is_third_country": bool(self.is_third_country.data),
            "residence_days": self.residence_days.data,
            "has_business": bool(self.has_business.data),
            "languages": languages_of(self.languages),
            **({"cv": self._cv()} if self.cv_file else {}),
        }

    def _cv(self) -> str | None:
        """The fingerprint of the CV: a new file comes in the place of the one kept."""
        if self.upload:
            return cvs.fingerprint(self.upload)
        return None if self.no_cv.data else self.cv.data


class TopicsForm(SectionForm):
    """On what, what for, and why."""

    NEEDED = ("purposes", "motivation")

    ecosystems = Ticks(_l("Industrial ecosystems"), list(ECOSYSTEMS.items()))
    industries = Ticks(_l("Emerging industries"), list(INDUSTRIES.items()))
    purposes = Ticks(_l("What you look for"), list(PURPOSES.items()))
    motivation = Paragraph(
        _l("Motivation"),
        required=False,
        description=_l("What you want to learn or reach, and what you bring. Hosts read this."),
    )

    def is_complete(self) -> bool:
        is_complete = super().is_complete()
        if self.ecosystems.data or self.industries.data:
            return is_complete
        say(self.ecosystems, _("Tick an ecosystem here or an emerging industry below."))
        return False

    def content(self) -> dict[str, Any]:
        return {
            "ecosystems": tuple(self.ecosystems.data or ()),
            "industries": tuple(self.industries.data or ()),
            "purposes": tuple(self.purposes.data or ()),
            "motivation": self.motivation.data or "",
        }


class DatesForm(SectionForm):
    """When, how long, and in which way."""

    mode = Radio(_l("Kind of visit"), [(mode.value, label) for mode, label in MODES.items()])
    windows = range_rows(
        _l("When you could go"), _l("Earliest day, window %(number)s"), _l("Latest day, window %(number)s")
    )
    more_windows = ranges(_l("More windows, as text"))
    excluded = range_rows(
        _l("Days in between that do not suit"),
        _l("Not from, row %(number)s"),
        _l("Not to, row %(number)s"),
    )
    more_excluded = ranges(_l("More days that do not suit, as text"))
    min_days = Whole(_l("Shortest stay"), smallest=1, largest=MOST_DAYS)
    max_days = Whole(_l("Longest stay"), smallest=1, largest=MOST_DAYS)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        return stay_in_order(self) and valid

    def is_complete(self) -> bool:
        if self._windows():
            return True
        say(self.windows[0].form.first_day, _("Write when you could go."), self.windows)
        return False

    def content(self) -> dict[str, Any]:
        shortest = self.min_days.data or 1
        return {
            "mode": Mode.VIRTUAL if self.mode.data == Mode.VIRTUAL else Mode.PHYSICAL,
            "windows": self._windows(),
            "excluded": in_order(ranges_of(self.excluded), self.more_excluded.data),
            "min_days": shortest,
            "max_days": self.max_days.data or shortest,
        }

    def _windows(self) -> tuple[Days, ...]:
        return in_order(ranges_of(self.windows), self.more_windows.data)


class HostsForm(SectionForm):
    """Where: countries, kinds of hosts, hosts wished for and hosts ruled out."""

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
    # Whether there are more than those to choose from.
    has_more_hosts = False

    @property
    def picked(self) -> set[int]:
        """The keys of the hosts that are wished for or ruled out, as they were sent."""
        sent = [*(field.data for field in self.wishes), *(self.never.data or ())]
        return {int(key) for key in sent if key and key.isdecimal() and len(key) <= LONGEST_KEY}

    def choose_from(self, offers: Sequence[Offer], countries: set[str]) -> None:
        """Take the hosts and countries that there are to choose from."""
        hosts = options([(str(offer.id), host_name(offer)) for offer in offers])
        known = {"", *(choice.value for choice in hosts)}
        for field in self.wishes:
            field.choices = [*options([("", _("No wish"))]), *hosts]
            if (field.data or "") not in known:
                say(field, _("The host of this wish can no longer be chosen. Choose another, or none."))
        self.never.choices = hosts
        names = sorted((country_name(code), code) for code in countries)
        self.countries.choices = options([(code, name) for name, code in names])

    @property
    def wishes(self) -> list[Any]:
        return [self.wish_1, self.wish_2, self.wish_3, self.wish_4, self.wish_5]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        return self._wishes_once() and valid

    def content(self) -> dict[str, Any]:
        return {
            "countries": tuple(self.countries.data or ()),
            "partner_types": tuple(self.partner_types.data or ()),
            "wishes": self._typed_wishes(),
        }

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


class ConsentsForm(SectionForm):
    """To what the applicant agrees."""

    NEEDED = ("consent",)

    consent = Tick(
        _l(
            "I agree that the partnerships and proposed hosts read this application to find and run the exchange."
        )
    )

    def content(self) -> dict[str, Any]:
        return {"consent_version": rules.CONSENT_VERSION if self.consent.data else ""}


def host_name(offer: Offer) -> str:
    """A host in a list: organisation, town, country; a group visit with its title, for a host may have several."""
    organisation = offer.organisation
    place = f"{organisation.name}, {organisation.town} ({country_name(organisation.country)})"
    return (
        _("%(host)s, group visit: %(title)s", host=place, title=offer.title)
        if offer.is_group_visit
        else place
    )
