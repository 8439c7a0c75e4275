"""Importing partnerships with their allotments, and organisations."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from flask_babel import gettext as _

from mobility.calls import queries as calls
from mobility.calls.models import Allotment, Call
from mobility.calls.services import allot
from mobility.core.access import Actor
from mobility.core.files import Cells, Problem, Row
from mobility.imports.importer import Importer, Outcome, unknown
from mobility.imports.written import said
from mobility.organisations import columns as organisation_columns
from mobility.organisations import services as organisations
from mobility.organisations.columns import OrganisationRow
from mobility.organisations.models import Organisation
from mobility.organisations.queries import organisations_registered, with_members
from mobility.organisations.services import OrganisationDraft
from mobility.partnerships import columns as partnership_columns
from mobility.partnerships import services as partnerships
from mobility.partnerships.columns import PartnershipRow
from mobility.partnerships.models import Partnership
from mobility.partnerships.queries import partnership_by_code
from mobility.partnerships.queries import partnerships as all_partnerships
from mobility.partnerships.services import PartnershipDraft

Draft = TypeVar("Draft", OrganisationDraft, PartnershipDraft)


def with_known_address(content: Draft, record: Organisation | Partnership) -> Draft:
    """An empty street or postcode leaves what is known as it is."""
    return replace(
        content,
        street=content.street or record.street,
        postcode=content.postcode or record.postcode,
    )


class PartnershipImporter(Importer[PartnershipRow]):
    """Partnerships by code, and what the call allots to each."""

    columns = partnership_columns.COLUMNS
    key_column = "partnership"

    def row_of(self, cells: Cells) -> PartnershipRow:
        return partnership_columns.row_of(cells)

    def key_of(self, content: PartnershipRow) -> tuple[str, ...]:
        return (content.content.code,)

    def records(self, content: PartnershipRow) -> list[Any]:
        partnership = partnership_by_code(content.content.code)
        held = partnership and calls.allotment_of(self.call, partnership)
        return [one for one in (partnership, held) if one]

    def content_of(self, record: Partnership | Allotment) -> dict[str, Any]:
        if isinstance(record, Partnership):
            return said(partnerships.draft_of(record))
        return {"terms": _terms(record)}

    def apply(self, content: PartnershipRow) -> Outcome:
        partnership = partnership_by_code(content.content.code)
        if partnership is None:
            partnership = partnerships.found(content.content, actor=self.actor)
            self._allot(partnership, content)
            return Outcome.NEW
        known = with_known_address(content.content, partnership)
        changed = partnerships.update(partnership, known, actor=self.actor)
        return Outcome.of_change(self._allot(partnership, content) or changed)

    def _allot(self, partnership: Partnership, content: PartnershipRow) -> bool:
        held = calls.allotment_of(self.call, partnership)
        wanted = (content.budget_cents, content.own_rate_cents, content.planned_exchanges)
        if held and _terms(held) == wanted:
            return False
        allot(
            self.call,
            partnership,
            content.budget_cents,
            own_rate_cents=content.own_rate_cents,
            planned_exchanges=content.planned_exchanges,
            actor=self.actor,
        )
        return True


def _terms(held: Allotment) -> tuple[int, int | None, int]:
    return held.budget_cents, held.own_rate_cents, held.planned_exchanges


class OrganisationImporter(Importer[OrganisationRow]):
    """Organisations by country and registration number, with account and partnership."""

    columns = organisation_columns.COLUMNS
    key_column = "registration"

    def __init__(self, call: Call, actor: Actor | None) -> None:
        super().__init__(call, actor)
        self.partnerships = {partnership.code: partnership for partnership in all_partnerships()}
        self.known: dict[tuple[str, ...], Organisation] = {}
        self.kept_by_people: set[int] = set()

    def row_of(self, cells: Cells) -> OrganisationRow:
        return organisation_columns.row_of(cells)

    def key_of(self, content: OrganisationRow) -> tuple[str, ...]:
        return content.content.country, content.content.registration

    def check(self, rows: Sequence[Row[OrganisationRow]]) -> Iterator[Problem]:
        yield from super().check(rows)
        for row in rows:
            code = row.content.partnership_code
            if code is not None and code not in self.partnerships:
                yield unknown(row.number, "partnership", code, _("partnership"))

    def prepare(self, contents: Sequence[OrganisationRow]) -> None:
        self.known = organisations_registered([self.key_of(one) for one in contents])
        self.kept_by_people = with_members([one.id for one in self.known.values()])

    def records(self, content: OrganisationRow) -> list[Any]:
        found = self.known.get(self.key_of(content)) or self.entered.get(self.key_of(content))
        # Another entry stands for a merged one: no row reaches it.
        return [found] if found and found.survivor is found else []

    def content_of(self, record: Organisation) -> dict[str, Any]:
        code = record.partnership.code if record.partnership else None
        # A place that was corrected stays by itself.
        content = said(organisations.draft_of(record), but=("latitude", "longitude"))
        return content | {"partnership": code, "account": organisations.account_of(record)}

    def is_kept_by_people(self, record: Organisation) -> bool:
        return record.id in self.kept_by_people

    def apply(self, content: OrganisationRow) -> Outcome:
        draft, partnership = content.content, self.partnerships.get(content.partnership_code or "")
        organisation = self.known.get(self.key_of(content))
        if organisation is None:
            organisation = organisations.register(draft, partnership=partnership, actor=self.actor)
            if content.account:
                organisations.change_account(organisation, content.account, actor=self.actor)
            self.entered[self.key_of(content)] = organisation
            return Outcome.NEW
        if organisation.survivor is not organisation:
            # Another entry stands for it, with what is known of it there.
            return Outcome.UNCHANGED
        known = with_known_address(draft, organisation)
        if not content.has_place and (draft.country, draft.town) == (organisation.country, organisation.town):
            # It may have been corrected.
            known = replace(known, latitude=organisation.latitude, longitude=organisation.longitude)
        changes = [
            organisations.update(organisation, known, actor=self.actor),
            organisations.assign(organisation, partnership, actor=self.actor),
        ]
        if content.account:
            changes.append(organisations.change_account(organisation, content.account, actor=self.actor))
        return Outcome.of_change(any(changes))
