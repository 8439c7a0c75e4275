"""The secret address of one's own exchanges."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.accounts.services import grant
from mobility.audit.models import Entry
from mobility.calls.services import reserve
from mobility.exchanges import services
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import CalendarFeed, Exchange
from tests.exchanges.test_calendar import a_stay
from tests.make.accounts import make_user, sign_in
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
PAGE = "/exchanges/calendar/feed"


def address_for(client: Visitor, user: User) -> str:
    """The path of a new address of the person."""
    sign_in(client, user)
    found = re.search(r'value="[^"]*(/exchanges/calendar/[^"]+\.ics)"', client.submit(PAGE, {}).text)
    assert found
    return found[1]


def lines_at(client: Visitor, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    return answer.text.replace("\r\n ", "").split("\r\n")


def a_visit(author: User) -> Exchange:
    return a_stay(author=author, host=make_organisation(name="Porto, Inc; Ltd", country="PT", town="Porto"))


@pytest.fixture
def stranger(new_client: Callable[[], Visitor]) -> Visitor:
    """A calendar program: it is not signed in."""
    return new_client()


def test_a_calendar_program_finds_the_persons_own_exchanges(
    client: Visitor, stranger: Visitor, session: Db
) -> None:
    author = make_user(Role.APPLICANT)
    visit, other = a_visit(author), a_stay()
    session.commit()

    lines = lines_at(stranger, address_for(client, author))

    assert lines.count("BEGIN:VEVENT") == 1
    assert "SUMMARY:Visit to Porto\\, Inc\\; Ltd" in lines
    assert "STATUS:TENTATIVE" in lines
    assert f"DTSTART;VALUE=DATE:{visit.first_day:%Y%m%d}" in lines
    assert not any(other.reference in line for line in lines)


def test_the_host_reads_who_comes_and_neither_a_person_nor_money(
    client: Visitor, stranger: Visitor, session: Db
) -> None:
    host = make_user(Role.HOST)
    stay = a_stay(host=make_organisation(member=host, country="PT"))
    session.commit()

    lines = lines_at(stranger, address_for(client, host))

    assert f"SUMMARY:Visit of {stay.visiting_organisation.name}" in lines
    text = "\n".join(lines)
    for secret in (stay.application.person_name, stay.application.person_email, stay.offer.contact_email):
        assert secret not in text
    assert not re.search(r"€|EUR|lump", text)


def test_an_officer_who_takes_part_too_finds_only_what_is_their_own(
    client: Visitor, stranger: Visitor, session: Db
) -> None:
    vop = make_partnership()
    both = make_user(Role.PARTNERSHIP_OFFICER, partnership=vop)
    grant(both, Role.APPLICANT)
    a_stay(vop=vop)
    session.commit()

    assert "BEGIN:VEVENT" not in lines_at(stranger, address_for(client, both))


def test_other_dates_and_a_visit_called_off_carry_a_higher_sequence(
    client: Visitor, stranger: Visitor, session: Db
) -> None:
    author = make_user(Role.APPLICANT)
    visit = a_visit(author)
    reserve(visit.call, visit.vop, visit.lump_sum_cents)
    session.commit()
    path = address_for(client, author)

    def seen() -> tuple[int, str, str]:
        told = dict(line.split(":", 1) for line in lines_at(stranger, path) if ":" in line)
        return int(told["SEQUENCE"]), told["STATUS"], told["UID"]

    before = seen()
    services.confirm(visit, actor=None)
    session.commit()
    confirmed = seen()
    services.cancel(visit, "Ill", actor=None)
    session.commit()
    off = seen()

    assert [one[1] for one in (before, confirmed, off)] == ["TENTATIVE", "CONFIRMED", "CANCELLED"]
    assert before[0] < confirmed[0] < off[0]
    assert before[2] == confirmed[2] == off[2]


def test_a_new_address_closes_the_one_before_and_only_its_hash_is_kept(
    client: Visitor, stranger: Visitor, session: Db
) -> None:
    author = make_user(Role.APPLICANT)
    session.commit()

    first, second = address_for(client, author), address_for(client, author)

    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200
    kept = session.scalars(select(CalendarFeed)).one()
    assert kept.token_sha256 not in second
    assert second.removesuffix(".ics").rpartition("/")[2] not in client.get(PAGE).text


def test_a_revoked_address_is_found_no_more_and_the_log_says_so(
    client: Visitor, stranger: Visitor, session: Db
) -> None:
    author = make_user(Role.APPLICANT)
    session.commit()
    path = address_for(client, author)

    client.submit(PAGE, {}, to=f"{PAGE}/revoke")
    client.submit(PAGE, {}, to=f"{PAGE}/revoke")

    assert stranger.get(path).status_code == 404
    verbs = session.scalars(select(Entry.verb).where(Entry.verb.startswith("calendar.")).order_by(Entry.id))
    assert list(verbs) == ["calendar.made", "calendar.revoked"]


def test_who_may_not_sign_in_or_take_part_any_more_has_no_calendar(
    client: Visitor, stranger: Visitor, session: Db
) -> None:
    closed, without_role = make_user(Role.APPLICANT), make_user(Role.APPLICANT)
    session.commit()
    paths = [address_for(client, user) for user in (closed, without_role)]

    closed.active = False
    session.execute(delete(RoleGrant).where(RoleGrant.user_id == without_role.id))
    session.commit()

    assert [stranger.get(path).status_code for path in paths] == [404, 404]


def test_what_ended_long_ago_is_left_out(client: Visitor, stranger: Visitor, session: Db) -> None:
    author = make_user(Role.APPLICANT)
    old = a_stay(-60, author=author)
    old.status = ExchangeStatus.CLOSED
    session.commit()

    assert "BEGIN:VEVENT" not in lines_at(stranger, address_for(client, author))


@pytest.mark.parametrize("token", ["x", "a" * 1500, "%00", "é", "../../etc"])
def test_a_wrong_address_is_not_found(stranger: Visitor, token: str) -> None:
    assert stranger.get(f"/exchanges/calendar/{token}.ics").status_code == 404


def test_staff_have_no_address_of_their_own(client: Visitor, session: Db) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    assert client.get(PAGE).status_code == 403
    assert session.scalar(select(func.count()).select_from(CalendarFeed)) == 0


def test_the_calendar_asks_the_database_as_much_for_three_as_for_one(
    client: Visitor, stranger: Visitor, session: Db
) -> None:
    host = make_user(Role.HOST)
    a_stay(host=make_organisation(member=host))
    session.commit()
    path = address_for(client, host)
    asked = statements_of(stranger, path)

    for _ in range(2):
        a_stay(host=make_organisation(member=host))
    session.commit()

    assert statements_of(stranger, path) == asked
