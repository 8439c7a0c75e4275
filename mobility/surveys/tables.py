"""The list of invitations: its columns and filters."""

from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.calls.models import Call
from mobility.core.lists import Column, Filter, Listing, listing, narrowed
from mobility.exchanges.models import Exchange
from mobility.surveys import queries, wording
from mobility.surveys.enums import Side
from mobility.surveys.models import Invitation, Survey
from mobility.surveys.queries import Host, Response, Visitor

SEARCHED = (Exchange.reference, Visitor.name, Host.name)


def invitation_list(user: User) -> tuple[Listing, Response]:
    """The page of the list that the URL asks for, and the response over the whole of it."""
    invitations = queries.invitations_of(user)
    page = listing(
        invitations, columns=_columns(), search=SEARCHED, filters=_filters(user), default_sort="-invited"
    )
    return page, queries.response(narrowed(invitations, page.q, SEARCHED, page.filters))


def _columns() -> list[Column]:
    return [
        Column("exchange", _("Exchange"), Exchange.reference),
        Column("survey", _("Survey"), Invitation.survey_id),
        Column("side", _("Side"), Invitation.side),
        Column("organisation", _("Organisation")),
        Column("invited", _("Invited"), Invitation.invited_at),
        Column("reminded", _("Reminded"), Invitation.reminded, numeric=True),
        Column("until", _("Valid until"), Invitation.expires_at),
        Column("answered", _("Answered"), Invitation.answered_at),
    ]


def _filters(user: User) -> list[Filter]:
    sides = [(side.value, str(wording.SIDES[side])) for side in Side]
    surveys = [(code, str(words)) for code, words in wording.SURVEYS.items()]
    states = [("yes", _("Answered")), ("no", _("Not answered"))]
    return [
        Filter("survey", _("Survey"), surveys, lambda code: Invitation.survey.has(Survey.code == code)),
        Filter(
            "call",
            _("Call"),
            queries.calls_asked(user),
            lambda reference: Exchange.call.has(Call.reference == reference),
        ),
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
