"""The letters of organisations."""

from collections.abc import Iterator

from flask_babel import gettext as _

from mobility.mail.services import LetterDraft, letter, next_turn
from mobility.organisations import queries
from mobility.organisations.models import Organisation
from mobility.partnerships.bank import AccountDraft, masked

ACCOUNT_CHANGED = "organisation.account-changed"


def account_changed(organisation: Organisation, before: AccountDraft) -> Iterator[LetterDraft]:
    """Tell everybody who acts for an organisation that its money goes elsewhere from now on."""
    for person in queries.people_of(organisation):
        yield letter(
            ACCOUNT_CHANGED,
            template="mail/organisations/account_changed.txt",
            to=(person.name, person.email),
            about=organisation,
            subject=_("The bank account of %(organisation)s was changed", organisation=organisation.name),
            person_id=person.id,
            turn=next_turn(ACCOUNT_CHANGED, person.email, organisation),
            organisation=organisation.name,
            before=masked(before.iban),
            now=masked(organisation.iban),
            holder=organisation.account_holder,
        )
