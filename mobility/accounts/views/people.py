"""People and their roles, for administrators."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import and_, exists

from mobility.accounts import queries, services
from mobility.accounts.enums import Role
from mobility.accounts.forms import InviteForm, ReasonForm, RoleForm
from mobility.accounts.fresh import fresh
from mobility.accounts.models import RoleGrant, User
from mobility.accounts.services import signed_in
from mobility.accounts.views import bp
from mobility.accounts.wording import ROLES
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.lists import Column, Filter, Listing, listing
from mobility.core.states import expect_version
from mobility.core.web import form_page


@bp.get("/people")
@requires(Permission.ROLES_GRANT)
def index() -> ResponseReturnValue:
    """Everybody with an account, and which roles wait for a second administrator."""
    found = _list()
    waiting = queries.waiting_grants()
    return render_template(
        "accounts/index.html",
        listing=found,
        seen_at=queries.seen_at(found.rows),
        waiting=waiting,
        names=queries.names([one.granted_by_id for one in waiting]),
        **_words(),
    )


@bp.route("/people/invite", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
@fresh
def invite() -> ResponseReturnValue:
    """Make an account with a role and send its link."""
    words = _words()
    form = InviteForm().offer(words["partnerships"], words["calls"])
    if form.validate_on_submit():
        user, _link = services.invite(
            form.email.data or "",
            form.name.data or "",
            form.given,
            partnership_id=form.partnership_id,
            call_id=form.call_id,
            actor=signed_in(),
        )
        db.session.commit()
        flash(_("The invitation is on its way to %(email)s.", email=user.email), "good")
        return redirect(url_for(".person", person_id=user.id))
    return form_page("accounts/invite.html", form)


@bp.get("/people/<int:person_id>")
@requires(Permission.ROLES_GRANT)
def person(person_id: int) -> ResponseReturnValue:
    """One person's roles and account."""
    return _page(queries.person(person_id))


@bp.post("/people/<int:person_id>/roles")
@requires(Permission.ROLES_GRANT)
@fresh
def give(person_id: int) -> ResponseReturnValue:
    """Give a role."""
    user = queries.person(person_id)
    form = RoleForm().offer(queries.partnerships(), queries.calls())
    if not form.validate_on_submit():
        return _page(user, form)
    scope = {"partnership_id": form.partnership_id, "call_id": form.call_id}
    given = services.grant(user, form.given, **scope, actor=signed_in())
    db.session.commit()
    if given is None:
        flash(_("The person holds this role already."), "wait")
    elif given.is_in_force:
        flash(_("Given."), "good")
    else:
        flash(_("Given. It counts when a second administrator approves it."), "wait")
    return redirect(url_for(".person", person_id=user.id))


@bp.post("/people/<int:person_id>/roles/<int:grant_id>/approve")
@requires(Permission.ROLES_GRANT)
@fresh
def approve(person_id: int, grant_id: int) -> ResponseReturnValue:
    """Put a role for money in force, as the second administrator."""
    user = queries.person(person_id)
    services.approve_grant(queries.grant_of(user, grant_id), actor=signed_in())
    db.session.commit()
    return _back(user, _("Approved. The role counts from now on."))


@bp.post("/people/<int:person_id>/roles/<int:grant_id>/revoke")
@requires(Permission.ROLES_GRANT)
def revoke(person_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role away."""
    user = queries.person(person_id)
    held = queries.grant_of(user, grant_id)
    scope = {"partnership_id": held.partnership_id, "call_id": held.call_id}
    services.revoke(user, held.role, **scope, actor=signed_in())
    db.session.commit()
    return _back(user, _("Taken away, from the person’s next page on."))


@bp.post("/people/<int:person_id>/sessions/end")
@requires(Permission.ROLES_GRANT)
def end_sessions(person_id: int) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    user = queries.person(person_id)
    services.end_all_sessions(user, actor=signed_in())
    db.session.commit()
    return _back(user, _("Signed out everywhere."))


@bp.route("/people/<int:person_id>/second-step/reset", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
@fresh
def reset_second_step(person_id: int) -> ResponseReturnValue:
    """Take a lost second step away, with a reason."""
    user = queries.person(person_id)
    form = ReasonForm(data={"version": user.version})
    if form.validate_on_submit():
        expect_version(user, form.version.data)
        services.reset_second_factor(user, form.reason.data or "", actor=signed_in())
        db.session.commit()
        return _back(user, _("The second step is reset. The person gets a letter."))
    return form_page("accounts/reset_second_step.html", form, person=user)


@bp.route("/people/<int:person_id>/close", methods=["GET", "POST"])
@requires(Permission.ROLES_GRANT)
def close(person_id: int) -> ResponseReturnValue:
    """Close an account, with a reason."""
    user = queries.person(person_id)
    form = ReasonForm(data={"version": user.version})
    if form.validate_on_submit():
        expect_version(user, form.version.data)
        services.close_account(user, form.reason.data or "", actor=signed_in())
        db.session.commit()
        return _back(user, _("The account is closed, from the person’s next page on."))
    return form_page("accounts/close.html", form, person=user)


@bp.post("/people/<int:person_id>/open")
@requires(Permission.ROLES_GRANT)
@fresh
def reopen(person_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    user = queries.person(person_id)
    services.open_account(user, actor=signed_in())
    db.session.commit()
    return _back(user, _("The account is open again."))


def _back(user: User, words: str) -> ResponseReturnValue:
    flash(words, "good")
    return redirect(url_for(".person", person_id=user.id))


def _page(user: User, form: RoleForm | None = None) -> ResponseReturnValue:
    words = _words()
    form = form or RoleForm().offer(words["partnerships"], words["calls"])
    concerned = [one.granted_by_id for one in user.grants] + [one.approved_by_id for one in user.grants]
    return form_page(
        "accounts/person.html",
        form,
        person=user,
        me=signed_in(),
        seen_at=queries.seen_at([user]).get(user.fs_uniquifier),
        names=queries.names(concerned),
        **words,
    )


def _words() -> dict[str, Any]:
    return {"roles": ROLES, "partnerships": queries.partnerships(), "calls": queries.calls()}


def _list() -> Listing:
    return listing(
        queries.people(),
        columns=[
            Column("name", _("Name"), User.name),
            Column("email", _("E-mail address"), User.email),
            Column("roles", _("Roles")),
            Column("second", _("Second step"), User.tf_primary_method),
            Column("seen", _("Seen last")),
        ],
        search=[User.name, User.email],
        filters=[
            Filter("role", _("Role"), [(role.value, str(words)) for role, words in ROLES.items()], _holds),
            Filter(
                "second",
                _("Second step"),
                [("set", _("Set up")), ("missing", _("Not set up"))],
                lambda chosen: (
                    User.tf_primary_method.is_not(None)
                    if chosen == "set"
                    else User.tf_primary_method.is_(None)
                ),
            ),
            Filter(
                "account",
                _("Account"),
                [("open", _("Open")), ("closed", _("Closed"))],
                lambda chosen: User.active.is_(chosen == "open"),
            ),
        ],
        default_sort="name",
    )


def _holds(chosen: str) -> Any:
    return exists().where(and_(RoleGrant.user_id == User.id, RoleGrant.role == Role(chosen)))
