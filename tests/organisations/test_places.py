"""Where an organisation lies: several towns of one name, and places that the support office corrects."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.audit.models import Entry
from mobility.core.db import db
from mobility.organisations.models import Organisation
from tests.make.accounts import make_user, sign_in
from tests.make.organisations import make_organisation
from tests.pages import error_beside
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
MINE = "/organisations/mine"
FIELDS: dict[str, Any] = {
    "name": "Oderwerk",
    "registration": "HRB 1",
    "type": "sme",
    "country": "DE",
    "town": "Frankfurt",
}
ODER, MAIN = (52.3, 14.6), (50.1, 8.7)


@pytest.fixture
def applicant(client: Visitor) -> Visitor:
    sign_in(client, make_user(Role.APPLICANT))
    return client


def choices_on(page: str) -> dict[str, str]:
    """The towns that the page offers, by their words."""
    select_ = re.search(r'<select id="which".*?</select>', page, re.DOTALL)
    found = re.findall(r'value="([^"]+)">([^<]+)<', select_[0]) if select_ else []
    return {words: value for value, words in found}


def place_of() -> tuple[float, float]:
    db.session.expire_all()
    known = db.session.scalars(select(Organisation).where(Organisation.name == "Oderwerk")).one()
    return round(known.latitude, 1), round(known.longitude, 1)


def settle(applicant: Visitor, words: str) -> None:
    towns = choices_on(applicant.submit(MINE, FIELDS).text)
    applicant.submit(MINE, FIELDS | {"which": towns[words]})


def test_of_several_towns_of_one_name_one_is_chosen(applicant: Visitor) -> None:
    asked = applicant.submit(MINE, FIELDS)
    towns = choices_on(asked.text)
    taken = applicant.submit(MINE, FIELDS | {"which": towns["Frankfurt (Oder), near Marzahn"]})

    assert (asked.status_code, taken.status_code) == (422, 302)
    assert "Choose the one where you work" in error_beside(asked.text, "which")
    assert "Frankfurt am Main" in towns
    assert place_of() == ODER
    assert f'selected value="{towns["Frankfurt (Oder), near Marzahn"]}"' in applicant.get(MINE).text


def test_a_town_that_is_alone_asks_for_nothing_even_after_another_was_chosen(applicant: Visitor) -> None:
    settle(applicant, "Frankfurt am Main")
    moved = applicant.submit(MINE, FIELDS | {"version": "1", "town": "Munchen", "which": "50.11552 8.68417"})

    assert moved.status_code == 302
    assert place_of() == (48.1, 11.6)
    assert 'id="which"' not in applicant.get(MINE).text


def test_the_support_office_corrects_a_place_with_a_reason_and_saving_the_profile_keeps_it(
    applicant: Visitor, new_client: Any
) -> None:
    settle(applicant, "Frankfurt am Main")
    known = db.session.scalars(select(Organisation).where(Organisation.name == "Oderwerk")).one()
    officer, page = new_client(), f"/organisations/{known.id}/place"
    sign_in(officer, make_user(Role.SUPPORT_OFFICER))
    typed = {
        "version": str(known.version),
        "latitude": "52.3",
        "longitude": "14.6",
        "reason": "It is on the Oder.",
    }

    without, stale = (officer.submit(page, typed | wrong) for wrong in ({"reason": ""}, {"version": "99"}))
    corrected = officer.submit(page, typed)

    assert (without.status_code, stale.status_code, corrected.status_code) == (422, 409, 302)
    assert place_of() == ODER
    saved = applicant.submit(MINE, FIELDS | {"version": str(known.version), "staff": "12"})
    assert (saved.status_code, place_of()) == (302, ODER)
    entry = db.session.scalars(select(Entry).where(Entry.verb == "organisation.place-corrected")).one()
    assert entry.values == {
        "before": "50.11552, 8.68417",
        "after": "52.3, 14.6",
        "reason": "It is on the Oder.",
    }
    assert page in officer.get("/organisations").text


@pytest.mark.parametrize(
    ("field", "value"), [("latitude", "91"), ("latitude", "north"), ("longitude", "1e3")]
)
def test_what_is_no_place_is_refused_beside_its_field(client: Visitor, field: str, value: str) -> None:
    known = make_organisation()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    typed = {
        "version": str(known.version),
        "latitude": "1",
        "longitude": "1",
        "reason": "Moved.",
        field: value,
    }

    refused = client.submit(f"/organisations/{known.id}/place", typed)

    assert refused.status_code == 422
    assert error_beside(refused.text, field) == "Write decimal degrees such as 48.2082."
