"""The form that enters a visit both sides agreed on."""

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.catalogue.models import AgreedPair
from mobility.core.db import db
from mobility.hosts.models import Offer
from tests.catalogue.people import NewClient, entered
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.catalogue import five_days
from tests.make.organisations import make_organisation
from tests.make.rounds import make_host, make_visitor
from tests.visitor import Visitor

Db = scoped_session[Session]


def typed(application: Application, offer: Offer) -> dict[str, str]:
    first, last = five_days(offer)
    return {
        "application": application.reference,
        "offer": offer.reference,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "note": "As we said on the phone.",
    }


def errors(page: str) -> list[str]:
    """What stands beside the fields, without its markup."""
    return re.findall(r'id="[a-z_]+-error"[^>]*>(.*?)</', page, re.S)


def errors_text(page: str) -> str:
    return " ".join(re.findall(r'class="[^"]*error[^"]*"[^>]*>(.*?)</', page, re.S)).lower()


def test_the_form_comes_filled_from_the_catalogue(
    visitor: Visitor, application: Application, offer: Offer
) -> None:
    page = visitor.get(f"/pairs/new?application={application.reference}&offer={offer.reference}").text

    assert f'value="{application.reference}"' in page
    assert f'value="{offer.reference}"' in page


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("application", "APP-1999-0001", "application"),
        ("offer", "<b>", "offer"),
        ("offer", "x" * 41, "offer"),
        ("offer", "a\0b", "offer"),
        ("first_day", "2027-02-30", "first_day"),
        ("first_day", "9999-12-31", "last_day"),
        ("last_day", "9999-12-31", "first_day"),
        ("last_day", "0001-01-01", "last_day"),
        ("note", "x" * 5001, "note"),
    ],
)
def test_what_is_typed_wrong_is_said_beside_its_field(
    visitor: Visitor, application: Application, offer: Offer, field: str, value: str, error: str
) -> None:
    answer = visitor.submit("/pairs/new", typed(application, offer) | {field: value})

    assert answer.status_code == 422
    assert f'id="{error}-error"' in answer.text
    assert db.session.scalar(select(func.count(AgreedPair.id))) == 0


def test_a_stay_of_the_wrong_length_is_said_beside_the_last_day(
    visitor: Visitor, application: Application, offer: Offer
) -> None:
    first, _last = five_days(offer)

    answer = visitor.submit("/pairs/new", typed(application, offer) | {"last_day": first.isoformat()})

    assert answer.status_code == 422
    assert 'id="last_day-error"' in answer.text
    assert "3–5 suit both" in answer.text


def test_the_one_length_that_suits_both_is_named_once(
    visitor: Visitor, application: Application, offer: Offer
) -> None:
    application.min_days = 5
    db.session.commit()
    first, _last = five_days(offer)

    page = visitor.submit("/pairs/new", typed(application, offer) | {"last_day": first.isoformat()}).text

    assert "1 working days; 5 suit both" in page


def test_references_are_taken_however_they_are_typed(
    visitor: Visitor, application: Application, offer: Offer
) -> None:
    names = {"application": f" {application.reference.lower()} ", "offer": offer.reference.lower()}

    assert visitor.submit("/pairs/new", typed(application, offer) | names).status_code == 302


def test_what_a_rule_forbids_is_said_above_the_form(
    visitor: Visitor, call: Call, application: Application
) -> None:
    at_home = make_host(call, organisation=make_organisation(country="ES"))
    db.session.commit()

    answer = visitor.submit("/pairs/new", typed(application, at_home))

    assert answer.status_code == 422
    assert "Visitor and host are in the same country." in answer.text
    assert db.session.scalar(select(func.count(AgreedPair.id))) == 0


def test_nobody_enters_a_pair_of_others(
    new_client: NewClient, application: Application, offer: Offer
) -> None:
    stranger = entered(new_client, make_user(Role.APPLICANT))
    unknown = typed(application, offer) | {"application": "APP-1999-0001", "offer": "OFF-1999-0001"}

    foreign, missing = (stranger.submit("/pairs/new", one) for one in (typed(application, offer), unknown))

    assert (foreign.status_code, missing.status_code) == (422, 422)
    assert errors(foreign.text) == errors(missing.text) != []
    assert db.session.scalar(select(func.count(AgreedPair.id))) == 0


def test_a_record_of_another_call_is_answered_like_one_that_is_not_there(
    host: Visitor, application: Application, offer: Offer
) -> None:
    elsewhere = make_visitor(make_call())
    db.session.commit()

    answers = [
        host.submit("/pairs/new", typed(application, offer) | {"application": reference})
        for reference in (elsewhere.reference, "APP-1999-0001")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert errors(answers[0].text) == errors(answers[1].text) != []


def test_a_host_who_is_ruled_out_reads_no_more_than_not_available(
    new_client: NewClient, call: Call, offer: Offer
) -> None:
    choosy = make_visitor(call, wishes={offer: None})
    pair_of = typed(choosy, offer)
    host = entered(new_client, make_user(Role.HOST, email=offer.contact_email))

    answer = host.submit("/pairs/new", pair_of)

    assert answer.status_code == 422
    assert "Not available for this visit." in answer.text
    assert "wish" not in errors_text(answer.text)
