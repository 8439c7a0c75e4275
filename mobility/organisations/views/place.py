"""Where an organisation lies, corrected by the support office."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.web import form_page
from mobility.organisations import queries, services
from mobility.organisations.forms import PlaceForm, town_name
from mobility.organisations.views import bp
from mobility.taxonomies import towns
from mobility.taxonomies.countries import country_name


@bp.route("/<int:number>/place", methods=["GET", "POST"])
@requires(Permission.ORGANISATIONS_CORRECT)
def place(number: int) -> ResponseReturnValue:
    """Correct the coordinates, with the reason; the towns of that name stand beside."""
    organisation = queries.organisation_to_correct(number)
    names = ("version", "latitude", "longitude")
    form = PlaceForm(data={name: str(getattr(organisation, name)) for name in names})
    if form.validate_on_submit():
        latitude, longitude = float(form.latitude.data), float(form.longitude.data)
        actor, version = signed_in(), form.version.data
        services.correct_place(
            organisation, latitude, longitude, form.reason.data, actor=actor, version=version
        )
        db.session.commit()
        flash(_("The place is corrected."), "good")
        return redirect(url_for(".index"))
    known = [
        (town_name(organisation.country, town), f"{town.latitude}, {town.longitude}")
        for town in towns.alike(organisation.country, organisation.town)
    ]
    return form_page(
        "organisations/place.html", form, organisation=organisation, known=known, country_name=country_name
    )
