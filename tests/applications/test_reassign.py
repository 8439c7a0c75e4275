"""An officer gives an application to another partnership of the call."""

from collections.abc import Callable

import pytest

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.audit.queries import entries_about
from mobility.core.db import db
from mobility.hosts.rules import nearness
from mobility.partnerships.models import Partnership
from tests.applications.filled import officer_of, page_of
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]


def misplaced() -> tuple[Application, Partnership]:
    """An application on wind in a partnership for health, and the one for wind."""
    call = make_call()
    health = make_allotment(call, make_partnership(ecosystems=("health",), country="PT")).partnership
    wind = make_allotment(call, make_partnership(ecosystems=("renewables",), country="BE")).partnership
    application = make_application(call=call, partnership=health, status=Status.SUBMITTED)
    return application, wind


def given(application: Application, to: Partnership, **changes: str) -> dict[str, str]:
    return {"version": str(application.version), "partnership": to.code, "reason": "It is on wind."} | changes


def test_the_page_proposes_the_nearest_and_says_why(new_client: NewClient) -> None:
    application, wind = misplaced()
    client = new_client()
    officer_of(application, client)

    page = client.get(page_of(application, "/partnership")).text
    record = client.get(page_of(application)).text

    assert f"{wind.name} (shares Renewable energy, of the same country)" in page
    assert "no topic or country in common" in page
    assert "no topic or country in common" in record
    assert page_of(application, "/partnership") in record


def test_an_officer_gives_an_application_away_and_sees_it_no_more(new_client: NewClient) -> None:
    application, wind = misplaced()
    client = new_client()
    officer_of(application, client)
    application.assessor_id = make_user(Role.SUPPORT_OFFICER).id
    db.session.commit()

    address = page_of(application, "/partnership")
    answer = client.submit(address, given(application, wind))

    assert answer.headers["Location"] == "/applications"
    db.session.expire_all()
    assert application.partnership is wind
    assert application.assessor_id is None
    assert entries_about(application)[-1].values["reason"] == "It is on wind."
    assert client.get(page_of(application)).status_code == 404


def test_the_support_office_gives_away_and_goes_on_seeing_it(new_client: NewClient) -> None:
    application, wind = misplaced()
    client = new_client()
    officer = make_user(Role.SUPPORT_OFFICER)
    db.session.commit()
    sign_in(client, officer)

    answer = client.submit(page_of(application, "/partnership"), given(application, wind))

    assert answer.headers["Location"] == page_of(application)
    db.session.expire_all()
    assert application.partnership is wind


@pytest.mark.parametrize(
    ("changes", "status"), [({"reason": " "}, 422), ({"partnership": "NOBODY"}, 422), ({"version": "0"}, 409)]
)
def test_without_reason_partnership_or_the_version_seen_nothing_moves(
    new_client: NewClient, changes: dict[str, str], status: int
) -> None:
    application, wind = misplaced()
    before, client = application.partnership, new_client()
    officer_of(application, client)

    answer = client.submit(page_of(application, "/partnership"), given(application, wind, **changes))

    assert answer.status_code == status
    db.session.expire_all()
    assert application.partnership is before


def test_a_partnership_outside_the_call_is_not_offered(new_client: NewClient) -> None:
    application, _wind = misplaced()
    outside, before, client = make_partnership(), application.partnership, new_client()
    officer_of(application, client)

    answer = client.submit(page_of(application, "/partnership"), given(application, outside))

    assert answer.status_code == 422
    db.session.expire_all()
    assert application.partnership is before


def test_nobody_gives_the_own_application_away(new_client: NewClient) -> None:
    application, wind = misplaced()
    client, before = new_client(), application.partnership
    officer = officer_of(application, client)
    application.author_id = officer.id
    db.session.commit()

    answer = client.submit(
        "/account/password", given(application, wind), to=page_of(application, "/partnership")
    )

    assert answer.status_code == 403
    db.session.expire_all()
    assert application.partnership is before


def test_the_applicant_is_told_no_reason_of_nearness(new_client: NewClient) -> None:
    call, person, client = make_call(), make_user(Role.APPLICANT), new_client()
    application = make_application(
        call=call, organisation=make_organisation(member=person), status=Status.SUBMITTED
    )
    db.session.commit()
    sign_in(client, person)

    page = client.get(page_of(application)).text

    assert "in common" not in page
    assert f"{page_of(application)}/partnership" not in page


def test_the_own_partnership_is_nearest_whatever_the_topics() -> None:
    own = make_partnership(ecosystems=("health",))
    organisation = make_organisation(partnership=own)
    db.session.flush()

    near = nearness(own, organisation.country, ("renewables",), own_id=organisation.partnership_id)

    assert (near.is_own, near.topics) == (True, ())
