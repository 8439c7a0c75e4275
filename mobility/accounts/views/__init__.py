"""The pages of accounts: people and roles for administrators, one's own second step."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from mobility.accounts.views import people, second_step  # noqa: E402, F401
