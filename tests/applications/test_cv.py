"""The CV: kept with its page, whatever stands beside it; read by its side and by who assesses it, by nobody else."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import cvs, services
from mobility.applications.columns import content_of
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application, Cv
from mobility.applications.sections import Section
from mobility.audit.models import Viewing
from mobility.calls.enums import CvAsked
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.uploads import REFUSALS, Upload
from tests.applications.filled import fill, form_at, officer_of, page_of, typed
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application, make_change_request
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation
from tests.make.reporting import make_pdf
from tests.pages import error_beside
from tests.reporting.bad_files import bad_files, changed, in_pages
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
NewClient = Callable[[], Visitor]
PERSON = Section.PERSON
# What reaches the check in a process of its own, which takes its time: one of each kind.
LOOKED_INTO = (
    "head and end",
    "a password to open",
    "a script by name",
    "a launch on opening",
    "a file inside",
    "no page",
)
NOT_WHOLE = ("only a head", "half of it", "without its end", "an archive behind", "a page behind")
NAMES = (
    "cv.pdf",
    "cv.pdf.exe",
    "cv.exe.pdf",
    "../../etc/passwd",
    "C:\\temp\\cv.PDF",
    "a\x1b[31m\u202efdp.exe",
    '"; filename=evil.html',
    "=1+1",
    "x" * 500,
)


def upload(name: str = "cv.pdf") -> Upload:
    return Upload(name, make_pdf())


def hidden_on(client: Visitor, application: Application) -> dict[str, Any]:
    """What the page carries along."""
    page = client.get(form_at(application, PERSON)).text
    names = ("csrf_token", "cv", "version", "over")
    return {name: re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)[0] for name in names}


def send(
    client: Visitor,
    application: Application,
    content: bytes | None = None,
    name: str = "cv.pdf",
    **changes: Any,
) -> TestResponse:
    """Choose a file, change some answers, press the button; `changes` may bring what the page carries along."""
    address = form_at(application, PERSON)
    hidden = {} if "over" in changes else hidden_on(client, application)
    sent = typed(application, PERSON) | hidden | changes
    sent["cv_file"] = FileStorage(io.BytesIO(content or b""), name if content is not None else "")
    boundary, body = encode_multipart(sent)
    return client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def address_of(application: Application, digest: str | None) -> str:
    return page_of(application, f"/cv/{digest}")


def files() -> list[str]:
    return list(db.session.scalars(select(Cv.file_name).order_by(Cv.id)))


def test_a_cv_is_kept_with_its_page_replaced_and_taken_away(client: Visitor, draft: Application) -> None:
    first, second = make_pdf(), make_pdf()

    assert send(client, draft, first, "ana.pdf").status_code == 302
    db.session.expire_all()
    shown = client.get(form_at(draft, PERSON)).text
    got = client.get(address_of(draft, draft.cv))
    send(client, draft)
    send(client, draft, second, "newer.pdf")
    db.session.expire_all()
    replaced = files(), client.get(address_of(draft, draft.cv)).data
    send(client, draft, no_cv="y")
    db.session.expire_all()

    assert ("ana.pdf" in shown, got.data) == (True, first)
    assert got.headers["Content-Disposition"] == "attachment; filename=ana.pdf"
    assert replaced == (["newer.pdf"], second)
    assert (draft.cv, files()) == (None, [])


def test_a_refused_answer_beside_it_loses_no_cv(client: Visitor, draft: Application) -> None:
    refused = send(client, draft, make_pdf(), "ana.pdf", person_email="ana at home")
    kept = re.findall(r'name="cv"[^>]*value="([0-9a-f]{64})"', refused.text)
    again = client.submit(form_at(draft, PERSON), typed(draft, PERSON, cv=kept[0]))

    db.session.expire_all()
    assert (refused.status_code, again.status_code) == (422, 302)
    assert error_beside(refused.text, "person_email")
    assert "ana.pdf" in refused.text
    assert "save this page" in refused.text
    assert (draft.cv, files()) == (kept[0], ["ana.pdf"])


def test_a_page_that_somebody_overtook_loses_no_cv(client: Visitor, draft: Application) -> None:
    overtaken = send(client, draft, make_pdf(), "ana.pdf", version="0")

    assert overtaken.status_code == 409
    assert "ana.pdf" in overtaken.text
    db.session.expire_all()
    assert (draft.cv, files()) == (None, ["ana.pdf"])


def test_of_files_that_came_and_were_never_saved_the_newest_stay_until_it_is_sent(
    client: Visitor, draft: Application
) -> None:
    for number in range(cvs.MOST_KEPT + 2):
        send(client, draft, make_pdf(), f"{number}.pdf", person_email="ana at home")
    before = files()
    services.submit(draft, actor=None)

    assert before == ["2.pdf", "3.pdf", "4.pdf"]
    assert files() == []


def test_a_page_that_another_site_sends_leaves_no_file(client: Visitor, draft: Application) -> None:
    answer = send(client, draft, make_pdf(), csrf_token="forged")

    assert answer.status_code == 422
    assert files() == []


def test_a_file_of_another_application_cannot_be_named(client: Visitor, draft: Application) -> None:
    other = make_application(cv=upload())
    db.session.commit()
    before = content_of(draft)

    client.submit(form_at(draft, PERSON), typed(draft, PERSON, cv=other.cv))
    with pytest.raises(RuleBroken, match="unknown-cv"):
        services.revise(draft, content_of(other), actor=None)

    assert (draft.cv, content_of(draft).cv) == (None, before.cv)


@pytest.mark.parametrize(
    ("asked", "is_shown", "stops_one", "may_send"),
    [
        (CvAsked.NO, False, False, True),
        (CvAsked.OPTIONAL, True, False, True),
        (CvAsked.REQUIRED, True, True, False),
    ],
)
def test_the_call_says_whether_a_cv_is_wanted(
    client: Visitor, draft: Application, asked: CvAsked, is_shown: bool, stops_one: bool, may_send: bool
) -> None:
    draft.call.cv_asked = asked
    db.session.commit()

    page = client.get(form_at(draft, PERSON)).text
    going_on = client.submit(form_at(draft, PERSON), typed(draft, PERSON))
    db.session.expire_all()
    stopping = client.submit(form_at(draft, PERSON), typed(draft, PERSON, next="stop"))
    db.session.expire_all()
    client.submit(page_of(draft), {"version": str(draft.version)}, to=page_of(draft, "/submit"))

    db.session.expire_all()
    assert ("cv_file" in page, going_on.status_code == 422, stopping.status_code) == (
        is_shown,
        stops_one,
        302,
    )
    assert bool(error_beside(going_on.text, "cv_file")) == stops_one
    assert (draft.status is Status.SUBMITTED) == may_send


def test_with_the_cv_that_is_needed_it_is_sent(client: Visitor, draft: Application) -> None:
    draft.call.cv_asked = CvAsked.REQUIRED
    db.session.commit()

    fill(client, draft, PERSON)
    sent = send(client, draft, make_pdf())
    db.session.expire_all()
    client.submit(page_of(draft), {"version": str(draft.version)}, to=page_of(draft, "/submit"))

    db.session.expire_all()
    assert (sent.status_code, draft.status) == (302, Status.SUBMITTED)


def test_forty_bad_files_are_forty_clear_refusals(client: Visitor, draft: Application, session: Db) -> None:
    bad = bad_files()
    tried = {what: one for what, one in bad.items() if one[0] in {"empty", "no-pdf", "too-large"}}
    tried |= {f"{what}, under another name": one for what, one in tried.items()}
    tried |= {what: bad[what] for what in (*NOT_WHOLE, *LOOKED_INTO)}
    tried["21 pages"] = ("too-many-pages", changed(in_pages(21)))

    got, page = {}, hidden_on(client, draft)
    for number, (what, (_code, content)) in enumerate(tried.items()):
        answer = send(client, draft, content, NAMES[number % len(NAMES)], **page)
        got[what] = answer.status_code, error_beside(answer.text, "cv_file")

    assert got == {
        what: (422, str(REFUSALS[code]) % {"most": 20}) for what, (code, _content) in tried.items()
    }
    assert session.scalar(select(func.count(Cv.id))) == 0
    assert len(tried) >= 40


@pytest.mark.parametrize(
    ("role", "status", "answer"),
    [
        (Role.PARTNERSHIP_OFFICER, Status.SUBMITTED, 200),
        (Role.SUPPORT_OFFICER, Status.ACCEPTED, 200),
        (Role.PARTNERSHIP_OFFICER, Status.DRAFT, 404),
        (Role.AUDITOR, Status.SUBMITTED, 403),
    ],
)
def test_who_assesses_reads_the_cv_once_it_is_sent_and_each_view_is_noted(
    new_client: NewClient, role: Role, status: Status, answer: int
) -> None:
    application, client = make_application(status=status, cv=upload("ana.pdf")), new_client()
    officer_of(application, client, role)

    page = client.get(page_of(application)).text
    got = client.get(address_of(application, application.cv))

    assert got.status_code == answer
    assert ("ana.pdf" in page) == (answer != 403)
    noted = db.session.scalars(select(Viewing.about_ref).where(Viewing.what == "cv")).all()
    assert noted == ([application.reference] if answer == 200 else [])


def test_a_colleague_who_only_looks_and_a_stranger_get_no_cv(
    new_client: NewClient, draft: Application
) -> None:
    application, client = make_application(cv=upload()), new_client()
    stranger = make_user(Role.APPLICANT)
    make_organisation(member=stranger)
    db.session.commit()
    sign_in(client, stranger)

    assert client.get(address_of(application, application.cv)).status_code == 404


def test_a_withdrawn_application_keeps_no_cv(client: Visitor, person: User) -> None:
    mine = make_organisation(member=person)
    application = make_application(organisation=mine, author=person, status=Status.SUBMITTED, cv=upload())
    db.session.commit()

    asked = client.get(page_of(application, "/withdraw")).text
    client.submit(page_of(application, "/withdraw"), {"version": str(application.version), "reason": ""})

    db.session.expire_all()
    assert "is deleted" in asked
    assert (application.status, application.cv, files()) == (Status.WITHDRAWN, None, [])


@pytest.mark.parametrize(("asked", "copied"), [(CvAsked.OPTIONAL, True), (CvAsked.NO, False)])
def test_a_new_application_begins_with_the_cv_of_the_last(
    client: Visitor, person: User, asked: CvAsked, copied: bool
) -> None:
    organisation, call = make_organisation(member=person), make_call(cv_asked=asked)
    make_allotment(call)
    make_application(organisation=organisation, status=Status.REJECTED, cv=upload("ana.pdf"))
    db.session.commit()

    path = f"/applications/new?call={call.reference}"
    client.submit(path, {"organisation": str(organisation.id), "carry_over": "y"})

    begun = db.session.scalars(select(Application).where(Application.call_id == call.id)).one()
    assert (begun.cv is not None, len(files())) == (copied, 2 if copied else 1)
    if copied:
        assert client.get(address_of(begun, begun.cv)).status_code == 200


def test_while_changes_are_awaited_officers_read_the_cv_that_was_sent(
    client: Visitor, new_client: NewClient, person: User
) -> None:
    mine, officer = make_organisation(member=person), new_client()
    application = make_application(
        organisation=mine, author=person, status=Status.SUBMITTED, cv=upload("old.pdf")
    )
    sent = application.cv
    officer_of(application, officer)
    make_change_request(application, (PERSON,))
    db.session.commit()

    send(client, application, make_pdf(), "new.pdf")
    db.session.expire_all()
    meanwhile = [officer.get(address_of(application, one)).status_code for one in (sent, application.cv)]
    client.submit(
        page_of(application), {"version": str(application.version)}, to=page_of(application, "/submit")
    )
    db.session.expire_all()
    afterwards = [officer.get(address_of(application, one)).status_code for one in (sent, application.cv)]

    assert (meanwhile, afterwards) == ([200, 404], [404, 200])
    assert files() == ["new.pdf"]
    assert "fingerprint" in officer.get(page_of(application)).text
