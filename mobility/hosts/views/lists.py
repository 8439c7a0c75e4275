"""The list of hosts: for everybody the accepted ones, with one's own and those to assess for those concerned."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.calls.models import Call
from mobility.calls.queries import open_calls
from mobility.core.access import Permission, public
from mobility.core.db import db
from mobility.core.export import export_response, is_asked
from mobility.core.lists import LONGEST_EXPORT, Column, Filter, Listing, listing
from mobility.hosts import queries, wording
from mobility.hosts.enums import OfferKind, OfferStatus
from mobility.hosts.models import Offer, OfferWindow
from mobility.hosts.views import bp
from mobility.organisations.models import Organisation
from mobility.taxonomies.countries import country_name
from mobility.taxonomies.topics import ECOSYSTEMS


@bp.route("")
@public
def index() -> ResponseReturnValue:
    """Hosts to wish for; `?format=csv` or `xlsx` gives the list as seen."""
    user = visitor()
    if is_asked():
        return _export(_hosts(user, per_page=LONGEST_EXPORT), for_staff=user is not None and user.is_staff)
    calls = open_calls() if user is not None and user.may(Permission.OFFERS_SUBMIT) else []
    found = _hosts(user)
    return render_template(
        "hosts/index.html",
        listing=found,
        calls=calls,
        may_assess=user is not None and user.may(Permission.OFFERS_ASSESS),
        taken=queries.visits_taken(found.rows),
        topics=ECOSYSTEMS,
        wording=wording,
    )


def visitor() -> User | None:
    """Who looks, or None for a stranger."""
    return signed_in() if current_user.is_authenticated else None


def _hosts(user: User | None, per_page: int = 25) -> Listing:
    seen = queries.offers_listed_for(user).join(Organisation, Offer.organisation_id == Organisation.id)
    return listing(
        seen.options(selectinload(Offer.windows)),
        columns=_columns(user),
        search=[Offer.reference, Offer.title, Organisation.name, Organisation.name_folded, Organisation.town],
        filters=_filters(user),
        default_sort="organisation",
        per_page=per_page,
    )


def _columns(user: User | None) -> list[Column]:
    first_day = select(func.min(OfferWindow.first_day)).where(OfferWindow.offer_id == Offer.id)
    columns = [
        Column("title", _("Offer"), Offer.title),
        Column("organisation", _("Host"), Organisation.name_folded),
        Column("country", _("Country"), Organisation.country),
        Column("topics", _("Topics")),
        Column("dates", _("Dates and places"), first_day.scalar_subquery()),
    ]
    # Strangers see accepted offers only.
    return columns if user is None else [*columns, Column("status", _("Status"), Offer.status)]


def _filters(user: User | None) -> list[Filter]:
    filters = [
        Filter("country", _("Country"), _countries(), lambda chosen: Organisation.country == chosen),
        Filter("kind", _("Kind"), _kinds(), lambda chosen: Offer.kind == OfferKind(chosen)),
        Filter(
            "topic",
            _("Ecosystem"),
            list(ECOSYSTEMS.items()),
            lambda chosen: Offer.ecosystems.contains([chosen]),
        ),
    ]
    if user is None:
        return filters
    statuses = [
        (status.value, wording.status_tag(status, for_staff=user.is_staff)[1]) for status in OfferStatus
    ]
    calls = db.session.execute(select(Call.reference, Call.title).order_by(Call.reference))
    if user.may(Permission.EXCEPTIONS_GRANT):
        asked, excepted = [("asked", _("Waits for your answer"))], queries.waits_for_exception(user)
        filters.append(Filter("exception", _("Exception"), asked, lambda _chosen: excepted))
    return [
        *filters,
        Filter("status", _("Status"), statuses, lambda chosen: Offer.status == OfferStatus(chosen)),
        Filter("call", _("Call"), [(key, f"{key} – {name}") for key, name in calls], _in_call),
    ]


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, str(label)) for kind, label in wording.KINDS.items()]


def _countries() -> list[tuple[str, str]]:
    codes = select(Organisation.country).join(Offer, Offer.organisation_id == Organisation.id).distinct()
    return sorted(
        ((code, country_name(code)) for code in db.session.scalars(codes)), key=lambda pair: pair[1]
    )


def _in_call(reference: str) -> ColumnElement[bool]:
    return Offer.call_id.in_(select(Call.id).where(Call.reference == reference))


def _export(found: Listing, *, for_staff: bool) -> Response:
    header = ["reference", "kind", "title", "host", "town", "country", "ecosystems", "windows", "status"]
    return export_response("hosts", header, [_cells(offer, for_staff) for offer in found.rows])


def _cells(offer: Offer, for_staff: bool) -> list[object]:
    windows = [f"{one.first_day}..{one.last_day} x{one.places}" for one in offer.windows]
    host = offer.organisation
    return [
        offer.reference,
        offer.kind.value,
        offer.title,
        host.name,
        host.town,
        country_name(host.country),
        "; ".join(offer.ecosystems),
        "; ".join(windows),
        wording.status_tag(offer.status, for_staff=for_staff)[1],
    ]
