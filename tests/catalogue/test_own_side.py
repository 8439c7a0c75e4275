"""Who may say yes or no to a pair: the verbs ask it, too, not only the pages."""

from collections.abc import Callable

import pytest

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.catalogue import services
from mobility.catalogue.enums import PairStatus, Side
from mobility.catalogue.models import AgreedPair
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.organisations.services import join
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.catalogue import make_pair
from tests.make.partnerships import make_partnership
from tests.make.rounds import make_host, make_visitor

pytestmark = pytest.mark.usefixtures("session")


def refused(verb: Callable[[], object]) -> str:
    with pytest.raises(RuleBroken) as refusal:
        verb()
    return refusal.value.code


def officer_on_a_side(pair: AgreedPair) -> User:
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=pair.application.partnership)
    join(pair.application.organisation, officer, actor=None)
    db.session.flush()
    return officer


def test_nobody_decides_for_a_partnership_on_their_own_visit() -> None:
    pair = make_pair(status=PairStatus.CONFIRMED)
    officer = officer_on_a_side(pair)

    for verb in (
        lambda: services.validate_pair(pair, "vop", actor=officer),
        lambda: services.decline_pair(pair, "No.", actor=officer),
        lambda: services.withdraw_pair(pair, "No.", actor=officer),
    ):
        assert refused(verb) == "pair-own-visit"

    assert (pair.status, pair.vop_validated_at) == (PairStatus.CONFIRMED, None)


def test_nobody_speaks_for_the_other_side() -> None:
    pair = make_pair()
    visitor = make_user(Role.APPLICANT, email=pair.application.person_email)
    stranger = make_user(Role.APPLICANT)

    for person in (visitor, stranger):
        for verb in (
            lambda who=person: services.confirm_pair(pair, actor=who),
            lambda who=person: services.decline_pair(pair, "No.", actor=who, side=Side.HOST),
            lambda who=person: services.withdraw_pair(pair, "No.", actor=who, side=Side.HOST),
        ):
            assert refused(verb) == "pair-not-your-side"

    assert pair.status is PairStatus.ENTERED


def test_who_stands_on_both_sides_does_not_confirm_what_they_entered() -> None:
    call, both = make_call(), make_user(Role.APPLICANT, email="both@example.org")
    visitor = make_visitor(call, person_email=both.email)
    host = make_host(call, contact_email=both.email)
    pair = make_pair(visitor, host)
    pair.entered_by_id = both.id
    db.session.flush()

    assert refused(lambda: services.confirm_pair(pair, actor=both)) == "pair-own-entry"
    assert pair.status is PairStatus.ENTERED


def test_one_person_does_not_validate_for_both_of_two_partnerships() -> None:
    pair, support = make_pair(status=PairStatus.CONFIRMED), make_user(Role.SUPPORT_OFFICER)
    services.validate_pair(pair, "hop", actor=support)

    assert refused(lambda: services.validate_pair(pair, "vop", actor=support)) == "pair-one-person"
    assert (pair.status, pair.vop_validated_at) == (PairStatus.CONFIRMED, None)

    services.validate_pair(pair, "vop", actor=make_user(Role.SUPPORT_OFFICER))
    assert pair.status is PairStatus.VALIDATED


def test_one_person_validates_twice_where_both_partnerships_are_one() -> None:
    call, partnership, support = make_call(), make_partnership(), make_user(Role.SUPPORT_OFFICER)
    visitor, host = make_visitor(call, partnership=partnership), make_host(call, partnership=partnership)
    pair = make_pair(visitor, host, status=PairStatus.CONFIRMED)

    for slot in services.SLOTS:
        services.validate_pair(pair, slot, actor=support)

    assert pair.status is PairStatus.VALIDATED


def test_as_many_visits_as_contacts_wait_for_an_answer_of_the_other_side() -> None:
    call = make_call()
    host = make_host(call)
    for _ in range(services.MOST_OPEN_PAIRS):
        make_pair(make_visitor(call), host, side=Side.HOST)

    assert refused(lambda: make_pair(make_visitor(call), host, side=Side.HOST)) == "pairs-entered"
    make_pair(make_visitor(call), host, side=Side.VISITOR)


def test_a_host_is_asked_to_confirm_as_many_visits_at_once_and_more_when_it_answered() -> None:
    call = make_call()
    host = make_host(call)
    pairs = [make_pair(make_visitor(call), host) for _ in range(services.MOST_OPEN_PAIRS)]
    late = make_visitor(call)

    assert refused(lambda: make_pair(late, host)) == "pairs-received"

    services.decline_pair(pairs[0], "Not now.", actor=None)
    assert make_pair(late, host).status is PairStatus.ENTERED
