"""Notes on applications and offers: who reads them, who writes them, and where they never stand."""

from collections.abc import Callable
from typing import Any

import pytest

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.applications.services import assess as assess_application
from mobility.audit.queries import entries_about
from mobility.core.db import db
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.mail.queries import letters_about
from mobility.notes.queries import notes_about
from mobility.notes.services import note
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.pages import error_beside
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]
INSIDE, SHARED = "Doubtful turnover, ask the bank.", "Bring the residence permit."
KINDS = ("application", "offer")


def waiting(kind: str, member: User) -> tuple[Any, str]:
    """A submitted record whose organisation a person acts for, and its address."""
    own: dict[str, Any] = {
        "organisation": make_organisation(member=member),
        "partnership": make_partnership(),
    }
    if kind == "application":
        application = make_application(status=Status.SUBMITTED, **own)
        return application, f"/applications/{application.reference}"
    offer = make_offer(status=OfferStatus.SUBMITTED, **own)
    return offer, f"/hosts/{offer.reference}"


def noted(record: Application | Offer) -> None:
    author = make_user(Role.SUPPORT_OFFICER, name="Olga Officer")
    note(record, INSIDE, is_shared=False, actor=author)
    note(record, SHARED, is_shared=True, actor=author)
    db.session.commit()


def member_of(kind: str) -> User:
    return make_user(Role.APPLICANT if kind == "application" else Role.HOST)


def page_for(user: User, address: str, new_client: NewClient) -> str:
    db.session.commit()
    client = new_client()
    sign_in(client, user)
    return client.get(address).text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", [Role.PARTNERSHIP_OFFICER, Role.SUPPORT_OFFICER])
def test_those_who_assess_read_every_note_with_its_author(
    new_client: NewClient, kind: str, role: Role
) -> None:
    record, address = waiting(kind, member_of(kind))
    noted(record)

    page = page_for(make_user(role, partnership=record.partnership), address, new_client)

    assert INSIDE in page
    assert SHARED in page
    assert "Olga Officer" in page


@pytest.mark.parametrize("kind", KINDS)
def test_the_applicant_or_host_reads_only_what_is_shared(new_client: NewClient, kind: str) -> None:
    member = member_of(kind)
    record, address = waiting(kind, member)
    noted(record)

    page = page_for(member, address, new_client)

    assert SHARED in page
    assert INSIDE not in page
    assert "Olga Officer" not in page
    assert 'name="note"' not in page


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.FINANCE_INITIATOR])
def test_no_other_staff_reads_a_note(new_client: NewClient, kind: str, role: Role) -> None:
    record, address = waiting(kind, member_of(kind))
    noted(record)

    page = page_for(make_user(role), address, new_client)

    assert INSIDE not in page
    assert SHARED not in page


@pytest.mark.parametrize("kind", KINDS)
def test_officers_of_other_partnerships_neither_read_nor_write(new_client: NewClient, kind: str) -> None:
    record, address = waiting(kind, member_of(kind))
    noted(record)
    client = new_client()
    sign_in(client, make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership()))
    db.session.commit()

    page = client.get(address)
    answer = client.submit("/account/password", {"note": "Me too."}, to=f"{address}/notes")

    assert INSIDE not in page.text
    assert answer.status_code == 404
    assert len(notes_about(record, only_shared=False)) == 2


def test_an_officer_of_the_own_organisation_reads_only_what_is_shared_and_writes_nothing(
    new_client: NewClient,
) -> None:
    officer = make_user(Role.SUPPORT_OFFICER)
    record, address = waiting("application", officer)
    noted(record)

    page = page_for(officer, address, new_client)
    client = new_client()
    sign_in(client, officer)
    answer = client.submit("/account/password", {"note": "Take us."}, to=f"{address}/notes")

    assert SHARED in page
    assert INSIDE not in page
    assert answer.status_code == 403
    assert len(notes_about(record, only_shared=False)) == 2


@pytest.mark.parametrize("is_shared", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_note_is_kept_as_chosen_and_the_log_does_not_quote_it(
    new_client: NewClient, kind: str, is_shared: bool
) -> None:
    record, address = waiting(kind, member_of(kind))
    client, officer = new_client(), make_user(Role.SUPPORT_OFFICER)
    db.session.commit()
    sign_in(client, officer)

    answer = client.submit(
        address, {"note": INSIDE, **({"is_shared": "y"} if is_shared else {})}, to=f"{address}/notes"
    )

    assert answer.status_code == 302
    (written,) = notes_about(record, only_shared=False)
    assert (written.text, written.author_id, written.is_shared) == (INSIDE, officer.id, is_shared)
    entry = entries_about(record)[-1]
    assert (entry.verb, entry.values) == ("note.written", {"shared": is_shared})


def test_an_empty_note_is_answered_beside_its_field(new_client: NewClient) -> None:
    record, address = waiting("application", member_of("application"))
    client = new_client()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    db.session.commit()

    answer = client.submit(address, {"note": " "}, to=f"{address}/notes")

    assert answer.status_code == 422
    assert error_beside(answer.text, "note") == "Fill in this answer."
    assert notes_about(record, only_shared=False) == []


def test_a_note_stands_in_no_letter_list_search_or_export(new_client: NewClient) -> None:
    member = member_of("application")
    record, _address = waiting("application", member)
    noted(record)
    assess_application(record, accepted=False, reason="Not now.", actor=None)
    client = new_client()
    db.session.commit()
    sign_in(client, member)

    assert letters_about(record)
    for letter in letters_about(record):
        assert INSIDE not in letter.subject + letter.body
    for address in (
        "/applications",
        "/applications?q=Doubtful",
        "/applications?format=csv",
        "/organisations/mine",
    ):
        assert INSIDE not in client.get(address).text
    assert record.reference not in client.get("/applications?q=Doubtful").text
