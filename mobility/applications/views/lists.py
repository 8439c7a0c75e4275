"""The applicant's own applications, and the officers' work list, on one address."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.applications import blind, queries, wording
from mobility.applications.blind import Named
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.views import bp
from mobility.calls.models import Call, QuestionWording
from mobility.calls.queries import open_calls, wordings_among
from mobility.calls.wording import answer_to
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.export import export_response, is_asked
from mobility.core.lists import LONGEST_EXPORT, Column, Filter, Listing, listing
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.taxonomies.countries import country_name

HELD, LATE = "held", "late"


@bp.route("")
@requires(Permission.APPLICATIONS_READ)
def index() -> ResponseReturnValue:
    """The applicant's applications, or the work list of staff; `?format=csv` or `xlsx` gives the list as seen."""
    user = signed_in()
    if is_asked():
        return _export(
            _work_list(user, per_page=LONGEST_EXPORT, more=[selectinload(Application.answers)]), user
        )
    calls = open_calls() if user.may(Permission.APPLICATIONS_SUBMIT) else []
    page, found = "work_list" if user.is_staff else "index", _work_list(user)
    return render_template(
        f"applications/{page}.html",
        listing=found,
        held_from=queries.held_from(user, found.rows),
        names=blind.names_for(user, found.rows),
        calls=calls,
        may_assess=user.may(Permission.APPLICATIONS_ASSESS),
        wording=wording,
    )


def _work_list(user: User, per_page: int = 25, more: Sequence[ORMOption] = ()) -> Listing:
    seen = (
        queries.applications_seen_by(user)
        .join(Organisation, Application.organisation_id == Organisation.id)
        .join(Partnership, Application.partnership_id == Partnership.id)
        .options(joinedload(Application.assessor), *more)
    )
    calls = db.session.execute(
        select(Call.reference, Call.title, Call.is_blind).order_by(Call.reference)
    ).all()
    return listing(
        seen,
        columns=_columns(hides_names=user.is_staff and any(call.is_blind for call in calls)),
        search=[Application.reference, *_searched(user)],
        filters=_filters(user, [(call.reference, f"{call.reference} – {call.title}") for call in calls]),
        default_sort="-submitted",
        per_page=per_page,
    )


def _searched(user: User) -> list[Any]:
    names = [Organisation.name, Organisation.name_folded, Application.person_name]
    return blind.searched(names) if user.is_staff else names


def _columns(*, hides_names: bool) -> list[Column]:
    name = Organisation.name_folded
    return [
        Column("reference", _("Application"), Application.reference),
        Column("organisation", _("Organisation"), blind.sorted_by(name) if hides_names else name),
        Column("country", _("Country"), Organisation.country),
        Column("partnership", _("Partnership"), Partnership.name),
        Column("submitted", _("Submitted"), Application.submitted_at),
        Column("findings", _("Rules")),
        Column("status", _("Status"), Application.status),
    ]


def _filters(user: User, calls: list[tuple[str, str]]) -> list[Filter]:
    statuses = [
        (status.value, wording.status_tag(status, for_staff=user.is_staff)[1]) for status in ApplicationStatus
    ]
    if user.is_staff:
        statuses += [(HELD, _("Decided, not told yet")), (LATE, _("Changes did not come"))]
    return [
        Filter("status", _("Status"), statuses, partial(_stands, user)),
        *_of_officer(user),
        Filter("call", _("Call"), calls, _in_call),
        Filter(
            "partnership", _("Partnership"), _partnerships(user), lambda chosen: Partnership.code == chosen
        ),
    ]


def _stands(user: User, chosen: str) -> ColumnElement[bool]:
    """Who stands so for the person: who takes part is shown no decision that is held."""
    held = Application.held.is_not(None)
    if chosen == LATE:
        return queries.changes_are_late()
    if chosen == HELD:
        return held & queries.takes_part(user).is_not(True)
    stands = Application.status == ApplicationStatus(chosen)
    if not user.is_staff or chosen != ApplicationStatus.SUBMITTED:
        return stands
    return stands & or_(Application.held.is_(None), queries.takes_part(user))


