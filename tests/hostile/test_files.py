"""Files: who gets which, and what is no file or not the right one."""

from io import BytesIO

import pytest
from sqlalchemy import text

from tests.hostile.tables import changed, digests, tell
from tests.hostile.values import CHOICE
from tests.hostile.world import World
from tests.make.reporting import make_pdf

EVERYBODY = (
    "",
    "applicant A",
    "host A",
    "officer A",
    "initiator A",
    "approver A",
    "applicant B",
    "host B",
    "officer B",
    "initiator B",
    "approver B",
    "newcomer A",
    "support_officer",
    "finance_initiator",
    "finance_approver",
    "auditor",
    "administrator",
)
READ_ALL = {"support_officer", "auditor", "administrator"}
FINANCE = {"finance_initiator", "finance_approver", "initiator A", "approver A"}
VISIT = {"applicant A", "officer A", *READ_ALL, *FINANCE}
# Which record's file, and who gets it.
FILES = {
    "/agreements/{agreement signed}/paper": VISIT | {"host A"},
    "/agreements/{agreement financial}/paper": VISIT,
    "/payments/{order due}.pdf": VISIT,
    "/payments/batches/{batch exported}.pdf": FINANCE | {"officer A"} | READ_ALL,
    "/payments/batches/{batch exported}.csv": FINANCE | {"officer A"} | READ_ALL,
    "/payments/batches/{batch exported}.xml": FINANCE,
    "/applications/{application submitted}/cv/{cv submitted}": {
        "applicant A",
        "officer A",
        "support_officer",
    },
    "/reports/{report filed}/evidence/{evidence filed}": {
        "applicant A",
        "officer A",
        "support_officer",
        "auditor",
        "administrator",
    },
    "/reports/{report accepted}/certificate.pdf": VISIT,
}
IN_PARTS = "multipart/form-data"
NO_PDF = (b"", b"x", b"%PDF-", b"<script>alert(1)</script>", b"\0" * 1000, b"%PDF-1.7 \n%%EOF", b"PK\x03\x04")


def address_of(world: World, kind: str) -> str:
    return kind.format_map(world.sides["A"].references)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_goes_only_to_whom_its_record_is_open(world: World, kind: str) -> None:
    before, answers = digests(world.connection), {}
    for person in EVERYBODY:
        client = world.people[person] if person else world.stranger()
        answers[person] = client.get(address_of(world, kind))

    got = {person for person, answer in answers.items() if answer.status_code == 200}
    assert got == FILES[kind]
    for person, answer in answers.items():
        is_file = answer.status_code == 200
        assert is_file or answer.status_code in {302, 403, 404}, person
        assert is_file == ("attachment" in answer.headers.get("Content-Disposition", "")), person
        assert is_file or b"CANARY-A-paper" not in answer.data, person
        assert answer.headers["Cache-Control"] == "no-store"
    assert changed(before, digests(world.connection)) == []
    tell(f"{kind}: {len(got)} of {len(EVERYBODY)} get it")


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_closed_to_whoever_lost_the_role(world: World, kind: str) -> None:
    people = FILES[kind] - {"applicant A", "host A"}
    world.connection.execute(text("DELETE FROM role_grant"))

    for person in people:
        assert world.people[person].get(address_of(world, kind)).status_code in {302, 303, 403, 404}, person


def test_evidence_of_another_report_is_not_found_under_this_one(world: World) -> None:
    of = world.sides["A"].references

    for other in ("draft", "returned", "accepted"):
        address = f"/reports/{of['report filed']}/evidence/{of[f'evidence {other}']}"
        assert world.people["officer A"].get(address).status_code == 404


def test_a_cv_of_another_application_or_of_a_draft_is_not_found(world: World) -> None:
    of, officer = world.sides["A"].references, world.people["officer A"]
    reference = of["application submitted"]

    for status in ("accepted", "draft", "changes_asked"):
        assert officer.get(f"/applications/{reference}/cv/{of[f'cv {status}']}").status_code == 404
    assert officer.get(f"/applications/{of['application draft']}/cv/{of['cv draft']}").status_code == 404
    assert "cv withdrawn" not in of


