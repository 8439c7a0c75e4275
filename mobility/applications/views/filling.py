"""The pages on which an applicant fills a draft, one for each section, and what stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.applications import changes, cvs, queries, rules, services, typed, wording
from mobility.applications.columns import content_of
from mobility.applications.draft import ApplicationDraft
from mobility.applications.enums import ApplicationStatus
from mobility.applications.forms import HostsForm, PersonForm, SectionForm
from mobility.applications.forms_of_call import questions_form
from mobility.applications.models import Application, ChangeRequest, Typed
from mobility.applications.pages import form_of
from mobility.applications.sections import Section
from mobility.applications.versions import digest_of
from mobility.applications.views import bp
from mobility.calls.questions import asks
from mobility.calls.wording import conditions
from mobility.core import clock, once
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound, RuleBroken
from mobility.core.uploads import takes_files
from mobility.core.web import csrf
from mobility.hosts.forms import say, version_of
from mobility.hosts.queries import hosts_to_wish_for
from mobility.hosts.rules import countries_on
from mobility.organisations.wording import TYPES

PAGE = "applications/section.html"
ORDER = tuple(Section)


@dataclass(frozen=True)
class Step:
    """A step of the line above the pages."""

    label: str
    when: str
    state: str
    url: str
    is_unsaved: bool = False


@bp.route("/<reference>/edit")
@requires(Permission.APPLICATIONS_SUBMIT)
def edit(reference: str) -> ResponseReturnValue:
    """On to the first page that lacks an answer."""
    application = queries.own_application(signed_in(), reference)
    pages, lacking = _pages(application, _asked(application)), rules.lacking(application)
    if not pages:
        return redirect(url_for(".show", reference=reference))
    return redirect(_address(reference, next((one for one in pages if one in lacking), pages[0])))


@bp.route("/<reference>/edit/<section>")
@requires(Permission.APPLICATIONS_SUBMIT)
def section(reference: str, section: str) -> ResponseReturnValue:
    """One page, with what was typed last and not saved, or with what `typed` in the address names; 0: as saved."""
    application, page = queries.own_application(signed_in(), reference), _section(section)
    if page not in _pages(application, _asked(application)):
        return redirect(url_for(".show", reference=reference))
    kept = typed.kept_of(application)
    ours, asked = [one for one in kept if one.section is page], request.args.get("typed", "")
    newest = ours[0] if ours else None
    shown = None if asked == "0" else next((one for one in ours if str(one.id) == asked), newest)
    form = _form(application, page, shown)
    form.basis.data = (shown and shown.basis) or digest_of(page, content_of(application))
    around = _around(application, page, form, kept, over=shown)
    # Whoever looks past what was typed to what is saved may go on from there: only saving forgets it.
    past = typed.token(newest) if newest and not shown else ""
    return render_template(PAGE, form=form, shown=shown, past=past, **around)


@bp.route("/<reference>/edit/<section>", methods=["POST"])
# The form looks at its token by itself: too old a one is refused on the page that shows what was typed.
@csrf.exempt  # type: ignore[untyped-decorator]
@takes_files("cv_file")
@requires(Permission.APPLICATIONS_SUBMIT)
def save(reference: str, section: str) -> ResponseReturnValue:
    """Save one page; "Save and go on" also wants the answers that sending needs."""
    application, page = queries.own_application(signed_in(), reference), _section(section)
    change = _asked(application)
    if change is not None and page not in change.sections:
        raise NotFound
    form, way = _form(application, page), request.form.get("next")
    is_sound, newer = form.validate_on_submit(), _newer(application, page, form)
    if newer and "csrf_token" not in form.errors:
        chosen = form.chosen(newer)
        if chosen == "saved":
            return _drop(application, page)
        if chosen != "mine":
            is_unchosen = form.newer.data == newer
            return _again(reference, page, form, is_stale=True, is_unchosen=is_unchosen), HTTPStatus.CONFLICT
    if not is_sound or (way == "on" and not form.is_complete()):
        return _again(reference, page, form), HTTPStatus.UNPROCESSABLE_ENTITY
    content, version = _content(application, form), form.version.data or 0
    try:
        _keep_file(application, form)
        services.revise(application, content, actor=signed_in(), version=version)
    except RuleBroken as broken:
        if broken.code != "stale":
            raise
        return _again(reference, page, form, is_stale=True), HTTPStatus.CONFLICT
    if page is Section.PERSON:
        cvs.forget_unsaved(application)
    _forget(application, page)
    db.session.commit()
    flash(_("Saved."), "good")
    return redirect(_after(reference, _pages(application, change), page, way))


def _drop(application: Application, page: Section) -> ResponseReturnValue:
    _forget(application, page)
    db.session.commit()
    flash(_("What is saved stands. What you typed is dropped."), "good")
    return redirect(_address(application.reference, page))


def _forget(application: Application, page: Section) -> None:
    for over in ("over", "past"):
        typed.forget(application, page, page=_key(), over=request.form.get(over, ""))


@bp.route("/<reference>/edit/<section>/findings", methods=["POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def findings(reference: str, section: str) -> ResponseReturnValue:
    """Findings and amounts for what is typed so far, as a piece of HTML; nothing is stored."""
    application = queries.own_application(signed_in(), reference)
    form = _form(application, _section(section))
    form.validate()
    return render_template("applications/_findings.html", **_beside(application, form))


@bp.route("/<reference>/edit/<section>/typed", methods=["POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def keep(reference: str, section: str) -> ResponseReturnValue:
    """Keep what stands in a page, valid or not, and say so as a piece of HTML."""
    application, page, sent = queries.own_application(signed_in(), reference), _section(section), request.form
    key, version, count = sent.get("page", ""), version_of(sent), sent.get("count", "")
    typed.keep(
        application,
        page,
        dict(sent.lists()),
        page=key,
        count=int(count) if count.isascii() and count.isdecimal() and len(count) < 10 else 0,
        of_version=version or 0,
        basis=sent.get("basis", ""),
        over=sent.get("over", ""),
    )
    elsewhere = [one for one in typed.kept_of(application) if one.section is page and one.page != key]
    words = {"is_stale": version != application.version, "is_elsewhere": bool(elsewhere)}
    answer = render_template("applications/_kept.html", at=clock.utcnow(), **words)
    db.session.commit()
    return answer


@bp.context_processor
def _line_of_pages() -> dict[str, Any]:
    """For the page of a draft too, which is the last step."""

    def line(application: Application) -> list[Step]:
        return _line(application, _pages(application, _asked(application)), typed.kept_of(application))

    return {"pages_of": line}


def _line(
    application: Application, pages: Sequence[Section], kept: Sequence[Typed], current: Section | None = None
) -> list[Step]:
    """The pages and the check after them; a page is done when nothing is missing on it and all of it is saved."""
    lacking, unsaved = rules.lacking(application), {one.section for one in kept}

    def step(page: Section) -> Step:
        is_done = page not in lacking | unsaved
        words = _("Nothing missing") if is_done else _("Something missing")
        return Step(
            str(wording.SECTIONS[page]),
            _("Typed, not saved") if page in unsaved else words,
            "now" if page is current else "done" if is_done else "to-come",
            _address(application.reference, page),
            page in unsaved,
        )

    check = url_for(".show", reference=application.reference)
    return [
        *map(step, pages),
        Step(_("Check and send"), "", "to-come" if current else "now", check),
    ]


def _again(
    reference: str, page: Section, form: SectionForm, *, is_stale: bool = False, is_unchosen: bool = False
) -> str:
    """The page as it was typed, to be looked through and sent once more; a sound file that came with it stays."""
    db.session.rollback()
    application = queries.own_application(signed_in(), reference)
    _keep_file(application, form)
    db.session.commit()
    if is_stale:
        form.version.data = application.version
    if is_unchosen:
        say(form.instead, _("Choose one."))
    _offer(application, form)
    return render_template(PAGE, form=form, is_stale=is_stale, **_around_sent(application, page, form))


def _keep_file(application: Application, form: SectionForm) -> None:
    if isinstance(form, PersonForm) and form.upload:
        form.name_cv(cvs.keep(application, form.upload, actor=signed_in()).sha256)


def _form(application: Application, page: Section, shown: Typed | None = None) -> SectionForm:
    kept = typed.fields_of(shown) if shown else None
    if page is Section.QUESTIONS:
        return questions_form(application, kept)
    form = form_of(page, application, kept)
    _offer(application, form)
    return form


def _offer(application: Application, form: SectionForm) -> None:
    """Give a page what there is to choose from."""
    if isinstance(form, PersonForm):
        form.ask_for_cv(application.call.cv_asked, cvs.kept_of(application))
    if isinstance(form, HostsForm):
        home = application.organisation.country
        countries = countries_on(application.call, clock.today()) - {home}
        offers, form.has_more_hosts = hosts_to_wish_for(
            application.call,
            home=home,
            countries=countries.intersection(form.countries.data or ()),
            types=set(TYPES).intersection(form.partner_types.data or ()),
            chosen=form.picked,
        )
        form.choose_from(offers, countries)


def _around_sent(application: Application, page: Section, form: SectionForm) -> dict[str, Any]:
    """What stands around a page that was sent and is shown again: it goes on from what its sender kept."""
    kept = typed.kept_of(application)
    own = next((one for one in kept if one.page == _key()), None)
    return _around(application, page, form, kept, over=own)


def _around(
    application: Application, page: Section, form: SectionForm, kept: Sequence[Typed], *, over: Typed | None
) -> dict[str, Any]:
    """All that a page shows beside its form; what is typed into it comes in the place of `over`."""
    change, beside = _asked(application), _beside(application, form)
    pages, form.newer.data = _pages(application, change), _newer(application, page, form)
    at = pages.index(page) if page in pages else 0
    return {
        "application": application,
        "change": change,
        "name": page.value,
        "heading": wording.SECTIONS[page],
        "wording": wording,
        "number": at + 1,
        "pages": _line(application, pages, kept, page),
        "before": pages[at - 1] if at else None,
        "over": typed.token(over) if over else request.form.get("over", ""),
        "others": [one for one in kept if one.section is page and one is not over],
        "consent_version": rules.CONSENT_VERSION,
        "conditions": conditions(application.call) if page is Section.QUESTIONS else {},
        "differences": _differences(application, beside["as_typed"]) if form.newer.data else [],
        **beside,
    }


def _differences(application: Application, as_typed: Application) -> list[tuple[str, str, str]]:
    as_saved = changes.with_answers(application, content_of(application))
    return wording.differences(as_saved, as_typed)


def _newer(application: Application, page: Section, form: SectionForm) -> str:
    """The digest of what is saved of a page, if it is neither what was typed over nor what is typed; else nothing."""
    saved = digest_of(page, content_of(application))
    is_known = form.basis.data in {None, "", saved} or digest_of(page, _content(application, form)) == saved
    return "" if is_known else saved


def _beside(application: Application, form: SectionForm) -> dict[str, Any]:
    """Findings and amounts of what is typed."""
    as_typed, found = services.findings_of_typed(application, _content(application, form))
    return {
        "as_typed": as_typed,
        "findings": wording.shown(found),
        "amounts": rules.lump_sums(as_typed, services.partnership_for(as_typed)),
    }


def _content(application: Application, form: SectionForm) -> ApplicationDraft:
    """The whole application with the answers of one page as they are typed."""
    return replace(content_of(application), **form.content())


def _section(name: str) -> Section:
    if name not in {*Section}:
        raise NotFound
    return Section(name)


def _key() -> str:
    return request.form.get(once.FIELD, "")


def _after(reference: str, pages: Sequence[Section], page: Section, way: str | None) -> str:
    at = pages.index(page) + {"on": 1, "back": -1}.get(way or "", 0)
    if way == "stop" or at >= len(pages):
        return url_for(".show", reference=reference)
    return _address(reference, pages[max(at, 0)])


def _asked(application: Application) -> ChangeRequest | None:
    is_asked = application.status == ApplicationStatus.CHANGES_ASKED
    return queries.open_request(application) if is_asked else None


def _pages(application: Application, change: ChangeRequest | None) -> Sequence[Section]:
    """The pages that the applicant may change now: all of a draft, else those that were asked for."""
    if change is not None:
        return change.sections
    if application.status != ApplicationStatus.DRAFT:
        return ()
    return [page for page in ORDER if page is not Section.QUESTIONS or asks(application.call)]


def _address(reference: str, page: Section) -> str:
    return url_for(".section", reference=reference, section=page.value)