def _of_officer(user: User) -> list[Filter]:
    if not user.may(Permission.APPLICATIONS_ASSESS):
        return []
    asked = [("asked", _("Waits for your answer"))]
    excepted = queries.waits_for_exception(user)
    of_exceptions = (
        [Filter("exception", _("Exception"), asked, lambda _chosen: excepted)]
        if user.may(Permission.EXCEPTIONS_GRANT)
        else []
    )
    mine, nobody = Application.assessor_id == user.id, Application.assessor_id.is_(None)
    choices = [("mine", _("Taken by me")), ("nobody", _("Taken by nobody"))]
    officer = Filter("officer", _("Officer"), choices, lambda chosen: mine if chosen == "mine" else nobody)
    return [officer, *of_exceptions]


def _in_call(reference: str) -> Any:
    return Application.call_id == select(Call.id).where(Call.reference == reference).scalar_subquery()


def _partnerships(user: User) -> list[tuple[str, str]]:
    in_scope = queries.in_scope(user, Permission.APPLICATIONS_READ)
    # The least key from the partnership's own on is looked up by index: a walk through all would grow with them.
    next_seen = select(func.min(Application.partnership_id)).where(
        Application.partnership_id >= Partnership.id, in_scope
    )
    seen = next_seen.scalar_subquery() == Partnership.id
    return _of(select(Partnership.code, Partnership.name).where(seen))


def _of(pairs: Select[str, str]) -> list[tuple[str, str]]:
    return [
        (key, f"{key} – {name}")
        for key, name in db.session.execute(pairs.order_by(pairs.selected_columns[0]))
    ]


def _export(found: Listing, user: User) -> Response:
    header = [
        "reference",
        "call",
        "organisation",
        "country",
        "partnership",
        "person",
        "submitted_on",
        "not_met",
        "needs_proof",
        "status",
    ]
    given = _given(found.rows, for_staff=user.is_staff)
    asked = _asked(given.values())
    header += [f"question {one.question_id}.{one.number}: {one.label}" for one in asked]
    held_from = queries.held_from(user, found.rows)
    full = {row.id for row in found.rows if user.is_staff and row.id not in held_from}
    names = blind.names_for(user, found.rows)
    rows = [
        [
            *_cells(row, names[row.id], for_staff=row.id in full),
            *(answer_to(one.question.kind, given[row.id].get(one)) for one in asked),
        ]
        for row in found.rows
    ]
    return export_response("applications", header, rows)


def _given(applications: Sequence[Application], *, for_staff: bool) -> dict[int, dict[QuestionWording, Any]]:
    """What each application answers, by the words it answers to; while one is changed, staff see what was sent."""
    answers = [answer for one in applications for answer in one.answers]
    wordings = {answer.wording_id: answer.wording for answer in answers}
    pairs = {one.id: [(answer.wording_id, answer.value) for answer in one.answers] for one in applications}
    for application_id, sent in (queries.sent_answers(applications) if for_staff else {}).items():
        pairs[application_id] = [(answer["wording_id"], answer["value"]) for answer in sent]
    needed = {wording_id for of_one in pairs.values() for wording_id, _value in of_one}
    wordings |= wordings_among(needed - wordings.keys())
    return {
        application_id: {wordings[one]: value for one, value in of_one if value is not None}
        for application_id, of_one in pairs.items()
    }


def _asked(given: Iterable[Iterable[QuestionWording]]) -> list[QuestionWording]:
    """The words that were answered, as columns: each wording of a question is one of its own."""
    wordings = {wording for of_one in given for wording in of_one}
    return sorted(wordings, key=lambda one: (one.question.call_id, one.question.position, one.number))


def _cells(application: Application, names: Named, *, for_staff: bool) -> list[object]:
    submitted = application.submitted_at
    return [
        application.reference,
        application.call.reference,
        names.organisation,
        country_name(application.organisation.country),
        application.partnership.code,
        names.person,
        clock.local(submitted).date().isoformat() if submitted else "",
        " ".join(found["code"] for found in application.findings if found["passed"] is False),
        " ".join(found["code"] for found in application.findings if found["passed"] is None),
        wording.tag_of(application, for_staff=for_staff)[1],
    ]
