"""The calls, for everybody: dates, countries, who may take part, amounts; for the support office their questions."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.calls import queries, questions, services, wording
from mobility.calls.enums import CallStatus, CvAsked, PartRole
from mobility.calls.forms import BlindForm, CvForm
from mobility.calls.forms_of_questions import QuestionForm
from mobility.calls.models import Call, CallQuestion
from mobility.calls.rates import rate_rows
from mobility.core import clock
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.lists import Column, Filter, listing
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.organisations.wording import TYPES
from mobility.taxonomies.countries import country_name

bp = Blueprint("calls", __name__, url_prefix="/calls")


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """All published calls; staff see drafts, too."""
    states = [(state.value, word) for state, word in wording.CALL_STATUS.items()]
    found = listing(
        queries.calls_seen_by(_asking()),
        columns=[
            Column("title", _("Call"), Call.title),
            Column("closes", _("Applications until"), Call.closes_at),
            Column("stays", _("Stays"), Call.first_day),
            Column("status", _("Status"), Call.status),
        ],
        search=[Call.title, Call.reference],
        filters=[Filter("status", _("Status"), states, lambda chosen: Call.status == CallStatus(chosen))],
        default_sort="-closes",
    )
    return render_template("calls/index.html", listing=found, wording=wording, now=clock.utcnow())


@bp.get("/<reference>")
@public
def show(reference: str) -> ResponseReturnValue:
    """One call with its dates, rules and amounts; staff also see what is allotted."""
    user = _asking()
    call = queries.call_for(user, reference)
    return render_template("calls/show.html", **_context(user, call))


@bp.post("/<reference>/cv")
@requires(Permission.CALLS_EDIT)
def ask_for_cv(reference: str) -> ResponseReturnValue:
    """Say whether visitors send a CV."""
    user, form = signed_in(), CvForm()
    call = queries.call_to_edit(user, reference)
    if not form.validate_on_submit():
        return form_page("calls/show.html", form, **_context(user, call) | {"cv_form": form})
    expect_version(call, form.version.data)
    services.ask_for_cv(call, CvAsked(form.cv_asked.data), actor=user)
    db.session.commit()
    flash(_("Kept."), "good")
    return redirect(url_for(".show", reference=reference))


def _context(user: User | None, call: Call) -> dict[str, Any]:
    may_edit = user is not None and queries.may_edit(user, call)
    is_published = call.status != CallStatus.DRAFT
    return {
        "call": call,
        "tag": wording.status_tag(call, clock.utcnow()),
        "is_open": queries.is_open(call),
        "taking_part": queries.taking_part(call, max(call.first_day, clock.today())),
        "rates": rate_rows(call),
        "matrix": _matrix(call),
        "allotments": queries.allotments_seen_by(user, call),
        "country_name": country_name,
        "may_apply": user is not None and user.may(Permission.APPLICATIONS_SUBMIT),
        "may_review": user is not None and user.may(Permission.REVIEWS_SET) and is_published,
        "may_tell": user is not None and user.may(Permission.DECISIONS_RELEASE) and is_published,
        "may_host": user is not None and user.may(Permission.OFFERS_SUBMIT),
        "may_edit": may_edit,
        "wording": wording,
        "cv_form": CvForm.of(call) if may_edit else None,
        "blind_form": BlindForm.of(call) if may_edit else None,
    }


@bp.get("/<reference>/questions")
@requires(Permission.CALLS_EDIT)
def asks(reference: str) -> ResponseReturnValue:
    """What the call asks beside the scheme's own questions, in order."""
    call = queries.call_to_edit(signed_in(), reference)
    return render_template(
        "calls/questions.html",
        call=call,
        answered=questions.answered(call.questions),
        conditions=wording.conditions(call),
        wording=wording,
    )


@bp.route("/<reference>/questions/new", methods=["GET", "POST"])
@requires(Permission.CALLS_EDIT)
def new_question(reference: str) -> ResponseReturnValue:
    """Ask one more."""
    call = queries.call_to_edit(signed_in(), reference)
    form = QuestionForm.of(None, call.questions)
    if form.validate_on_submit():
        questions.add(call, form.content(), actor=signed_in())
        db.session.commit()
        flash(_("The question is added."), "good")
        return redirect(url_for(".asks", reference=reference))
    return form_page("calls/question.html", form, call=call, question=None, wording=wording)


@bp.route("/<reference>/questions/<int:question_id>", methods=["GET", "POST"])
@requires(Permission.CALLS_EDIT)
def question(reference: str, question_id: int) -> ResponseReturnValue:
    """Word a question anew, or ask it otherwise; an answered one keeps its kind."""
    call = queries.call_to_edit(signed_in(), reference)
    asked = queries.question_of(call, question_id)
    is_answered = bool(questions.answered([asked]))
    form = QuestionForm.of(asked, [one for one in call.questions if one.position < asked.position])
    if is_answered:
        form.keep_kind(asked)
    if form.validate_on_submit() and form.need(questions.needed_answers(asked, call.questions)):
        expect_version(asked, form.version.data)
        questions.change(asked, form.content(), actor=signed_in())
        db.session.commit()
        flash(_("Saved."), "good")
        return redirect(url_for(".asks", reference=reference))
    return form_page(
        "calls/question.html", form, call=call, question=asked, is_answered=is_answered, wording=wording
    )


@bp.post("/<reference>/questions/<int:question_id>/up")
@requires(Permission.CALLS_EDIT)
def question_up(reference: str, question_id: int) -> ResponseReturnValue:
    """Ask it one place earlier."""
    questions.move_up(_question_to_edit(reference, question_id), actor=signed_in())
    db.session.commit()
    return redirect(url_for(".asks", reference=reference))


@bp.post("/<reference>/questions/<int:question_id>/delete")
@requires(Permission.CALLS_EDIT)
def delete_question(reference: str, question_id: int) -> ResponseReturnValue:
    """Delete what nobody answered."""
    questions.delete(_question_to_edit(reference, question_id), actor=signed_in())
    db.session.commit()
    flash(_("The question is deleted."), "good")
    return redirect(url_for(".asks", reference=reference))


def _question_to_edit(reference: str, question_id: int) -> CallQuestion:
    return queries.question_of(queries.call_to_edit(signed_in(), reference), question_id)


def _asking() -> User | None:
    return signed_in() if current_user.is_authenticated else None


def _matrix(call: Call) -> list[tuple[str, list[bool], str]]:
    """Per type of organisation: its name, whether it may visit and host, what it must be a member of."""
    return [
        (
            str(name),
            [part.value in call.roles_by_type.get(kind.value, ()) for part in PartRole],
            _membership(call, kind.value),
        )
        for kind, name in TYPES.items()
    ]


def _membership(call: Call, kind: str) -> str:
    if kind in call.profile_types:
        return _("Member of a cluster with a profile on the European Cluster Collaboration Platform")
    return _("Member of a cluster") if kind in call.membership_types else _("None")
