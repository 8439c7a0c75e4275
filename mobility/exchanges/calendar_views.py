"""The calendar of exchanges, host by host, and the address for one's own calendar program."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core import clock
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.lists import asked_page
from mobility.core.web import external_url
from mobility.exchanges import feeds, queries
from mobility.exchanges.calendar import DAYS, Span, host_rows
from mobility.taxonomies.countries import country_name

bp = Blueprint("calendar", __name__, url_prefix="/calendar")
HOSTS = 20


@bp.get("")
@requires(Permission.EXCHANGES_READ)
def show() -> ResponseReturnValue:
    """Four weeks from the one with the day `?from=`, of hosts in `?country=`, so many hosts a page."""
    user, span, page = signed_in(), _asked_span(), asked_page()
    countries = sorted(
        ((code, country_name(code)) for code in queries.host_countries(user)), key=lambda one: one[1]
    )
    asked = request.args.get("country", "")
    country = asked if asked in dict(countries) else ""
    stays = queries.exchanges_during(user, span.monday, span.last_day, country)
    offers = queries.hosts_of(stays, skip=(page - 1) * HOSTS, most=HOSTS + 1)
    shown = offers[:HOSTS]
    rows = host_rows(queries.stays_with(stays, shown), queries.all_stays_with(shown), span)
    return render_template(
        "exchanges/calendar.html",
        span=span,
        rows=rows,
        countries=countries,
        country=country,
        page=page,
        is_more=len(offers) > HOSTS,
        url=lambda **changes: _url({"from": span.monday.isoformat(), "country": country} | changes),
        earlier=span.moved(-DAYS // 7),
        later=span.moved(DAYS // 7),
        today=clock.today(),
    )


@bp.get("/feed")
@requires(Permission.PROFILE_OWN)
def feed() -> ResponseReturnValue:
    """Whether the person has an address for their calendar program, and since when."""
    return render_template("exchanges/feed.html", feed=feeds.feed_of(signed_in()), address="")


@bp.post("/feed")
@requires(Permission.PROFILE_OWN)
def make_feed() -> ResponseReturnValue:
    """Answers with the address itself: it is shown this once."""
    token = feeds.make(signed_in())
    db.session.commit()
    address = external_url("exchanges.calendar.ics", token=token)
    return render_template("exchanges/feed.html", feed=feeds.feed_of(signed_in()), address=address)


@bp.post("/feed/revoke")
@requires(Permission.PROFILE_OWN)
def revoke_feed() -> ResponseReturnValue:
    feeds.revoke(signed_in())
    db.session.commit()
    flash(_("The address is closed. Calendar programs find nothing there any more."), "good")
    return redirect(url_for(".feed"))


@bp.get("/<token>.ics")
@public
def ics(token: str) -> ResponseReturnValue:
    """What a calendar program fetches; the address is the key."""
    return Response(feeds.feed_with(token), mimetype="text/calendar")


def _asked_span() -> Span:
    """The weeks that the address asks for; those from this week on if it names no day that has a year around it."""
    try:
        day = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        day = clock.today()
    return Span.around(day if 1900 < day.year < 3000 else clock.today())


def _url(arguments: dict[str, Any]) -> str:
    return url_for(".show", **{name: value for name, value in arguments.items() if value})
