"""Importing offers and applications: they become submitted through the verbs of their rooms."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from mobility.applications import columns as application_columns
from mobility.applications import services as applications
from mobility.applications.answer_columns import answers_of, columns_of, questions_by_column
from mobility.applications.columns import ApplicationRow
from mobility.applications.draft import ApplicationDraft, WishDraft
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.queries import GONE
from mobility.calls.models import Call
from mobility.calls.questions import shown
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.files import Cells, ImportColumn, Problem, Row
from mobility.core.together import note_locked
from mobility.hosts import columns as offer_columns
from mobility.hosts import services as hosts
from mobility.hosts.columns import OfferRow
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.imports.importer import Importer, Outcome, unknown
from mobility.imports.written import said
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership

SMALLEST_GROUP = 2


T = TypeVar("T", OfferRow, ApplicationRow)


class _IntakeImporter(Importer[T]):
    """What offers and applications have in common: a host or visitor, a partnership of the call, findings."""

    kind: ClassVar[type[Offer] | type[Application]]

    def __init__(self, call: Call, actor: Actor | None) -> None:
        super().__init__(call, actor)
        hosts.refuse_closed_call(call)
        self.partnerships: dict[str, Partnership] = {
            one.partnership.code: one.partnership for one in call.allotments
        }
        self.organisations: dict[tuple[str, str], Organisation] = {
            (one.country, one.registration): one.survivor for one in db.session.scalars(select(Organisation))
        }
        self.offers: dict[str | None, Offer] = {
            offer.import_key: offer
            for offer in db.session.scalars(
                _offers().where(Offer.call_id == call.id, Offer.import_key.is_not(None))
            )
        }

    def not_met(self, rows: Sequence[Row[T]]) -> int:
        keys = [row.content.key for row in rows]
        of_rows = select(self.kind.findings).where(
            self.kind.call_id == self.call.id, self.kind.import_key.in_(keys)
        )
        return sum(any(one["passed"] is False for one in found) for found in db.session.scalars(of_rows))

    def content_of(self, record: Offer | Application) -> dict[str, Any]:
        partnership = {"partnership": record.partnership.code}
        if isinstance(record, Offer):
            return said(offer_columns.content_of(record)) | partnership
        # Of the CV a file says nothing, and answers that were given it leaves as they are.
        return said(application_columns.content_of(record), but=("answers", "cv")) | partnership

    def _lock(self, statement: Select[Any]) -> None:
        in_order = statement.order_by(self.kind.id).with_for_update(key_share=True, of=self.kind)
        anew = in_order.execution_options(populate_existing=True)
        note_locked(db.session.scalars(anew))

    def _check_parties(self, row: int, content: T) -> Iterator[Problem]:
        if (content.country, content.registration) not in self.organisations:
            yield unknown(row, "organisation", content.registration, _("organisation of this country"))
        code = content.partnership_code
        if code is not None and code not in self.partnerships:
            yield unknown(row, "partnership", code, _("partnership with a budget in this call"))

    def _check_kept(
        self, row: int, column: str, content: T, record: Offer | Application | None
    ) -> Iterator[Problem]:
        if record is None:
            return
        state = record.standing if isinstance(record, Application) else record.status
        if state not in {ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED, OfferStatus.DRAFT}:
            reason = _("is %(state)s already; an import changes only what is not decided", state=state.value)
            yield Problem(row, reason, column, content.key)
        if self.organisations.get((content.country, content.registration)) is not record.organisation:
            yield Problem(row, _("belongs to another organisation"), column, content.key)

    def _organisation(self, content: T) -> Organisation:
        return self.organisations[content.country, content.registration]


class OfferImporter(_IntakeImporter[OfferRow]):
    """Offers by their key in the call."""

    kind = Offer
    columns = offer_columns.COLUMNS
    key_column = "offer"
    prefix = "OFF"

    def row_of(self, cells: Cells) -> OfferRow:
        return offer_columns.row_of(cells)

    def key_of(self, content: OfferRow) -> tuple[str, ...]:
        return (content.key,)

    def check(self, rows: Sequence[Row[OfferRow]]) -> Iterator[Problem]:
        yield from super().check(rows)
        for row in rows:
            yield from self._check_parties(row.number, row.content)
            known = self.offers.get(row.content.key)
            if known is None or self._is_changed(known, row.content):
                yield from self._check_kept(row.number, "offer", row.content, known)

    def is_new(self, content: OfferRow) -> bool:
        return content.key not in self.offers

    def records(self, content: OfferRow) -> list[Any]:
        found = self.offers.get(content.key) or self.entered.get(self.key_of(content))
        return [found] if found else []

    def prepare(self, contents: Sequence[OfferRow]) -> None:
        known = ((self.offers[one.key], one) for one in contents if not self.is_new(one))
        changed = [offer.id for offer, one in known if self._is_changed(offer, one)]
        if changed:
            self._lock(_offers().where(Offer.id.in_(changed)))

    def apply(self, content: OfferRow) -> Outcome:
        offer, partnership = self.offers.get(content.key), self.partnerships[content.partnership_code]
        if offer is not None and not self._is_changed(offer, content):
            return Outcome.UNCHANGED
        if offer is not None and offer.status == OfferStatus.SUBMITTED:
            hosts.correct(offer, content.content, partnership=partnership, actor=self.actor)
            return Outcome.UPDATED
        if offer is not None:
            hosts.revise(offer, content.content, actor=self.actor)
            hosts.submit(offer, actor=self.actor)
            return Outcome.UPDATED
        offer = hosts.draft(
            self.call,
            self._organisation(content),
            content.content,
            partnership=partnership,
            import_key=content.key,
            actor=self.actor,
        )
        hosts.submit(offer, actor=self.actor)
        self.entered[self.key_of(content)] = offer
        return Outcome.NEW

    def _is_changed(self, offer: Offer, content: OfferRow) -> bool:
        if offer.status == OfferStatus.DRAFT:
            return True
        same_host = offer.organisation is self.organisations.get((content.country, content.registration))
        same_partnership = offer.partnership is self.partnerships.get(content.partnership_code)
        wanted = content.content
        if offer.is_group_visit:
            # Its days say how long it is.
            wanted = replace(wanted, min_days=offer.min_days, max_days=offer.max_days)
        return not (same_host and same_partnership and offer_columns.content_of(offer) == wanted)


class ApplicationImporter(_IntakeImporter[ApplicationRow]):
    """Applications by their key in the call; their wishes name offers by key."""

    kind = Application
    columns = application_columns.COLUMNS
    key_column = "application"
    prefix = "APP"

    def __init__(self, call: Call, actor: Actor | None) -> None:
        super().__init__(call, actor)
        self.stored = db.session.scalars(_applications().where(Application.call_id == call.id)).all()
        self.offers_by_id = {offer.id: offer for offer in self.offers.values()}
        self.known: applications.Known | None = None
        self.applications = {one.import_key: one for one in self.stored if one.import_key is not None}
        self.questions = questions_by_column(call, {column.name for column in self.columns})

    def all_columns(self) -> Sequence[ImportColumn]:
        return [*self.columns, *columns_of(self.questions)]

    def row_of(self, cells: Cells) -> ApplicationRow:
        row = application_columns.row_of(cells)
        return replace(row, content=replace(row.content, answers=answers_of(cells, self.questions)))

    def key_of(self, content: ApplicationRow) -> tuple[str, ...]:
        return (content.key,)

    def check(self, rows: Sequence[Row[ApplicationRow]]) -> Iterator[Problem]:
        yield from super().check(rows)
        for row in rows:
            yield from self._check_parties(row.number, row.content)
            for wish in row.content.wishes:
                if wish.offer_key not in self.offers:
                    yield unknown(row.number, "wishes", wish.offer_key, _("offer of this call"))
            yield from self._check_answers(row)
            if self._is_news(row.content):
                known = self.applications.get(row.content.key)
                yield from self._check_kept(row.number, "application", row.content, known)
        yield from _one_for_each(rows)
        yield from self._check_groups(rows)

    def _check_answers(self, row: Row[ApplicationRow]) -> Iterator[Problem]:
        """A file answers what is not answered yet, and only what the other answers lead to."""
        given = row.content.content.answers
        if not given:
            return
        known = self.applications.get(row.content.key)
        before = (
            {one.question_id: one.value for one in application_columns.answers_of(known)} if known else {}
        )
        after = before | {one.question_id: one.value for one in given}
        asked = {one.id for one in shown(self.call.questions, after)}
        words = {one.id: name for name, one in self.questions.items()}
        for one in given:
            if before.get(one.question_id, one.value) != one.value:
                reason = _("is answered otherwise already; change it on the site")
                yield Problem(row.number, reason, words[one.question_id])
            elif one.question_id not in asked:
                reason = _("is not asked with these answers; leave it empty")
                yield Problem(row.number, reason, words[one.question_id])

    def is_new(self, content: ApplicationRow) -> bool:
        return content.key not in self.applications

    def records(self, content: ApplicationRow) -> list[Any]:
        found = self.applications.get(content.key) or self.entered.get(self.key_of(content))
        return [found] if found else []

    def prepare(self, contents: Sequence[ApplicationRow]) -> None:
        news = [one for one in contents if self._is_news(one)]
        changed = [self.applications[one.key].id for one in news if not self.is_new(one)]
        if changed:
            self._lock(_applications().where(Application.id.in_(changed)))
        visitors = [self._organisation(one).id for one in news]
        self.known = applications.known_of(self.call, visitors, self.offers_by_id)

    def apply(self, content: ApplicationRow) -> Outcome:
        application, typed = self.applications.get(content.key), self._typed(content)
        if application is not None and not self._is_changed(application, content):
            return Outcome.UNCHANGED
        if application is None:
            application = applications.draft(
                self.call,
                self._organisation(content),
                typed,
                partnership=self._partnership(content),
                import_key=content.key,
                actor=self.actor,
                known=self.known,
            )
            applications.submit(application, actor=self.actor, known=self.known)
            self.entered[self.key_of(content)] = application
            return Outcome.NEW
        self._change(application, content, typed)
        return Outcome.UPDATED

    def _change(self, application: Application, content: ApplicationRow, typed: ApplicationDraft) -> None:
        if application.status == ApplicationStatus.DRAFT:
            applications.revise(application, typed, actor=self.actor)
            applications.submit(application, actor=self.actor, known=self.known)
        else:
            applications.correct(application, typed, actor=self.actor, known=self.known)
        partnership = self._partnership(content)
        if partnership is not None and partnership is not application.partnership:
            applications.assign(application, partnership, _("Named in the import."), actor=self.actor)

    def _partnership(self, content: ApplicationRow) -> Partnership | None:
        return self.partnerships.get(content.partnership_code or "")

    def _typed(self, content: ApplicationRow) -> ApplicationDraft:
        wished = (WishDraft(self.offers[wish.offer_key].id, wish.rank) for wish in content.wishes)
        wishes = tuple(sorted(wished, key=application_columns.wish_order))
        known = self.applications.get(content.key)
        if known is None:
            return replace(content.content, wishes=wishes)
        # Of the CV a file says nothing, of answers and excluded days nothing where they are empty: they stay.
        excluded = content.content.excluded or tuple(known.excluded_days)
        before = application_columns.answers_of(known)
        ids = {one.question_id for one in before}
        answers = (*before, *(one for one in content.content.answers if one.question_id not in ids))
        return replace(content.content, wishes=wishes, excluded=excluded, answers=answers, cv=known.cv)

    def _is_changed(self, application: Application, content: ApplicationRow) -> bool:
        if application.status == ApplicationStatus.DRAFT or any(
            wish.offer_key not in self.offers for wish in content.wishes
        ):
            return True
        same_visitor = application.organisation is self.organisations.get(
            (content.country, content.registration)
        )
        partnership = self._partnership(content) or application.partnership
        same_content = application_columns.content_of(application) == self._typed(content)
        return not (same_visitor and application.partnership is partnership and same_content)

    def _is_news(self, content: ApplicationRow) -> bool:
        known = self.applications.get(content.key)
        return known is None or self._is_changed(known, content)

    def _check_groups(self, rows: Sequence[Row[ApplicationRow]]) -> Iterator[Problem]:
        gone = {one.import_key for one in self.stored if one.status in GONE}
        in_file = {row.content.key for row in rows}
        sizes = Counter(row.content.content.group_key for row in rows if row.content.key not in gone)
        sizes.update(
            one.group_key for one in self.stored if one.status not in GONE and one.import_key not in in_file
        )
        for row in rows:
            group = row.content.content.group_key
            # The same file again stays good after a member of the group has withdrawn.
            if group is not None and sizes[group] < SMALLEST_GROUP and self._is_news(row.content):
                yield Problem(row.number, _("has no other member; a group has at least two"), "group", group)


def _offers() -> Select[Offer]:
    return select(Offer).options(
        joinedload(Offer.organisation), selectinload(Offer.windows), selectinload(Offer.closures)
    )


def _applications() -> Select[Application]:
    return select(Application).options(
        joinedload(Application.organisation),
        selectinload(Application.windows),
        selectinload(Application.wishes),
        selectinload(Application.answers),
    )


def _one_for_each(rows: Sequence[Row[ApplicationRow]]) -> Iterator[Problem]:
    """An organisation applies once in a call."""
    first: dict[tuple[str, str], Row[ApplicationRow]] = {}
    for row in rows:
        visitor = (row.content.country, row.content.registration)
        before = first.setdefault(visitor, row)
        if before.content.key != row.content.key:
            reason = _("applies in row %(row)s already; an organisation applies once", row=before.number)
            yield Problem(row.number, reason, "organisation", row.content.registration)
