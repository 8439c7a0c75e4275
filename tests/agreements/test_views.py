from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.agreements import queries, services
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.exchanges.enums import ExchangeStatus
from tests.agreements.pages import PLAN, enter, enter_as, hidden, plan_path, signing
from tests.make.accounts import make_user
from tests.make.agreements import (
    make_agreed_exchange,
    make_commitment,
    make_financial,
    make_plan,
    sign_all,
    sign_slot,
    signer,
)
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.pages import next_on
from tests.statements import statements_of
from tests.visitor import Visitor

# Twelve of the page, and six SAVEPOINTs that keep the test's own transaction apart.
MOST_STATEMENTS = 12 + 6


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.HOST, Role.PARTNERSHIP_OFFICER])
def test_strangers_find_neither_plan_nor_agreement(
    session: scoped_session[Session], client: Visitor, role: Role
) -> None:
    agreement = make_commitment()
    services.print_agreement(agreement)
    exchange = agreement.exchange
    partnership = make_partnership() if role is Role.PARTNERSHIP_OFFICER else None
    enter(client, make_user(role, partnership=partnership))

    for path in (
        plan_path(exchange),
        f"/exchanges/{exchange.reference}/agreements",
        f"/exchanges/{exchange.reference}/dates",
        f"/agreements/{agreement.number}",
        f"/agreements/{agreement.number}/paper",
    ):
        assert client.get(path).status_code == 404, path
    assert agreement.number not in client.get("/agreements").text


def test_a_stranger_changes_nothing(session: scoped_session[Session], client: Visitor) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    enter(client, make_user(Role.APPLICANT))

    for path, fields in (
        (plan_path(exchange), PLAN | {"version": "2", "exchange_version": "1"}),
        (f"/exchanges/{exchange.reference}/draw-up", {"version": "2"}),
        (f"/exchanges/{exchange.reference}/amend", {"in_force": f"{agreement.number}/1", "reason": "No."}),
        (f"/agreements/{agreement.number}/sign", signing(agreement, Slot.VO)),
    ):
        assert client.submit("/", fields, to=path).status_code == 404, path

    session.refresh(agreement)
    assert agreement.status is AgreementStatus.SIGNING
    assert agreement.signatures == []


@pytest.mark.parametrize("slot", list(Slot))
def test_each_party_reads_the_text_and_signs_it(
    session: scoped_session[Session], client: Visitor, slot: Slot
) -> None:
    agreement = make_commitment()
    person = enter_as(client, agreement.exchange, slot)
    path = f"/agreements/{agreement.number}"
    page = client.get(path).text

    answer = client.submit(path, signing(agreement, slot, sha256=hidden(page, "sha256")), to=f"{path}/sign")

    session.refresh(agreement)
    (signature,) = agreement.signatures
    assert "Learn how blades are tested" in page
    assert answer.status_code == 302
    assert (signature.slot, signature.user_id, signature.name) == (slot, person.id, "Vera Visitor")
    assert signature.sha256 == agreement.sha256
    assert signature.address == "127.0.0.1"
    assert "Vera Visitor" in client.get(path).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"has_read": ""}, "has_read"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"position": ""}, "position"),
        ({"slot": "ho"}, "slot"),
        ({"slot": "nobody"}, "slot"),
    ],
)
def test_a_signature_that_lacks_something_is_refused_beside_its_field(
    session: scoped_session[Session], client: Visitor, changes: dict[str, str], field: str
) -> None:
    agreement = make_commitment()
    enter_as(client, agreement.exchange, Slot.VO)
    path = f"/agreements/{agreement.number}"
    fields = signing(agreement, Slot.VO, **changes)
    if not fields["has_read"]:
        del fields["has_read"]

    answer = client.submit(path, fields, to=f"{path}/sign")

    session.refresh(agreement)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert agreement.signatures == []


@pytest.mark.parametrize("sha256", ["", "0" * 64])
def test_another_text_than_the_one_shown_is_not_signed(
    session: scoped_session[Session], client: Visitor, sha256: str
) -> None:
    agreement = make_commitment()
    enter_as(client, agreement.exchange, Slot.VO)
    path = f"/agreements/{agreement.number}"

    answer = client.submit(path, signing(agreement, Slot.VO, sha256=sha256), to=f"{path}/sign")

    session.refresh(agreement)
    assert answer.status_code == 409
    assert "not the text that you were shown" in answer.text
    assert agreement.signatures == []


