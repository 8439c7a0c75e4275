"""The forms of a host: what is offered, when and for how many."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FormField
from wtforms.validators import Optional

from mobility.calls.enums import Mode
from mobility.core.forms import (
    Choice,
    Day,
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
from mobility.hosts.closures import closure, proposed, written
from mobility.hosts.draft import ClosureDraft, OfferDraft, PlacesDraft, WindowDraft
from mobility.hosts.enums import OfferKind
from mobility.hosts.forms import (
    LANGUAGE_LABELS,
    LANGUAGE_ROWS,
    MOST_DAYS,
    MOST_PLACES,
    MOST_ROWS,
    BeginForm,
    ClosureRow,
    LanguageRow,
    Rows,
    WindowRow,
    days_in_order,
    language_rows,
    languages_of,
    languages_once,
    ranges_of,
    say,
    stay_in_order,
)
from mobility.hosts.lines import LinesField
from mobility.hosts.models import Offer
from mobility.hosts.wording import MODES
from mobility.organisations.wording import TYPES
from mobility.taxonomies import working_days
from mobility.taxonomies.topics import ECOSYSTEMS, INDUSTRIES, PURPOSES

CLOSURE_ROWS = 3
MOST_CLOSURES = 60


class ContentForm(HouseForm):
    """What is offered, for whom, and whom to ask."""

    PLAIN: Sequence[str] = (
        "version",
        "title",
        "description",
        "ecosystems",
        "industries",
        "purposes",
        "partner_types",
        "contact_name",
        "contact_email",
    )

    version = VersionField()
    title = Line(_l("Title"), required=False, description=_l("What a visitor reads first."))
    description = Paragraph(
        _l("What visitors see and do"),
        required=False,
        description=_l("Plain sentences; no names or addresses."),
    )
    ecosystems = Ticks(_l("Industrial ecosystems"), list(ECOSYSTEMS.items()))
    industries = Ticks(_l("Emerging industries"), list(INDUSTRIES.items()))
    purposes = Ticks(_l("What you can serve"), list(PURPOSES.items()))
    partner_types = Ticks(
        _l("Visitors you would like"),
        [(kind.value, label) for kind, label in TYPES.items()],
        description=_l("Tick none for any."),
    )
    languages = Rows(
        FormField(LanguageRow),
        _l("Languages"),
        min_entries=LANGUAGE_ROWS,
        max_entries=LANGUAGE_ROWS,
        labels=LANGUAGE_LABELS,
    )
    mode = Radio(_l("Kind of visit"), [(mode.value, label) for mode, label in MODES.items()])
    # Fields of each kind of offer, after its dates: the summary of errors goes down the page.
    contact_name: Any
    contact_email: Any

    @classmethod
    def stored(cls, offer: Offer) -> dict[str, Any]:
        """The answers as the offer has them."""
        plain = {name: getattr(offer, name) for name in cls.PLAIN}
        return plain | {"languages": language_rows(offer.languages), "mode": offer.mode.value}

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        return languages_once(self.languages) and valid

    def content(self) -> dict[str, Any]:
        """What was typed, by the names of the verb's dataclass."""
        return {
            "title": self.title.data or "",
            "description": self.description.data or "",
            "ecosystems": tuple(self.ecosystems.data or ()),
            "industries": tuple(self.industries.data or ()),
            "purposes": tuple(self.purposes.data or ()),
            "partner_types": tuple(self.partner_types.data or ()),
            "languages": languages_of(self.languages),
            "mode": Mode(self.mode.data),
            "contact_name": self.contact_name.data or "",
            "contact_email": self.contact_email.data or "",
        }


