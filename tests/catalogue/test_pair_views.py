"""The pages of agreed pairs."""

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.models import Application, Wish
from mobility.applications.services import withdraw
from mobility.calls.models import Call
from mobility.catalogue.enums import PairStatus, Side
from mobility.catalogue.models import AgreedPair
from mobility.catalogue.services import answer_contact, confirm_pair
from mobility.core.db import db
from mobility.exchanges import tasks
from mobility.hosts.models import Offer, Reservation
from mobility.organisations.services import join
from tests.catalogue.people import NewClient, entered
from tests.make.accounts import make_user
from tests.make.catalogue import five_days, make_contact, make_pair
from tests.make.partnerships import make_partnership
from tests.make.rounds import make_frozen_round, make_host, make_visitor
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]


@pytest.fixture
def vop(new_client: NewClient, application: Application) -> Visitor:
    return entered(new_client, officer_of(application))


@pytest.fixture
def hop(new_client: NewClient, offer: Offer) -> Visitor:
    return entered(new_client, officer_of(offer))


def officer_of(record: Application | Offer) -> User:
    return make_user(Role.PARTNERSHIP_OFFICER, partnership=record.partnership)


def typed(application: Application, offer: Offer) -> dict[str, str]:
    first, last = five_days(offer)
    return {
        "application": application.reference,
        "offer": offer.reference,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "note": "As we said on the phone.",
    }


def page_of(pair: AgreedPair) -> str:
    return f"/pairs/{pair.reference}"


def press(client: Visitor, pair: AgreedPair, verb: str, **fields: str) -> int:
    """Press a button of the pair's page as the page was before anything else happened."""
    db.session.refresh(pair)
    page = client.get(page_of(pair)).text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    sent = {"version": version[1] if version else str(pair.version)} | fields
    return client.submit("/pairs", sent, to=f"{page_of(pair)}/{verb}").status_code


def stored(application: Application, offer: Offer, **more: object) -> AgreedPair:
    pair = make_pair(application, offer, **more)  # type: ignore[arg-type]
    db.session.commit()
    return pair


def test_from_entering_to_the_exchange(
    visitor: Visitor, host: Visitor, vop: Visitor, hop: Visitor, application: Application, offer: Offer
) -> None:
    answer = visitor.submit("/pairs/new", typed(application, offer))
    pair = db.session.scalars(select(AgreedPair)).one()
    assert (answer.status_code, answer.location) == (302, page_of(pair))
    assert (pair.entered_by, pair.note) == (Side.VISITOR, "As we said on the phone.")

    assert "Confirm it or decline" in host.get(page_of(pair)).text
    assert press(host, pair, "confirm") == 302
    assert "Validate it for your partnership" in hop.get(page_of(pair)).text
    assert press(hop, pair, "validate/hop") == 302
    assert press(vop, pair, "validate/vop") == 302
    db.session.refresh(pair)
    assert pair.status is PairStatus.VALIDATED
    assert "place and lump sum are reserved" in visitor.get(page_of(pair)).text

    tasks.build_validated(timestamp=0)
    for client in (visitor, host, vop, hop):
        page = client.get(page_of(pair)).text
        assert "The exchange is built" in page
        assert "/exchanges/EXC-" in page


def test_a_host_enters_by_reference_and_does_not_learn_the_name(
    host: Visitor, visitor: Visitor, application: Application, offer: Offer
) -> None:
    answer = host.submit("/pairs/new", typed(application, offer))
    pair = db.session.scalars(select(AgreedPair)).one()

    assert (answer.status_code, pair.entered_by) == (302, Side.HOST)
    for page in (host.get(page_of(pair)).text, host.get("/pairs").text):
        for secret in ("Hidden Looms", "Vera Secret", application.person_email):
            assert secret not in page
    assert "Hugo Secret" in visitor.get(page_of(pair)).text
    assert press(visitor, pair, "confirm") == 302
    assert "Vera Secret" in host.get(page_of(pair)).text


def test_who_was_in_contact_before_keeps_seeing_the_name(
    host: Visitor, application: Application, offer: Offer
) -> None:
    contact = make_contact(application, offer)
    answer_contact(contact, accepted=True, reply="", actor=None)
    pair = stored(application, offer, side=Side.HOST)

    assert "Vera Secret" in host.get(page_of(pair)).text


def test_the_name_is_hidden_again_once_the_visitor_seeks_nobody(
    host: Visitor, application: Application, offer: Offer
) -> None:
    contact = make_contact(application, offer)
    answer_contact(contact, accepted=True, reply="", actor=None)
    pair = stored(application, offer, side=Side.HOST)
    withdraw(application, actor=None)
    db.session.commit()

    assert "Vera Secret" not in host.get(page_of(pair)).text


def test_the_host_sees_nothing_of_money(
    host: Visitor, visitor: Visitor, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer)

    assert "€" not in host.get(page_of(pair)).text
    assert "€780.00" in visitor.get(page_of(pair)).text


def test_the_rule_that_a_wish_breaks_is_titled_neutrally(
    vop: Visitor, host: Visitor, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer)
    application.wishes.append(Wish(offer_id=offer.id, rank=None))
    db.session.commit()

    page = host.get(page_of(pair)).text

    assert "Wishes of the visitor" not in page
    assert "Not available for this visit." in page


def test_nobody_confirms_what_they_entered(visitor: Visitor, application: Application, offer: Offer) -> None:
    pair = stored(application, offer)

    assert press(visitor, pair, "confirm") == 404
    db.session.refresh(pair)
    assert pair.status is PairStatus.ENTERED


def test_an_officer_validates_for_their_own_partnership_only(
    vop: Visitor, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer, status=PairStatus.CONFIRMED)

    assert press(vop, pair, "validate/hop") == 404
    assert press(vop, pair, "validate/both") == 404
    assert press(vop, pair, "confirm") == 403
    db.session.refresh(pair)
    assert (pair.vop_validated_at, pair.hop_validated_at) == (None, None)


def test_one_officer_of_both_partnerships_fills_both_slots_by_two_acts(
    new_client: NewClient, call: Call
) -> None:
    partnership = make_partnership()
    application = make_visitor(call, partnership=partnership)
    pair = stored(application, make_host(call, partnership=partnership), status=PairStatus.CONFIRMED)
    officer = entered(new_client, officer_of(application))

    assert press(officer, pair, "validate/vop") == 302
    db.session.refresh(pair)
    assert (pair.status, pair.hop_validated_at) == (PairStatus.CONFIRMED, None)
    assert press(officer, pair, "validate/hop") == 302
    db.session.refresh(pair)
    assert pair.status is PairStatus.VALIDATED


def test_a_support_officer_validates_in_the_place_of_one_of_two_partnerships(
    new_client: NewClient, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer, status=PairStatus.CONFIRMED)
    support = entered(new_client, make_user(Role.SUPPORT_OFFICER))

    assert press(support, pair, "validate/hop") == 302
    assert "Validate for" not in support.get(page_of(pair)).text
    assert press(support, pair, "validate/vop") == 409

    db.session.refresh(pair)
    assert (pair.status, pair.vop_validated_at) == (PairStatus.CONFIRMED, None)
    other = entered(new_client, make_user(Role.SUPPORT_OFFICER))
    assert press(other, pair, "validate/vop") == 302


def test_an_officer_does_not_validate_their_own_visit(
    new_client: NewClient, application: Application, offer: Offer
) -> None:
    officer = officer_of(application)
    join(application.organisation, officer, actor=None)
    pair = stored(application, offer, status=PairStatus.CONFIRMED)

    assert press(entered(new_client, officer), pair, "validate/vop") == 403
    db.session.refresh(pair)
    assert pair.vop_validated_at is None


def test_validating_twice_from_an_old_page_is_a_conflict(
    vop: Visitor, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer, status=PairStatus.CONFIRMED)
    old = str(pair.version)
    assert press(vop, pair, "validate/vop") == 302

    again = vop.submit("/pairs", {"version": old}, to=f"{page_of(pair)}/validate/vop")
    fresh = press(vop, pair, "validate/vop")

    assert (again.status_code, fresh) == (409, 409)