def test_a_signature_without_the_text_that_was_shown_is_not_taken(
    session: scoped_session[Session], client: Visitor
) -> None:
    agreement = make_commitment()
    enter_as(client, agreement.exchange, Slot.VO)
    path = f"/agreements/{agreement.number}"
    fields = signing(agreement, Slot.VO)
    del fields["sha256"]

    answer = client.submit(path, fields, to=f"{path}/sign")

    session.refresh(agreement)
    assert answer.status_code == 409
    assert agreement.signatures == []


def test_a_text_that_was_voided_after_the_page_was_opened_is_not_signed(
    session: scoped_session[Session], client: Visitor
) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    enter_as(client, exchange, Slot.VO)
    path = f"/agreements/{agreement.number}"
    client.get(path)
    services.amend(exchange, "Other goals.", actor=None)
    newer = services.draw_up(exchange, actor=None)
    session.commit()

    answer = client.submit("/", signing(agreement, Slot.VO), to=f"{path}/sign")

    session.refresh(newer)
    assert answer.status_code == 409
    assert newer.signatures == []


def test_who_signed_already_is_told_so(session: scoped_session[Session], client: Visitor) -> None:
    agreement = make_commitment()
    person = sign_slot(agreement, Slot.VO)
    enter(client, person)

    answer = client.submit("/", signing(agreement, Slot.VO), to=f"/agreements/{agreement.number}/sign")

    session.refresh(agreement)
    assert answer.status_code == 409
    assert "signed already" in answer.text
    assert len(agreement.signatures) == 1


def test_the_host_sees_nothing_of_the_money(session: scoped_session[Session], client: Visitor) -> None:
    agreement = make_financial()
    exchange = agreement.exchange
    services.print_agreement(agreement)
    enter_as(client, exchange, Slot.HO)

    assert client.get(f"/agreements/{agreement.number}").status_code == 404
    assert client.get(f"/agreements/{agreement.number}/paper").status_code == 404
    for path in ("/agreements", f"/exchanges/{exchange.reference}/agreements", plan_path(exchange)):
        assert agreement.number not in client.get(path).text, path


def test_the_hosts_partnership_sees_nothing_of_the_money(
    session: scoped_session[Session], client: Visitor
) -> None:
    agreement = make_financial()
    enter_as(client, agreement.exchange, Slot.HOP)

    assert client.get(f"/agreements/{agreement.number}").status_code == 404
    assert agreement.number not in client.get("/agreements").text


@pytest.mark.parametrize("slot", [Slot.VO, Slot.VOP])
def test_the_visitor_and_its_partnership_see_amount_and_reason(
    session: scoped_session[Session], client: Visitor, slot: Slot
) -> None:
    agreement = make_financial(make_agreed_exchange(days=3))
    enter_as(client, agreement.exchange, slot)

    page = client.get(f"/agreements/{agreement.number}").text

    assert "€390.00" in page
    assert "Half: fewer than 5 working days" in page


def test_the_paper_is_a_file_to_keep(session: scoped_session[Session], client: Visitor) -> None:
    agreement = make_commitment()
    enter_as(client, agreement.exchange, Slot.HO)
    path = f"/agreements/{agreement.number}/paper"
    before = client.get(path).status_code
    services.print_agreement(agreement)
    session.commit()

    paper = client.get(path)

    assert before == 404
    assert paper.data.startswith(b"%PDF-")
    assert paper.headers["Content-Disposition"] == f"attachment; filename={agreement.number}.pdf"


def test_the_list_is_narrowed_by_kind_state_and_missing_signature(
    session: scoped_session[Session], client: Visitor
) -> None:
    financial = make_financial()
    commitment = queries.in_force(financial.exchange, AgreementKind.COMMITMENT)
    assert commitment is not None
    other = make_commitment()
    sign_slot(other, Slot.HO)
    void = make_commitment()
    services.amend(void.exchange, "Other goals.", actor=None)
    enter(client, make_user(Role.AUDITOR))

    def listed(query: str) -> set[str]:
        page = client.get(f"/agreements{query}").text
        return {one.number for one in (financial, commitment, other, void) if one.number in page}

    assert listed("") == {financial.number, commitment.number, other.number, void.number}
    assert listed("?kind=financial") == {financial.number}
    assert listed("?status=void") == {void.number}
    assert listed("?missing=ho") == set()
    assert listed("?missing=vop") == {financial.number, other.number}
    assert listed("?missing=hop") == {other.number}
    assert listed("?missing=any") == {financial.number, other.number}
    assert listed(f"?q={other.exchange.reference}") == {other.number}


