"""One's own organisation, and the list for staff."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.mail.models import Letter
from mobility.organisations.models import Organisation, OrganisationMember
from tests.make.accounts import PASSWORD, make_user, sign_in
from tests.make.applications import make_application
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
MINE = "/organisations/mine"
FIELDS = {
    "name": "Lana Rigenerata S.r.l.",
    "registration": "01977420974",
    "type": "sme",
    "country": "IT",
    "town": "Prato",
    "region": "iti1",
    "staff": "23",
    "turnover": "3300000.50",
    "cluster_name": "Distretto Tessile Prato",
    "cluster_has_profile": "y",
}


@pytest.fixture
def applicant(session: Db, client: Visitor) -> Visitor:
    sign_in(client, make_user())
    return client


def only(session: Db) -> Organisation:
    return session.scalars(select(Organisation)).one()


def none_made(session: Db) -> bool:
    return session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_an_applicant_registers_an_organisation_and_acts_for_it(session: Db, applicant: Visitor) -> None:
    answer = applicant.submit(MINE, FIELDS)

    organisation = only(session)
    assert answer.status_code == 302
    assert (organisation.region, organisation.turnover_cents) == ("ITI1", 330_000_050)
    assert round(organisation.latitude, 1) == 43.9
    assert session.scalars(select(OrganisationMember)).one().organisation is organisation


def test_the_page_shows_what_was_saved(session: Db, applicant: Visitor) -> None:
    applicant.submit(MINE, FIELDS)

    page = applicant.get(MINE).text

    assert 'value="Prato"' in page
    assert 'value="3300000.50"' in page


def test_the_organisation_is_changed_and_an_account_added(session: Db, applicant: Visitor) -> None:
    applicant.submit(MINE, FIELDS)
    account = {"account_holder": "Lana", "iban": "IT60 X054 2811 1010 0000 0123 456"}

    answer = applicant.submit(MINE, FIELDS | account | {"version": "1", "town": "Pistoia"})

    session.expire_all()
    assert answer.status_code == 302
    assert (only(session).town, only(session).iban) == ("Pistoia", "IT60X0542811101000000123456")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"town": "Bresca"}, "Did you mean Brescia"),
        ({"town": "Xyzzyqq"}, "Write the nearest larger one."),
        ({"country": "US"}, "Not a valid choice"),
        ({"country": ""}, "Choose one."),
        ({"name": ""}, "Fill in this answer."),
        ({"name": "x" * 201}, "Write at most 200 characters."),
        ({"name": "a\0b"}, "Remove the unreadable character."),
        ({"staff": "9223372036854775808"}, "Write a whole number."),
        ({"staff": "-1"}, "Write a number from 0"),
        ({"turnover": "much"}, "Write an amount in euro"),
        ({"region": "FRK2"}, "Write the NUTS 2 code of a region of this country"),
        ({"website": "javascript:alert(1)"}, "Begin with https:// or http://."),
        ({"iban": "IT61 X054 2811 1010 0000 0123 456", "account_holder": "Lana"}, "This is not an IBAN"),
        ({"iban": "IT60X0542811101000000123456"}, "Name the account holder"),
        ({"account_holder": "Lana"}, "Write the IBAN of the account."),
        ({"founded": "2100"}, "Write a year up to 20"),
        ({"iban": "IT60X0542811101000000123456", "account_holder": "L", "bic": "X"}, "This is not a BIC"),
    ],
)
def test_a_wrong_answer_is_told_beside_its_field_and_nothing_is_saved(
    session: Db, applicant: Visitor, change: dict[str, str], words: str
) -> None:
    answer = applicant.submit(MINE, FIELDS | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert "01977420974" in answer.text
    assert none_made(session)


def test_all_that_is_wrong_with_an_account_is_told_at_once(session: Db, applicant: Visitor) -> None:
    answer = applicant.submit(MINE, FIELDS | {"account_holder": "", "iban": "IT61X05", "bic": "X"})

    for words in ("Name the account holder", "This is not an IBAN", "This is not a BIC"):
        assert words in answer.text


ACCOUNT = {"account_holder": "Lana", "iban": "IT60 X054 2811 1010 0000 0123 456"}
OTHER_ACCOUNT = {"account_holder": "Lana", "iban": "BE71 0961 2345 6769"}


def test_a_known_account_is_shown_masked_and_kept_when_nothing_is_typed(
    session: Db, applicant: Visitor
) -> None:
    applicant.submit(MINE, FIELDS | ACCOUNT)

    page = applicant.get(MINE).text
    answer = applicant.submit(MINE, FIELDS | {"version": "2", "town": "Pistoia", "account_holder": "Lana"})

    session.expire_all()
    assert "IT•• •••• 3456" in page
    assert "0000123456" not in page
    assert (answer.status_code, only(session).iban) == (302, "IT60X0542811101000000123456")


@pytest.mark.parametrize("password", ["", "not my password"])
def test_another_account_asks_for_the_password(session: Db, applicant: Visitor, password: str) -> None:
    applicant.submit(MINE, FIELDS | ACCOUNT)
    version = str(only(session).version)

    typed = FIELDS | OTHER_ACCOUNT | {"version": version, "password": password}
    answer = applicant.submit(MINE, typed)

    session.expire_all()
    assert answer.status_code == 422
    assert "Write your own password" in answer.text
    assert only(session).iban == "IT60X0542811101000000123456"


def test_with_the_password_the_account_is_changed_and_everybody_told(session: Db, applicant: Visitor) -> None:
    applicant.submit(MINE, FIELDS | ACCOUNT)
    organisation = only(session)
    make_application(organisation=organisation, person_email="travels@prato.example")
    session.commit()
    version = str(organisation.version)

    applicant.submit(MINE, FIELDS | OTHER_ACCOUNT | {"version": version, "password": PASSWORD})

    session.expire_all()
    letters = session.scalars(
        select(Letter).where(Letter.kind == "organisation.account-changed").order_by(Letter.id)
    ).all()
    member = session.scalars(select(OrganisationMember)).one().user
    assert organisation.iban == "BE71096123456769"
    assert [letter.to_email for letter in letters] == [member.email, "travels@prato.example"]
    assert all("IT•• •••• 3456" in letter.body and "BE•• •••• 6769" in letter.body for letter in letters)


def test_the_password_cannot_be_guessed_here_either(session: Db, applicant: Visitor) -> None:
    applicant.submit(MINE, FIELDS | ACCOUNT)
    typed = FIELDS | OTHER_ACCOUNT | {"version": str(only(session).version), "password": "guess"}

    answers = [applicant.submit(MINE, typed).status_code for _try in range(11)]

    assert answers == [422] * 10 + [429]


def test_street_and_postcode_are_kept(session: Db, applicant: Visitor) -> None:
    applicant.submit(MINE, FIELDS | {"street": "Via Roma 1", "postcode": "59100"})

    assert (only(session).street, only(session).postcode) == ("Via Roma 1", "59100")


def test_mark_up_in_a_name_is_shown_as_text(session: Db, applicant: Visitor) -> None:
    applicant.submit(MINE, FIELDS | {"name": "<script>alert(1)</script>"})

    page = applicant.get(MINE).text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_organisation_of_somebody_else_is_not_taken_over(session: Db, applicant: Visitor) -> None:
    make_organisation(registration="01977420974", country="IT", name="The first one")

    answer = applicant.submit(MINE, FIELDS)

    assert answer.status_code == 422
    assert "01977420974 is registered already" in answer.text
    assert only(session).name == "The first one"


def test_a_page_that_was_open_too_long_is_refused(session: Db, applicant: Visitor) -> None:
    applicant.submit(MINE, FIELDS)

    answer = applicant.submit(MINE, FIELDS | {"version": "7", "town": "Pistoia"})

    session.expire_all()
    assert answer.status_code == 409
    assert only(session).town == "Prato"


def test_a_stranger_is_sent_to_the_login_page(client: Visitor) -> None:
    assert client.get(MINE).status_code == 302


def test_staff_search_the_list_without_accents(session: Db, client: Visitor) -> None:
    make_organisation(name="Łódzka Przędza")
    make_organisation(name="Solarwerk")
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    page = client.get("/organisations?q=lodzka").text

    assert "Łódzka Przędza" in page
    assert "Solarwerk" not in page


def test_the_list_is_filtered_by_country_and_type(session: Db, client: Visitor) -> None:
    make_organisation(name="Solarwerk")
    make_organisation(name="Canal Works", country="NL")
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    page = client.get("/organisations?country=NL&type=sme").text

    assert "Canal Works" in page
    assert "Solarwerk" not in page


def test_an_officer_sees_the_organisations_of_the_own_partnership(session: Db, client: Visitor) -> None:
    partnership, elsewhere = make_partnership(), make_partnership()
    make_organisation(name="Forms it", partnership=partnership)
    make_application(organisation=make_organisation(name="Wants to visit"), partnership=partnership)
    make_offer(organisation=make_organisation(name="Wants to host", **PORTO), partnership=partnership)
    make_organisation(name="Canary one", partnership=elsewhere)
    make_application(organisation=make_organisation(name="Canary two"), partnership=elsewhere)
    make_offer(organisation=make_organisation(name="Canary three", **PORTO), partnership=elsewhere)
    make_organisation(name="Canary four")
    sign_in(client, make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership))

    page = client.get("/organisations").text

    assert all(name in page for name in ("Forms it", "Wants to visit", "Wants to host"))
    assert "Canary" not in page
    assert "Canary" not in client.get("/organisations?q=canary").text.partition("<table")[2]


@pytest.mark.parametrize("role", [Role.SUPPORT_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_staff_of_the_whole_scheme_see_all_organisations(session: Db, client: Visitor, role: Role) -> None:
    make_organisation(name="Formed by one", partnership=make_partnership())
    make_organisation(name="Nobody's")
    sign_in(client, make_user(role))

    page = client.get("/organisations").text

    assert "Formed by one" in page
    assert "Nobody" in page


def test_an_applicant_may_not_see_the_list(applicant: Visitor) -> None:
    assert applicant.get("/organisations").status_code == 403


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(session: Db, client: Visitor) -> None:
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    make_organisation()
    for_one = statements_of(client, "/organisations")
    make_organisation()
    make_organisation()

    for_three = statements_of(client, "/organisations")

    assert for_three == for_one
