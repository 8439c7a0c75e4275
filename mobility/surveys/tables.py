"""The list of invitations: its columns and filters."""

from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.core.lists import Column, Filter, Listing, listing, narrowed
from mobility.exchanges.models import Exchange
from mobility.surveys import queries, wording
from mobility.surveys.enums import Side
from mobility.surveys.models import Invitation
from mobility.surveys.queries import Host, Response, Visitor

SEARCHED = (Exchange.reference, Visitor.name, Host.name)


def invitation_list(user: User) -> tuple[Listing, Response]:
    """The page of the list that the URL asks for, and the response over the whole of it."""
    invitations = queries.invitations_of(user)
    page = listing(
        invitations, columns=_columns(), search=SEARCHED, filters=_filters(), default_sort="-invited"
    )
    return page, queries.response(narrowed(invitations, page.q, SEARCHED, page.filters))


def _columns() -> list[Column]:
    return [
        Column("exchange", _("Exchange"), Exchange.reference),
        Column("side", _("Side"), Invitation.side),
        Column("organisation", _("Organisation")),
        Column("invited", _("Invited"), Invitation.invited_at),
        Column("until", _("Valid until"), Invitation.expires_at),
        Column("answered", _("Answered"), Invitation.answered_at),
    ]


def _filters() -> list[Filter]:
    sides = [(side.value, str(wording.SIDES[side])) for side in Side]
    states = [("yes", _("Answered")), ("no", _("Not answered"))]
    return [
        Filter("side", _("Side"), sides, lambda value: Invitation.side == Side(value)),
        Filter(
            "answered",
            _("Answer"),
            states,
            lambda value: (
                Invitation.answered_at.is_not(None) if value == "yes" else Invitation.answered_at.is_(None)
            ),
        ),
    ]
