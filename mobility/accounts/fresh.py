"""Freshness: what concerns money or roles asks for the password again after ten minutes (promise T17)."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mobility.accounts.forms import AgainForm
from mobility.accounts.tries import STAMP, Try
from mobility.core import sessions

WITHIN = timedelta(minutes=10)
STEP_UP_URL = "/login/again"
View = Callable[..., ResponseReturnValue]


def is_fresh() -> bool:
    """Whether the person signed in, or gave the password again, within the last ten minutes."""
    age_s = time.time() - (session.get(STAMP) or 0.0)
    # A stamp from the future is a clock set back: it may not last longer than one of now.
    return abs(age_s) < WITHIN.total_seconds()


def fresh(view: View) -> View:
    """Ask for the password again before a page opens, or before what was sent is done; below `@requires`.

    Who sends a form too late is asked with the form kept, and the right password carries it out.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if is_fresh():
            return view(*args, **kwargs)
        if request.method in {"GET", "HEAD"}:
            return redirect(url_for("security.verify", next=request.full_path.rstrip("?")), 303)
        form = AgainForm()
        if form.is_sent:
            tried = Try("security.verify")
            if refused := tried.count():
                return refused
            if _gives_password(form):
                tried.take_back()
                return view(*args, **kwargs)
        return _ask(form)

    return guarded


def _gives_password(form: AgainForm) -> bool:
    if not form.validate():
        return False
    password = current_app.extensions["security"].password_util.normalize(form.password_again.data)
    if not current_user.verify_and_update_password(password):
        form.password_again.errors = [_("This is not your password.")]
        return False
    session[STAMP] = time.time()
    sessions.renew()
    return True


def _ask(form: AgainForm) -> ResponseReturnValue:
    """The form that was sent comes back unseen, around the question for the password."""
    own = set(form.data) - {"csrf_token"}
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in own]
    page = render_template("accounts/again.html", form=form, kept=kept, has_files=bool(request.files))
    return page, 422 if form.errors else 401


def signed_in_only(view: View) -> View:
    """Declare that everybody signed in may use the page, whatever the role, even before one is in force."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if current_user.is_authenticated:
            return view(*args, **kwargs)
        if request.method != "GET":
            abort(401)
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded
