"""What verbs on many records write waits for the end, and is lost with what broke them."""

import gc
from collections.abc import Callable

import pytest
from sqlalchemy import inspect, select, update

from mobility.audit.models import Entry
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.references import numbered_at_once
from mobility.core.together import lock, note_locked, together
from mobility.hosts import services
from mobility.hosts.enums import LIFECYCLE, OfferStatus
from mobility.hosts.models import Offer
from mobility.mail.models import Letter
from tests.make.calls import make_call
from tests.make.hosts import make_offer, offer_content
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("session")
Draft = Callable[[], Offer]


@pytest.fixture
def draft() -> Draft:
    """Drafts an offer; call, host and partnership stand already."""
    call, organisation, partnership = make_call(), make_organisation(), make_partnership()
    return lambda: services.draft(
        call, organisation, offer_content(call), partnership=partnership, actor=None
    )


def verbs() -> list[str]:
    found = select(Entry.verb).where(Entry.about_kind == "offer").order_by(Entry.id)
    return list(db.session.scalars(found))


def letters() -> list[str]:
    return list(db.session.scalars(select(Letter.subject).where(Letter.kind == "hosts.received")))


def test_records_entries_and_letters_are_stored_at_the_end_in_their_order(draft: Draft) -> None:
    with numbered_at_once("OFF", 2), together():
        with counted() as statements:
            offers = [draft(), draft()]
            for offer in offers:
                services.submit(offer, actor=None)
        assert [inspect(offer).pending for offer in offers] == [True, True]

    stored = db.session.scalars(select(Offer).order_by(Offer.id)).all()
    assert [(offer.reference, offer.status) for offer in stored] == [
        (offer.reference, OfferStatus.SUBMITTED) for offer in offers
    ]
    assert verbs() == ["offer.drafted"] * 2 + ["offer.submitted"] * 2
    assert letters() == [f"We have received your offer {offer.reference}" for offer in offers]
    assert not [one for one in statements if one.startswith(("INSERT", "UPDATE"))]


def test_what_waits_is_lost_with_what_broke_it(draft: Draft) -> None:
    def hand_in(times: int) -> None:
        with db.session.begin_nested(), together():
            offer = draft()
            for _time in range(times):
                services.submit(offer, actor=None)

    with pytest.raises(RuleBroken, match="wrong-state"):
        hand_in(2)

    assert gc.isenabled()
    assert (verbs(), letters()) == ([], [])
    assert db.session.scalars(select(Offer)).all() == []


def test_a_record_that_waits_makes_only_the_moves_of_its_lifecycle(draft: Draft) -> None:
    with together():
        offer = draft()
        with pytest.raises(RuleBroken, match="wrong-state"):
            LIFECYCLE.move(offer, to=OfferStatus.ACCEPTED)

    assert offer.status is OfferStatus.DRAFT


def test_a_stored_record_moves_under_its_condition_also_together() -> None:
    offer = make_offer(status=OfferStatus.DRAFT)
    changed = update(Offer).values(version=Offer.version + 1).where(Offer.id == offer.id)
    db.session.execute(changed.execution_options(synchronize_session=False))

    with together(), pytest.raises(RuleBroken, match="stale"):
        services.submit(offer, actor=None)


def test_a_record_locked_with_others_is_not_asked_for_again() -> None:
    locked, other = make_offer(), make_offer()

    with together(), counted() as statements:
        note_locked([locked])
        lock(locked)
        assert statements == []
        lock(other)
        assert [one.endswith("FOR NO KEY UPDATE OF offer") for one in statements] == [True]


def test_outside_each_lock_is_taken_anew() -> None:
    offer = make_offer()
    note_locked([offer])

    with counted() as statements:
        lock(offer)

    assert len(statements) == 1


def test_a_lock_with_the_key_lets_nothing_new_name_the_record() -> None:
    offer = make_offer()

    with counted() as statements:
        lock(offer, with_key=True)

    assert [one.endswith("FOR UPDATE OF offer") for one in statements] == [True]
