"""The list of agreements: its columns and filters."""

from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.agreements import queries, wording
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement
from mobility.core.lists import Column, Filter, Listing, listing
from mobility.exchanges.models import Exchange
from mobility.exchanges.queries import HOSTING, VISITING

LONGEST_WAITING = 20
ANYBODY = "any"


def agreement_list(user: User) -> Listing:
    """The page of the list that the URL asks for."""
    return listing(
        queries.listed_for(user),
        columns=[
            Column("reference", _("Agreement"), Agreement.reference),
            Column("kind", _("Kind"), Agreement.kind),
            Column("visitor", _("Visitor"), VISITING.name_folded),
            Column("host", _("Host"), HOSTING.name_folded),
            Column("first_day", _("Stay begins"), Exchange.first_day),
            Column("status", _("Status"), Agreement.status),
            Column("missing", _("Signatures missing")),
        ],
        search=[Agreement.reference, Exchange.reference, VISITING.name, HOSTING.name],
        filters=_filters(),
        default_sort="-reference",
    )


def _filters() -> list[Filter]:
    kinds = [(kind.value, str(wording.KINDS[kind])) for kind in AgreementKind]
    statuses = [(status.value, str(wording.STATUS[status])) for status in AgreementStatus]
    slots = [(slot.value, str(wording.SLOTS[slot])) for slot in Slot]
    return [
        Filter("kind", _("Kind"), kinds, lambda value: Agreement.kind == AgreementKind(value)),
        Filter("status", _("Status"), statuses, lambda value: Agreement.status == AgreementStatus(value)),
        Filter(
            "missing",
            _("Signature missing"),
            [(ANYBODY, _("Of anybody")), *slots],
            lambda value: queries.lacks_any() if value == ANYBODY else queries.lacks(Slot(value)),
        ),
    ]
