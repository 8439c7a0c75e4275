"""Two officers ask for the same exception at the same moment: one is asked."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.enums import ExceptionStatus, OfferStatus
from mobility.hosts.exceptions import OFFERS
from mobility.hosts.models import Offer, OfferException
from mobility.organisations.enums import OrganisationType
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.rounds import PORTO_CLUSTER

OFFICERS = 4


def asked_at_once(app: Flask, *, by_verb: bool) -> tuple[list[str], int]:
    """What each of the officers got, and how many exceptions there are then."""
    with app.app_context():
        call = make_call()
        call.roles_by_type = call.roles_by_type | {OrganisationType.CLUSTER.value: ["visitor"]}
        organisation = make_organisation(**PORTO_CLUSTER)
        offer_id = make_offer(call=call, organisation=organisation, status=OfferStatus.SUBMITTED).id
        people = [make_user().id for _ in range(OFFICERS)]
        db.session.commit()
    start = Barrier(OFFICERS)

    def ask(person: int) -> str:
        with app.app_context():
            offer = db.session.get_one(Offer, offer_id)
            actor = db.session.get_one(User, person)
            start.wait(timeout=60)
            try:
                if by_verb:
                    OFFERS.ask(offer, "type", "Please.", actor=actor)
                else:
                    _insert(offer, person)
                db.session.commit()
            except (RuleBroken, IntegrityError) as refused:
                db.session.rollback()
                return refused.code if isinstance(refused, RuleBroken) else "not unique"
            return "asked"

    with ThreadPoolExecutor(OFFICERS) as pool:
        answers = sorted(pool.map(ask, people))
    with app.app_context():
        return answers, db.session.scalar(select(func.count()).select_from(OfferException)) or 0


def _insert(offer: Offer, person: int) -> None:
    """Past the verb, as a mistake elsewhere could."""
    db.session.add(
        OfferException(
            offer_id=offer.id,
            rule="type",
            values={},
            status=ExceptionStatus.ASKED,
            asked_by_id=person,
            asked_at=clock.utcnow(),
            reason="Please.",
        )
    )


@pytest.mark.parametrize("by_verb", [True, False])
def test_of_officers_who_ask_at_once_one_has_asked(live_app: Flask, by_verb: bool) -> None:
    answers, number = asked_at_once(live_app, by_verb=by_verb)

    assert number == answers.count("asked") == 1
    assert set(answers) <= {"asked", "asked-already", "stale", "not unique"}


def test_without_the_index_all_would_have_asked(live_app: Flask) -> None:
    with live_app.app_context():
        db.session.execute(text("DROP INDEX uq_offer_exception_live"))
        db.session.commit()

    _answers, number = asked_at_once(live_app, by_verb=False)

    assert number == OFFICERS
