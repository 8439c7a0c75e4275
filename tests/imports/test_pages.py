"""Pages of imports: hand in, verdict, take or discard; who may, and what a refusal says."""

import io
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.calls.models import Call
from mobility.core import uploads
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.uploads import Upload
from mobility.imports import queries, services, steps
from mobility.imports.enums import ImportStatus
from mobility.imports.models import Import
from mobility.partnerships.models import Partnership
from tests.imports.conftest import Write
from tests.imports.rows import PARTNERSHIP
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.visitor import Visitor

Db = scoped_session[Session]


@pytest.fixture
def officer(session: Db) -> User:
    return make_user(Role.SUPPORT_OFFICER)


def hand_in(call: Call, path: Path, officer: User) -> Import:
    found = services.hand_in("partnerships", call, Upload(path.name, path.read_bytes()), actor=officer)
    db.session.commit()
    return found


def number(session: Db) -> int:
    return session.scalar(select(func.count()).select_from(Partnership)) or 0


def test_a_file_is_tried_kept_out_and_then_taken_whole(
    client: Visitor, session: Db, call: Call, officer: User, write: Write
) -> None:
    before = number(session)
    sign_in(client, officer)
    file = io.BytesIO(write("partnerships", PARTNERSHIP).read_bytes())
    fields = {"call": call.reference, "kind": "partnerships", "file": (file, "new partners.csv")}

    answer = client.submit("/imports/new", fields)
    assert answer.status_code == 302
    session.commit()
    found = session.scalars(select(Import)).one()
    assert "being checked" in client.get(answer.location).text

    steps.try_out(found.id)
    session.commit()
    page = client.get(answer.location).text
    assert (found.status, found.new, number(session)) == (ImportStatus.CHECKED, 1, before)
    assert "Import 1 row" in page

    client.submit(answer.location, {"version": str(found.version)}, to=f"{answer.location}/take")
    session.commit()
    steps.take_in(found.id)
    session.commit()
    assert (found.status, number(session), found.content) == (ImportStatus.IMPORTED, before + 1, None)
    assert "Everything is in" in client.get(answer.location).text


def test_a_refused_file_changes_nothing_and_its_problems_can_be_downloaded(
    client: Visitor, session: Db, call: Call, officer: User, write: Write
) -> None:
    before = number(session)
    wrong = PARTNERSHIP | {"partnership": "NEXT", "budget_eur": "=1+1", "email": "nobody"}
    found = hand_in(call, write("partnerships", PARTNERSHIP, wrong), officer)
    steps.try_out(found.id)
    session.commit()

    sign_in(client, officer)
    page = client.get(f"/imports/{found.reference}").text
    assert (found.status, found.problem_count, number(session)) == (ImportStatus.REFUSED, 2, before)
    assert "Mend the file" in page
    lines = client.get(f"/imports/{found.reference}/problems.csv").text.splitlines()
    assert lines[0].lstrip("\ufeff") == "row,column,value,reason"
    assert lines[1].startswith("3,email,nobody,")
    assert lines[2].startswith("3,budget_eur,'=1+1,")


def test_what_changed_since_the_check_undoes_the_whole_import(
    session: Db, call: Call, officer: User, write: Write
) -> None:
    found = hand_in(call, write("partnerships", PARTNERSHIP), officer)
    steps.try_out(found.id)
    session.commit()
    services.take(found, found.version, actor=officer)
    session.execute(update(Import).where(Import.id == found.id).values(content=b"partnership\nGREEN\n"))
    session.commit()
    before = number(session)

    steps.take_in(found.id)
    session.commit()
    assert (found.status, number(session)) == (ImportStatus.REFUSED, before)


def test_a_discarded_import_is_not_taken_by_a_job_that_comes_late(
    session: Db, call: Call, officer: User, write: Write
) -> None:
    found = hand_in(call, write("partnerships", PARTNERSHIP), officer)
    services.discard(found, found.version, actor=officer)
    session.commit()
    before = number(session)
    steps.try_out(found.id)
    steps.take_in(found.id)
    session.commit()
    assert (found.status, number(session)) == (ImportStatus.DISCARDED, before)


def test_an_import_is_begun_once(session: Db, call: Call, officer: User, write: Write) -> None:
    found = hand_in(call, write("partnerships", PARTNERSHIP), officer)
    steps.try_out(found.id)
    session.commit()
    version = found.version
    services.take(found, version, actor=officer)
    with pytest.raises(RuleBroken, match="stale"):
        services.take(found, version, actor=officer)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\x89PNG\0", "neither CSV nor XLSX"),
        ("a.csv", b"x" * 2000, "larger than 5 MB"),
        ("", b"", "Choose a CSV or XLSX file"),
    ],
)
def test_a_file_that_is_no_table_is_refused_beside_its_field(
    client: Visitor,
    call: Call,
    officer: User,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
    words: str,
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_FILE", 1000)
    sign_in(client, officer)
    fields = {"call": call.reference, "kind": "offers", "file": (io.BytesIO(content), name)}
    answer = client.submit("/imports/new", fields)
    assert answer.status_code == 422
    assert words in answer.text


def test_an_empty_table_of_each_kind_can_be_downloaded(client: Visitor, officer: User) -> None:
    sign_in(client, officer)
    assert client.get("/imports/blank/partnerships.csv").text.lstrip("\ufeff").startswith("partnership,")
    assert client.get("/imports/blank/nothing.csv").status_code == 404


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PARTNERSHIP_OFFICER, Role.AUDITOR, Role.APPLICANT])
def test_only_the_support_office_imports(client: Visitor, session: Db, role: Role) -> None:
    sign_in(client, make_user(role))
    assert client.get("/imports").status_code == 403


def test_an_officer_of_one_call_does_not_import_into_another(
    session: Db, call: Call, officer: User, write: Write
) -> None:
    other = make_call()
    session.execute(update(RoleGrant).where(RoleGrant.user_id == officer.id).values(call_id=other.id))
    session.expire_all()
    assert [one.id for one in queries.calls_for(officer)] == [other.id]


def test_an_import_under_way_always_has_its_file(
    session: Db, call: Call, officer: User, write: Write
) -> None:
    found = hand_in(call, write("partnerships", PARTNERSHIP), officer)
    with pytest.raises(IntegrityError, match="ck_import_content"):
        session.execute(update(Import).where(Import.id == found.id).values(content=None))