class DatesForm(HouseForm):
    """When visitors may come, how many at once and in all, and when nobody."""

    version = VersionField()
    windows = Rows(
        FormField(WindowRow),
        _l("Windows"),
        min_entries=1,
        max_entries=MOST_ROWS,
        description=_l("Weekends and public holidays are closed by themselves."),
        labels={
            "first_day": _l("First day, window %(number)s"),
            "last_day": _l("Last day, window %(number)s"),
            "places": _l("Places at once, window %(number)s"),
        },
    )
    closures = Rows(
        FormField(ClosureRow),
        _l("Closed days"),
        min_entries=1,
        max_entries=MOST_ROWS,
        labels={
            "first_day": _l("Closed from, row %(number)s"),
            "last_day": _l("Closed to, row %(number)s"),
        },
    )
    more_closures = LinesField(
        _l("Closed days, as text"),
        [Optional()],
        read=closure,
        write=written,
        most=MOST_CLOSURES,
        description=_l("One on each line: 2027-06-10 or 2027-08-02..2027-08-13, then a name if you like."),
    )
    # Chosen to have its holidays proposed; what is closed is what stands in the text.
    region = Choice(
        _l("Region whose holidays you keep"),
        [],
        required=False,
        validate_choice=False,
        description=_l("They are proposed with those of the country."),
    )
    max_visits = Whole(_l("Visits in the whole call"), smallest=0, largest=MOST_PLACES)

    def in_country(self, country: str) -> Self:
        """The form with the regions of the host's country to choose from."""
        self.region.choices = options([("", _l("None")), *working_days.holiday_regions(country)])
        return self

    @classmethod
    def dates_of(cls, offer: Offer) -> dict[str, Any]:
        """The dates as the offer has them: closed days with a name, and those too many for rows, as text."""
        closures = [ClosureDraft(one.first_day, one.last_day, one.name) for one in offer.closures]
        rows = [one for one in closures if not one.name][:CLOSURE_ROWS]
        return {
            "windows": [
                {"first_day": window.first_day, "last_day": window.last_day, "places": window.places}
                for window in offer.windows
            ],
            "closures": [{"first_day": one.first_day, "last_day": one.last_day} for one in rows],
            "more_closures": tuple(one for one in closures if one not in rows),
            "max_visits": offer.max_visits,
        }

    def add(self, name: str, offer: Offer) -> None:
        """One more empty row of windows or closures, up to the most; or the holidays of country and region."""
        rows = {"windows": self.windows, "closures": self.closures}.get(name)
        if rows is not None and len(rows) < MOST_ROWS:
            rows.append_entry()
        if name == "holidays":
            first, last = self._span(offer)
            country, region = offer.organisation.country, self.region.data or ""
            self.more_closures.add(proposed(country, region, first, last, self.typed_closures()))

    def typed_windows(self) -> tuple[WindowDraft, ...]:
        """The windows of the rows that are filled in."""
        return tuple(
            WindowDraft(row["first_day"], row["last_day"], row["places"] or 0)
            for row in self.windows.data
            if row["first_day"] and row["last_day"] and row["first_day"] <= row["last_day"]
        )

    def typed_closures(self) -> tuple[ClosureDraft, ...]:
        """Closed days by calendar and by text, each once."""
        by_calendar = {ClosureDraft(first, last) for first, last in ranges_of(self.closures)}
        return tuple(sorted({*by_calendar, *(self.more_closures.data or ())}))

    def typed_visits(self) -> int:
        """Visits in the whole call."""
        return int(self.max_visits.data)

    def _span(self, offer: Offer) -> tuple[date, date]:
        """From the first to the last day of the windows inside the call; without windows, the call's days."""
        call, windows = offer.call, self.typed_windows()
        first = min((one.first_day for one in windows), default=call.first_day)
        last = max((one.last_day for one in windows), default=call.last_day)
        return max(first, call.first_day), min(last, call.last_day)


class OfferForm(ContentForm, DatesForm):
    """An offer in the scheme's order: what, for whom, when, whom to ask."""

    PLAIN = (*ContentForm.PLAIN, "min_days", "max_days")

    min_days = Whole(_l("Shortest stay"), smallest=1, largest=MOST_DAYS)
    max_days = Whole(_l("Longest stay"), smallest=1, largest=MOST_DAYS)
    contact_name = Line(_l("Contact"), required=False)
    contact_email = EmailLine(_l("E-mail of the contact"), required=False)

    @classmethod
    def of(cls, offer: Offer) -> "OfferForm":
        """The form as the offer stands; what was typed wins."""
        return cls(data=cls.stored(offer) | cls.dates_of(offer)).in_country(offer.organisation.country)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        return stay_in_order(self) and valid

    def draft(self) -> OfferDraft:
        """What was typed, for the verb."""
        return OfferDraft(
            **self.content(),
            windows=self.typed_windows(),
            closures=self.typed_closures(),
            min_days=self.min_days.data,
            max_days=self.max_days.data,
            max_visits=self.typed_visits(),
        )