def test_a_withdrawn_application_shows_and_stops_the_validation(
    vop: Visitor, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer, status=PairStatus.CONFIRMED)
    withdraw(application, actor=None)
    db.session.commit()

    page = vop.get(page_of(pair)).text
    assert "The application is not accepted, or not any more." in page
    assert "Validate for" not in page
    assert press(vop, pair, "validate/vop") == 409
    db.session.refresh(pair)
    assert pair.vop_validated_at is None


def test_a_pair_is_not_found_for_anybody_else(
    new_client: NewClient, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer, status=PairStatus.CONFIRMED)
    stranger = entered(new_client, make_user(Role.APPLICANT))
    foreign = entered(new_client, make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership()))

    for client in (stranger, foreign):
        assert client.get(page_of(pair)).status_code == 404
        assert pair.reference not in client.get("/pairs").text
    assert press(stranger, pair, "withdraw", reason="x") == 404
    assert press(foreign, pair, "validate/vop") == 404
    assert press(foreign, pair, "decline", reason="x") == 404
    db.session.refresh(pair)
    assert pair.status is PairStatus.CONFIRMED


def test_the_other_side_declines_with_a_reason_that_is_shown_as_text(
    host: Visitor, visitor: Visitor, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer)

    assert press(host, pair, "decline", reason=" ") == 422
    assert press(host, pair, "decline", reason="<b>Moved</b>") == 302

    page = visitor.get(page_of(pair)).text
    assert "&lt;b&gt;Moved&lt;/b&gt;" in page
    assert "Declined" in page


def test_a_validated_pair_waits_for_a_round_only_while_one_is_frozen(
    host: Visitor, call: Call, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer, status=PairStatus.VALIDATED)
    without = host.get(page_of(pair)).text
    make_visitor(call)
    make_frozen_round(call)
    db.session.commit()

    assert "built by itself in a moment" in without
    assert "as soon as the frozen round is published" in host.get(page_of(pair)).text


def test_either_side_withdraws_a_validated_pair_and_the_place_is_free(
    host: Visitor, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer, status=PairStatus.VALIDATED)

    assert press(host, pair, "withdraw", reason="Fire.") == 302

    live = select(func.count(Reservation.id)).where(Reservation.freed_at.is_(None))
    assert db.session.scalar(live) == 0


def test_an_officer_declines_what_both_sides_agreed(
    hop: Visitor, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer, status=PairStatus.CONFIRMED)

    assert 'action="/pairs/' + pair.reference + '/decline"' in hop.get(page_of(pair)).text
    assert press(hop, pair, "decline", reason="Not now.") == 302
    db.session.refresh(pair)
    assert (pair.status, pair.decline_reason) == (PairStatus.DECLINED, "Not now.")


def test_officers_filter_by_state(vop: Visitor, call: Call, application: Application, offer: Offer) -> None:
    mine = stored(application, offer, status=PairStatus.CONFIRMED)
    other = make_visitor(call, partnership=application.partnership)
    entered_only = stored(other, offer)

    page = vop.get("/pairs?status=confirmed").text

    assert mine.reference in page
    assert entered_only.reference not in page


def test_the_list_asks_the_database_as_often_for_one_row_as_for_three(
    vop: Visitor, call: Call, application: Application, offer: Offer
) -> None:
    pair = stored(application, offer)
    for_one = statements_of(vop, "/pairs")
    for _ in range(2):
        stored(make_visitor(call, partnership=application.partnership), make_host(call))

    assert statements_of(vop, "/pairs") == for_one
    assert statements_of(vop, page_of(pair)) <= 12 + 7


def test_how_far_away_the_visitor_is_the_host_reads_once_it_may_know_who_it_is(
    visitor: Visitor, host: Visitor, application: Application, offer: Offer
) -> None:
    pair = make_pair(application, offer, side=Side.HOST)
    db.session.commit()

    assert "Distance" in visitor.get(page_of(pair)).text
    assert "Distance" not in host.get(page_of(pair)).text

    confirm_pair(pair, actor=None)
    db.session.commit()

    assert "Distance" in host.get(page_of(pair)).text
