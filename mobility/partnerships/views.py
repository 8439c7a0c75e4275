"""The paying account of a partnership."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.fresh import fresh
from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.partnerships import queries, services
from mobility.partnerships.bank import masked
from mobility.partnerships.forms import AccountForm

bp = Blueprint("partnerships", __name__, url_prefix="/partnerships")


@bp.route("/<code>/account", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_CHANGE)
@fresh
def account(code: str) -> ResponseReturnValue:
    """See, masked, and change where a partnership pays from."""
    partnership = queries.payer_for(signed_in(), code)
    known = {"version": partnership.version, "holder": partnership.account_holder, "bic": partnership.bic}
    form = AccountForm(data=known)
    if form.validate_on_submit():
        expect_version(partnership, form.version.data)
        services.set_account(partnership, form.account(), actor=signed_in())
        db.session.commit()
        flash(_("The paying account is saved."), "good")
        return redirect(url_for(".account", code=code))
    return form_page(
        "partnerships/account.html", form, partnership=partnership, account=masked(partnership.iban)
    )
