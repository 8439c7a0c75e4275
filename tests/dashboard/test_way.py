"""The way of an exchange from the application to the payment, on its page."""

import re

import pytest
from flask import Flask

from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.dashboard.way import way_of
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.exchanges.models import Exchange
from tests.make.accounts import make_user, sign_in
from tests.make.payments import make_batch
from tests.make.rounds import make_proposal
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")


def make_paid_way() -> Exchange:
    """An exchange whose payment order is in a batch."""
    batch = make_batch(1, until="settled")
    db.session.commit()
    return batch.lines[0].order.exchange


def test_an_auditor_follows_a_euro_from_the_application_to_the_batch(client: Visitor) -> None:
    exchange = make_paid_way()
    sign_in(client, make_user(Role.AUDITOR))
    page = client.get(f"/exchanges/{exchange.reference}").text

    assert "From application to payment" in page
    assert f'href="/applications/{exchange.application.reference}"' in page
    assert f'href="/hosts/{exchange.offer.reference}"' in page
    for path in ("/agreements/FA-", "/reports/", "/payments/PO-", "/payments/batches/BAT-"):
        assert f'href="{path}' in page
    stops = re.findall(r'href="([^"]+)"', page.partition('id="way"')[2].partition("</section>")[0])
    assert len(stops) == 7
    assert {client.get(stop).status_code for stop in stops} == {200}


def test_a_round_and_its_proposal_stand_on_the_way(app: Flask) -> None:
    proposal = make_proposal()
    exchanges.accept(proposal, Side.HOST, actor=None)
    exchange = exchanges.accept(proposal, Side.VISITOR, actor=None)
    assert exchange is not None
    auditor = make_user(Role.AUDITOR)
    with app.test_request_context():
        labels = [stop.label for stop in way_of(auditor, exchange)]
    assert labels == ["Application", "Offer of the host", "Round", "Proposal"]


def test_visitor_and_host_find_only_what_they_may_open(app: Flask) -> None:
    exchange = make_paid_way()
    visitor = make_user(Role.APPLICANT, email=exchange.application.person_email)
    stranger = make_user()
    with app.test_request_context():
        labels = [stop.label for stop in way_of(visitor, exchange)]
        nobody = way_of(stranger, exchange)
    assert "Closing report of the visitor" in labels
    assert not {"Payment order", "Batch of payments", "Closing report of the host"} & set(labels)
    assert [stop.label for stop in nobody] in ([], ["Offer of the host"])
