"""The people of one's organisation, and the page behind the link that lets somebody join."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from limits import parse

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.errors import NotFound, RuleBroken
from mobility.core.forms import HouseForm
from mobility.core.limits import limiter
from mobility.core.web import error_page, form_page
from mobility.organisations import colleagues, queries
from mobility.organisations.enums import AskStatus, MemberRight
from mobility.organisations.forms import ColleagueForm
from mobility.organisations.models import Organisation, OrganisationMember
from mobility.organisations.views import bp
from mobility.organisations.views.profile import own, own_to_act_for
from mobility.organisations.wording import REFUSALS, RIGHT_TAGS, RIGHTS

LETTERS = parse("20 per day")


@bp.get("/mine/people")
@requires(Permission.PROFILE_OWN)
def people() -> ResponseReturnValue:
    """Who acts for one's organisation, since when and by whom."""
    return _page(own(), ColleagueForm())


@bp.post("/mine/people")
@requires(Permission.PROFILE_OWN)
def invite() -> ResponseReturnValue:
    """Invite a colleague by letter."""
    organisation, form = own_to_act_for(), ColleagueForm()
    if form.validate_on_submit() and _invited(organisation, form):
        flash(_("The invitation is on its way to %(email)s.", email=form.email.data), "good")
        return redirect(url_for(".people"))
    return _page(own(), form)


@bp.post("/mine/people/invitations/<int:number>/take-back")
@requires(Permission.PROFILE_OWN)
def take_back_invitation(number: int) -> ResponseReturnValue:
    """End an invitation that nobody has taken."""
    waiting = (one for one in queries.invitations_of(own_to_act_for()) if one.id == number)
    invitation = next(waiting, None)
    if invitation is None:
        raise NotFound
    colleagues.take_back(invitation, actor=signed_in())
    db.session.commit()
    flash(_("The link in that letter opens nothing more."), "good")
    return redirect(url_for(".people"))


@bp.route("/mine/people/<int:number>/remove", methods=["GET", "POST"])
@requires(Permission.PROFILE_OWN)
def remove(number: int) -> ResponseReturnValue:
    """Say what it means to remove somebody, or to leave, ask once, then do it."""
    mine, form = own(), HouseForm()
    leaves = mine.id == number
    organisation = mine.organisation if leaves else own_to_act_for()
    member = queries.member_of(organisation, number)
    if form.validate_on_submit():
        colleagues.remove(member, actor=signed_in())
        db.session.commit()
        flash(_("Removed. What they wrote stays with the organisation."), "good")
        return redirect(url_for("dashboard.index") if leaves else url_for(".people"))
    return form_page(
        "organisations/remove.html", form, organisation=organisation, member=member, leaves=leaves
    )


@bp.get("/colleague/<token>")
@public
def colleague(token: str) -> ResponseReturnValue:
    """What somebody is invited to; looking uses nothing up."""
    invitation = queries.invitation_behind(token)
    if invitation is None:
        return _no_link()
    is_taken = invitation.status != AskStatus.WAITING
    return render_template(
        "organisations/colleague.html", invitation=invitation, is_taken=is_taken, rights=RIGHTS, token=token
    )


@bp.post("/colleague/<token>")
@public
def join(token: str) -> ResponseReturnValue:
    """Join, signed in with the address to which the letter went."""
    invitation = queries.invitation_behind(token)
    if invitation is None:
        return _no_link()
    if not current_user.is_authenticated:
        abort(401)
    organisation = colleagues.accept(invitation, actor=signed_in()).organisation
    db.session.commit()
    flash(_("Welcome: you are a member of %(organisation)s.", organisation=organisation.name), "good")
    return redirect(url_for(".mine", of=organisation.id))


def _page(mine: OrganisationMember, form: ColleagueForm) -> ResponseReturnValue:
    organisation = mine.organisation
    return form_page(
        "organisations/people.html",
        form,
        organisation=organisation,
        members=queries.members_of(organisation),
        mine=mine,
        may_act=mine.right == MemberRight.EDIT,
        invitations=queries.invitations_of(organisation),
        tags=RIGHT_TAGS,
    )


def _invited(organisation: Organisation, form: ColleagueForm) -> bool:
    if not limiter.limiter.hit(LETTERS, "organisations.people", str(signed_in().id)):
        abort(429)
    try:
        colleagues.invite(organisation, form.email.data, MemberRight(form.right.data), actor=signed_in())
    except RuleBroken as refusal:
        db.session.rollback()
        form.email.errors = [str(REFUSALS[refusal.code]) % refusal.values]
        return False
    db.session.commit()
    return True


def _no_link() -> ResponseReturnValue:
    return error_page(404, _("This link is not valid: it is incomplete, too old, or was taken back."))