def test_what_is_no_evidence_is_refused_and_changes_nothing(world: World) -> None:
    address, tried = f"/reports/{world.sides['A'].references['report draft']}/evidence", 0
    before = digests(world.connection)
    bad = [{"kind": "other", "file": (BytesIO(content), "a.pdf")} for content in NO_PDF]
    bad += [{"kind": kind, "file": (BytesIO(make_pdf()), "a.pdf")} for kind in (*CHOICE.values(), "cv", "")]
    bad += [{"kind": "other"}, {"kind": "other", "file": "text"}, {"file": (BytesIO(b"x"), "")}]
    for given in bad:
        parts = {key: _sendable(value) for key, value in given.items()}
        answer = world.people["applicant A"].post(address, data=parts, content_type=IN_PARTS)
        assert answer.status_code == 422, parts
        assert "<script>alert" not in answer.text
        tried += 1

    large = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + b"x" * (
        9 * 2**20
    )
    answer = world.people["applicant A"].post(address, data=large, content_type=IN_PARTS + "; boundary=x")
    assert answer.status_code == 413
    assert changed(before, digests(world.connection)) == []
    tell(f"{tried + 1} bad files")


def test_the_name_of_a_file_is_text_and_leads_nowhere(world: World) -> None:
    report, client = world.sides["A"].references["report draft"], world.people["applicant A"]
    for name in (
        "../../etc/passwd",
        "<script>alert('typed')</script>.exe",
        "=1+1",
        "\u202efdp",
    ):
        parts = {"kind": "other", "file": (BytesIO(make_pdf()), name)}
        answer = client.post(f"/reports/{report}/evidence", data=parts, content_type=IN_PARTS)
        assert answer.status_code == 302, name

    page = client.get(f"/reports/{report}").text

    assert "<script>alert" not in page
    asked = text(
        "SELECT sha256 FROM evidence e JOIN closing_report r ON r.id = report_id WHERE reference = :r"
    )
    for sha256 in world.connection.scalars(asked, {"r": report}).all():
        answer = client.get(f"/reports/{report}/evidence/{sha256}")
        told = answer.headers["Content-Disposition"]
        assert answer.status_code == 200
        assert told.startswith("attachment; ")
        assert not set(told) & set("\r\n/\\"), told


@pytest.mark.parametrize("state", ["filed", "accepted"])
def test_the_evidence_of_a_filed_report_stands(world: World, state: str) -> None:
    of = world.sides["A"].references
    address, client = f"/reports/{of[f'report {state}']}/evidence", world.people["applicant A"]
    parts = {"kind": "other", "file": (BytesIO(make_pdf()), "a.pdf")}
    before = digests(world.connection)

    added = client.post(address, data=parts, content_type=IN_PARTS)
    removed = client.post(f"{address}/{of[f'evidence {state}']}/remove")

    assert (added.status_code, removed.status_code) == (409, 409)
    assert changed(before, digests(world.connection)) == []


def test_a_paper_held_against_its_code_is_compared_and_never_kept(world: World) -> None:
    address = f"/verify/{world.sides['A'].references['paper agreement']}"
    before = digests(world.connection)
    for content in (*NO_PDF[1:], make_pdf()):
        parts = {"paper": (BytesIO(content), "../<script>.pdf")}
        answer = world.stranger().post(address, data=parts, content_type=IN_PARTS)
        assert answer.status_code == 200
        assert "CANARY" not in answer.text
        assert "<script>" not in answer.text
    for nothing in ({}, {"paper": "text"}):
        answer = world.stranger().post(address, data=nothing, content_type=IN_PARTS)
        assert answer.status_code == 422
    assert changed(before, digests(world.connection)) == []


def _sendable(value: object) -> object:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