class GroupDatesForm(HouseForm):
    """When a group comes, and with how many seats: whoever comes stays from the first day to the last."""

    version = VersionField()
    first_day = Day(_l("First day"), required=False)
    last_day = Day(_l("Last day"), required=False)
    seats = Whole(_l("Seats"), smallest=1, largest=MOST_PLACES, required=False)

    @classmethod
    def dates_of(cls, offer: Offer) -> dict[str, Any]:
        """The dates as the offer has them."""
        window = next(iter(offer.windows), None)
        if window is None:
            return {}
        return {"first_day": window.first_day, "last_day": window.last_day, "seats": window.places}

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators)) and days_in_order(self.first_day, self.last_day)
        if valid and self.first_day.data and self.seats.data is None:
            say(self.seats, _("Write how many may come."))
            return False
        return valid

    def typed_windows(self) -> tuple[WindowDraft, ...]:
        """The days of the visit, if they are filled in."""
        first, last = self.first_day.data, self.last_day.data
        return (WindowDraft(first, last, self.seats.data or 0),) if first and last and first <= last else ()

    def typed_closures(self) -> tuple[ClosureDraft, ...]:
        """None: its days are fixed."""
        return ()

    def typed_visits(self) -> int:
        """As many visits as there are seats."""
        return sum(window.places for window in self.typed_windows())

    def add(self, name: str, offer: Offer) -> None:
        """Nothing can be added; the calendar shows what stands in the form."""


class GroupVisitForm(ContentForm, GroupDatesForm):
    """A group visit: fixed days, seats and an agenda."""

    PLAIN = (*ContentForm.PLAIN, "agenda")

    agenda = Paragraph(
        _l("Agenda"),
        required=False,
        description=_l(
            "One line for each part: Tue 9:00 Welcome at the cluster office. No names of persons."
        ),
    )
    contact_name = Line(_l("Contact"), required=False)
    contact_email = EmailLine(_l("E-mail of the contact"), required=False)

    @classmethod
    def of(cls, offer: Offer) -> "GroupVisitForm":
        """The form as the offer stands; what was typed wins."""
        return cls(data=cls.stored(offer) | cls.dates_of(offer))

    def draft(self) -> OfferDraft:
        """What was typed, for the verb, which works out the length."""
        return OfferDraft(
            **self.content(),
            kind=OfferKind.GROUP_VISIT,
            agenda=self.agenda.data or "",
            windows=self.typed_windows(),
            min_days=1,
            max_days=1,
            max_visits=self.typed_visits(),
        )


def form_of(offer: Offer) -> OfferForm | GroupVisitForm:
    """The form of an offer, by its kind."""
    return GroupVisitForm.of(offer) if offer.is_group_visit else OfferForm.of(offer)


def places_form_of(offer: Offer) -> DatesForm | GroupDatesForm:
    """The form of the dates and places of an accepted offer, by its kind."""
    version = {"version": offer.version}
    if offer.is_group_visit:
        return GroupDatesForm(data=GroupDatesForm.dates_of(offer) | version)
    return DatesForm(data=DatesForm.dates_of(offer) | version).in_country(offer.organisation.country)


def places_draft(form: DatesForm | GroupDatesForm) -> PlacesDraft:
    """The dates and places that were typed, for the verb."""
    return PlacesDraft(form.typed_windows(), form.typed_closures(), form.typed_visits())


class NewOfferForm(BeginForm):
    """For which organisation, and what kind of offer."""

    is_group_visit = Tick(
        _l("A group visit"),
        description=_l("Fixed days, a number of seats and an agenda, for several visitors together."),
    )

    @property
    def kind(self) -> OfferKind:
        return OfferKind.GROUP_VISIT if self.is_group_visit.data else OfferKind.PLACES
