"""One's own organisation, and the list for staff."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.accounts.tries import LOGINS
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotAllowed, NotFound, RuleBroken
from mobility.core.limits import limiter
from mobility.core.lists import Column, Filter, Listing, listing
from mobility.core.web import form_page
from mobility.organisations import queries, services
from mobility.organisations.enums import MemberRight, OrganisationType
from mobility.organisations.forms import OrganisationForm
from mobility.organisations.models import Organisation, OrganisationMember
from mobility.organisations.views import bp
from mobility.organisations.wording import REFUSALS, TYPES
from mobility.partnerships.bank import masked
from mobility.taxonomies.countries import country_choices, country_name


@bp.get("")
@requires(Permission.ORGANISATIONS_READ)
def index() -> ResponseReturnValue:
    """All organisations, for staff."""
    return render_template(
        "organisations/index.html",
        listing=_list(signed_in()),
        may_merge=signed_in().may(Permission.ORGANISATIONS_MERGE),
        may_correct=signed_in().may(Permission.ORGANISATIONS_CORRECT),
        types=TYPES,
        country_name=country_name,
    )


@bp.route("/mine", methods=["GET", "POST"])
@requires(Permission.PROFILE_OWN)
def mine() -> ResponseReturnValue:
    """Register or change the organisation one acts for; who may only look, looks."""
    memberships = queries.own_memberships(signed_in())
    member = _chosen(memberships)
    if member is not None and member.right == MemberRight.VIEW:
        return _look_at(member.organisation, memberships)
    organisation = member.organisation if member else None
    form = OrganisationForm(data=_typed(organisation), organisation=organisation, person=signed_in())
    _count_password_tries(form)
    if form.validate_on_submit() and _saved(organisation, form):
        db.session.commit()
        flash(_("Your organisation is saved."), "good")
        return redirect(url_for(".mine"))
    account = masked(organisation.iban) if organisation else ""
    return form_page(
        "organisations/mine.html", form, organisation=organisation, account=account, memberships=memberships
    )


def own() -> OrganisationMember:
    """The membership of whoever is signed in, in the organisation that the address names. Raises `NotFound` without."""
    member = _chosen(queries.own_memberships(signed_in()))
    if member is None:
        raise NotFound
    return member


def _chosen(memberships: list[OrganisationMember]) -> OrganisationMember | None:
    if "of" not in request.args:
        return next(iter(memberships), None)
    asked = request.args.get("of", type=int)
    for member in memberships:
        if member.organisation_id == asked:
            return member
    raise NotFound


def own_to_act_for() -> Organisation:
    """The organisation of whoever is signed in, to change something. Raises `NotFound`, `NotAllowed` to look only."""
    member = own()
    if member.right != MemberRight.EDIT:
        raise NotAllowed
    return member.organisation


def _look_at(organisation: Organisation, memberships: list[OrganisationMember]) -> ResponseReturnValue:
    if request.method == "POST":
        raise NotAllowed
    return render_template(
        "organisations/look.html",
        organisation=organisation,
        memberships=memberships,
        types=TYPES,
        country_name=country_name,
    )


def _count_password_tries(form: OrganisationForm) -> None:
    """Let nobody guess the password here either (promise T11)."""
    key = ("organisations.mine", "account", str(signed_in().id))
    if form.is_submitted() and form.password.data and not limiter.limiter.hit(LOGINS, *key):
        abort(429)


def _saved(organisation: Organisation | None, form: OrganisationForm) -> bool:
    try:
        _save(organisation, form)
    except RuleBroken as refusal:
        if refusal.code != "registered-already":
            raise
        db.session.rollback()
        form.registration.errors = [str(REFUSALS[refusal.code]) % refusal.values]
        return False
    return True


def _save(organisation: Organisation | None, form: OrganisationForm) -> None:
    user, account = signed_in(), form.account()
    if organisation is None:
        organisation = services.register(form.content(), actor=user)
        services.join(organisation, user, actor=user)
    else:
        services.update(organisation, form.content(), actor=user, version=form.version.data or 0)
    if account is not None:
        services.change_account(organisation, account, actor=user)


def _typed(organisation: Organisation | None) -> dict[str, object]:
    if organisation is None:
        return {}
    names = (
        "version",
        "name",
        "registration",
        "country",
        "town",
        "region",
        "staff",
        "founded",
        "cluster_name",
    )
    # The IBAN is typed anew to be changed; what is known is shown masked.
    more = ("cluster_has_profile", "website", "description", "account_holder", "bic", "street", "postcode")
    return {name: getattr(organisation, name) for name in (*names, *more)} | {
        "type": organisation.type.value,
        "turnover": _euro(organisation.turnover_cents),
        "balance": _euro(organisation.balance_cents),
    }


def _euro(cents: int | None) -> str:
    if cents is None:
        return ""
    whole, part = divmod(cents, 100)
    return f"{whole}.{part:02d}" if part else str(whole)


def _list(user: User) -> Listing:
    kinds = [(kind.value, str(words)) for kind, words in TYPES.items()]
    return listing(
        queries.organisations_seen_by(user),
        columns=[
            Column("name", _("Organisation"), Organisation.name_folded),
            Column("type", _("Type"), Organisation.type),
            Column("country", _("Country"), Organisation.country),
            Column("town", _("Town"), Organisation.town),
            Column("cluster", _("Member of"), Organisation.cluster_name),
            Column("staff", _("Staff"), Organisation.staff, numeric=True),
        ],
        search=[Organisation.name, Organisation.name_folded, Organisation.registration, Organisation.town],
        filters=[
            Filter("type", _("Type"), kinds, lambda chosen: Organisation.type == OrganisationType(chosen)),
            Filter("country", _("Country"), country_choices(), lambda chosen: Organisation.country == chosen),
        ],
        default_sort="name",
    )
