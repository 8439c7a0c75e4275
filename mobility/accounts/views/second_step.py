"""One's own second step: setting it up, another device, turning it off."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts import services
from mobility.accounts.forms import CodeForm
from mobility.accounts.fresh import fresh, signed_in_only
from mobility.accounts.second_factor import codes, note_passed, recovery_codes
from mobility.accounts.services import signed_in
from mobility.accounts.views import bp
from mobility.core.db import db
from mobility.core.web import form_page


@bp.route("/account/second-step", methods=["GET", "POST"])
@signed_in_only
@fresh
def second_step() -> ResponseReturnValue:
    """Show the picture to scan, and take the first code; `?new=1` for another device."""
    user = signed_in()
    if user.has_second_factor and "new" not in request.args:
        return render_template("accounts/second_step_set.html", person=user)
    secret = codes().pending()
    form = CodeForm()
    if form.validate_on_submit() and (step := _step(form, secret)) is not None:
        services.set_second_factor(user, secret, step=step, actor=user)
        new_codes = recovery_codes().create_recovery_codes(user)
        db.session.commit()
        note_passed(user)
        session.pop("tf_totp_secret")
        return render_template("accounts/second_step_done.html", recovery_codes=new_codes)
    picture, key = codes().picture(secret, user), " ".join(secret[at : at + 4] for at in range(0, 32, 4))
    return form_page("accounts/second_step.html", form, person=user, picture=picture, key=key)


@bp.post("/account/second-step/off")
@signed_in_only
@fresh
def second_step_off() -> ResponseReturnValue:
    """Sign in by the password alone again; staff may not."""
    services.turn_off_second_factor(signed_in(), actor=signed_in())
    db.session.commit()
    flash(_("The second step is off."), "good")
    return redirect(url_for(".second_step"))


def _step(form: CodeForm, secret: str) -> int | None:
    step = codes().step_of(form.code.data or "", secret)
    if step is None:
        form.code.errors = [_("This code does not fit. Wait for the next one and type that.")]
    return step
