"""Turns what was typed into the rows of an application."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.applications.draft import AnswerDraft, ApplicationDraft, WishDraft
from mobility.applications.models import Application, ApplicationAnswer, ApplicationWindow, Wish
from mobility.calls.models import Call, QuestionWording
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer


def fill(
    application: Application, content: ApplicationDraft, offers: Mapping[int, Offer] | None = None
) -> None:
    """Put the answers into the rows of an application; `offers` are those of the call by key, if they are known.

    Raises `RuleBroken("unknown-offer")` for a wish of another call.
    """
    wishes = _wishes(application.call, content.wishes, offers)
    plain = (
        "person_name",
        "person_email",
        "position",
        "cv",
        "is_third_country",
        "residence_days",
        "has_business",
        "motivation",
        "mode",
        "min_days",
        "max_days",
        "group_key",
        "consent_version",
    )
    for name in plain:
        setattr(application, name, getattr(content, name))
    for name in ("ecosystems", "industries", "purposes", "countries", "partner_types"):
        setattr(application, name, list(getattr(content, name)))
    application.excluded = [[first.isoformat(), last.isoformat()] for first, last in content.excluded]
    application.languages = dict(content.languages)
    application.windows = [
        ApplicationWindow(first_day=first, last_day=last) for first, last in content.windows
    ]
    _replace_wishes(application, wishes)
    _answer(application, content.answers)


def _wishes(call: Call, drafts: Sequence[WishDraft], offers: Mapping[int, Offer] | None) -> list[Wish]:
    ids = {wish.offer_id for wish in drafts}
    by_id = _offers(call, ids) if offers is None else offers
    if ids - by_id.keys():
        raise RuleBroken("unknown-offer")
    return [Wish(offer=by_id[wish.offer_id], offer_id=wish.offer_id, rank=wish.rank) for wish in drafts]


def _offers(call: Call, ids: Collection[int]) -> Mapping[int, Offer]:
    offers = select(Offer).where(Offer.id.in_(ids), Offer.call_id == call.id)
    offers = offers.options(joinedload(Offer.organisation))
    return {offer.id: offer for offer in db.session.scalars(offers)} if ids else {}


def _replace_wishes(application: Application, wishes: list[Wish]) -> None:
    if {(one.offer_id, one.rank) for one in application.wishes} == {
        (one.offer_id, one.rank) for one in wishes
    }:
        return
    if application.wishes:
        # Old rows go first: their ranks are unique with the new ones.
        application.wishes = []
        db.session.flush()
    application.wishes = wishes


def _answer(application: Application, drafts: Sequence[AnswerDraft]) -> None:
    """A row stays once there was an answer: its question cannot be deleted from then on."""
    if not application.call.has_questions:
        return
    given = {one.question_id: one for one in drafts}
    rows = {row.question_id: row for row in application.answers}
    for question_id in rows.keys() - given.keys():
        rows[question_id].value = None
    wordings = _wordings(application.call) if given else {}
    for question_id, one in given.items():
        wording = wordings[one.wording_id]
        row = rows.get(question_id)
        if row is None:
            row = ApplicationAnswer(question_id=question_id, kind=wording.question.kind)
            application.answers.append(row)
        row.wording_id, row.wording, row.value = wording.id, wording, one.value


def _wordings(call: Call) -> dict[int, QuestionWording]:
    return {wording.id: wording for question in call.questions for wording in question.wordings}