def test_what_waits_for_somebodys_signature_is_on_top_until_signed(
    session: scoped_session[Session], client: Visitor
) -> None:
    agreement = make_commitment()
    person = enter_as(client, agreement.exchange, Slot.VO)

    before = client.get("/agreements").text
    sign_slot(agreement, Slot.VO, person)
    session.commit()

    assert "Waiting for your signature" in before
    assert "Waiting for your signature" not in client.get("/agreements").text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_few_statements_whatever_its_length(
    session: scoped_session[Session], client: Visitor, count: int
) -> None:
    for _ in range(count):
        sign_slot(make_commitment(), Slot.HO)
    enter(client, make_user(Role.AUDITOR))

    assert statements_of(client, "/agreements") <= MOST_STATEMENTS


def test_each_page_takes_few_statements(session: scoped_session[Session], client: Visitor) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    enter_as(client, exchange, Slot.VOP)

    taken = {
        path: statements_of(client, path)
        for path in (
            f"/agreements/{agreement.number}",
            f"/exchanges/{exchange.reference}/agreements",
            f"/exchanges/{exchange.reference}/dates",
            plan_path(exchange),
        )
    }

    assert max(taken.values()) <= MOST_STATEMENTS, taken


def test_what_people_wrote_stays_text(session: scoped_session[Session], client: Visitor) -> None:
    script = "<script>alert(1)</script>"
    exchange = make_agreed_exchange(visitor=make_organisation(name=script, account=None))
    agreement = services.draw_up(make_plan(exchange, tasks=script, place=script).exchange, actor=None)
    enter_as(client, exchange, Slot.VOP)

    for path in (
        "/agreements",
        f"/agreements/{agreement.number}",
        f"/exchanges/{exchange.reference}/agreements",
        f"/exchanges/{exchange.reference}/dates",
        plan_path(exchange),
    ):
        page = client.get(path)
        assert page.status_code == 200
        assert script not in page.text, path


@pytest.mark.parametrize(
    "number",
    ["CQ", "CQ-1", "CQ-2026-0001-", "CQ-2026-0001-01", "CQ-2026-0001-٣", "CQ-2026-0001-999999999999"],
)
def test_a_number_that_is_none_does_not_exist(
    session: scoped_session[Session], client: Visitor, number: str
) -> None:
    make_commitment()
    enter(client, make_user(Role.AUDITOR))

    assert client.get(f"/agreements/{number}").status_code == 404


def test_a_confirmed_exchange_keeps_its_agreements(session: scoped_session[Session], client: Visitor) -> None:
    agreement = make_financial()
    exchange = agreement.exchange
    sign_all(agreement)
    enter_as(client, exchange, Slot.VOP)
    path = f"/exchanges/{exchange.reference}/agreements"

    page = client.get(path).text
    answer = client.submit(
        "/",
        {"in_force": f"{agreement.number}/1", "reason": "No."},
        to=f"/exchanges/{exchange.reference}/amend",
    )

    session.refresh(agreement)
    assert exchange.status is ExchangeStatus.CONFIRMED
    assert "Take back what was signed" not in page
    assert answer.status_code == 409
    assert agreement.status is AgreementStatus.SIGNED


def test_the_page_of_the_exchange_leads_to_plan_and_agreements(
    session: scoped_session[Session], new_client: Callable[[], Visitor]
) -> None:
    exchange = make_agreed_exchange()
    client = new_client()
    enter_as(client, exchange, Slot.HO)

    page = client.get(f"/exchanges/{exchange.reference}").text

    assert f'href="/exchanges/{exchange.reference}/agreements"' in page


def test_only_who_fills_a_free_slot_is_told_to_sign(
    session: scoped_session[Session], new_client: Callable[[], Visitor]
) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    has_signed, signs = sign_slot(agreement, Slot.VO), signer(exchange, Slot.HO)
    paths = (f"/exchanges/{exchange.reference}/agreements", plan_path(exchange))
    for user, told in (
        (signs, "Read it and sign"),
        (has_signed, "Wait for signatures"),
        (make_user(Role.AUDITOR), "Wait for signatures"),
    ):
        client = new_client()
        enter(client, user)

        for path in paths:
            assert next_on(client.get(path).text).startswith(told), (user.email, path)


def test_on_the_plan_of_a_signed_commitment_nothing_is_next(
    session: scoped_session[Session], client: Visitor
) -> None:
    exchange = make_financial().exchange
    enter_as(client, exchange, Slot.HO)

    page = client.get(plan_path(exchange)).text

    assert next_on(page).startswith("Nothing for now")
    assert 'class="button button-stop"' in page
