from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.agreements import queries, services
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.audit.queries import entries_about
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from tests.agreements.pages import kinds, state
from tests.make.accounts import make_user
from tests.make.agreements import (
    make_agreed_exchange,
    make_commitment,
    make_financial,
    sign_all,
    sign_slot,
    signer,
)
from tests.make.partnerships import make_partnership

COMMITMENT, FINANCIAL = AgreementKind.COMMITMENT, AgreementKind.FINANCIAL


def officer_who_visits(exchange: Exchange) -> User:
    """An officer of the visitor's partnership who is the person named in the application, too."""
    return make_user(
        Role.PARTNERSHIP_OFFICER, partnership=exchange.vop, email=exchange.application.person_email
    )


@pytest.mark.parametrize("slot", list(Slot))
def test_each_party_signs_through_its_people(session: scoped_session[Session], slot: Slot) -> None:
    agreement = make_commitment()
    person = signer(agreement.exchange, slot)

    services.sign(
        agreement,
        slot,
        sha256=agreement.sha256,
        name=" Vera ",
        position=" Director ",
        address="::1",
        actor=person,
    )

    (signature,) = agreement.signatures
    assert (signature.slot, signature.user_id, signature.name) == (slot, person.id, "Vera")
    assert (signature.position, signature.address) == ("Director", "::1")
    entry = entries_about(agreement)[-1]
    assert (entry.verb, entry.actor_id, entry.values["sha256"]) == (
        "agreement.signed",
        person.id,
        agreement.sha256,
    )


@pytest.mark.parametrize(
    ("who", "slot"),
    [(who, slot) for who in Slot for slot in Slot if who is not slot],
)
def test_nobody_signs_for_another_party(session: scoped_session[Session], who: Slot, slot: Slot) -> None:
    agreement = make_commitment()
    person = signer(agreement.exchange, who)

    with pytest.raises(RuleBroken, match="not-your-slot"):
        services.sign(agreement, slot, sha256=agreement.sha256, name="Vera", actor=person)

    assert state(agreement) == (AgreementStatus.SIGNING, 0)


@pytest.mark.parametrize("role", [Role.SUPPORT_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("slot", list(Slot))
def test_who_reads_all_signs_nothing(session: scoped_session[Session], role: Role, slot: Slot) -> None:
    agreement = make_commitment()

    with pytest.raises(RuleBroken, match="not-your-slot"):
        services.sign(agreement, slot, sha256=agreement.sha256, name="Vera", actor=make_user(role))

    assert state(agreement) == (AgreementStatus.SIGNING, 0)


@pytest.mark.parametrize("slot", [Slot.HO, Slot.HOP])
def test_the_host_and_its_partnership_have_no_part_in_the_money(
    session: scoped_session[Session], slot: Slot
) -> None:
    agreement = make_financial()

    with pytest.raises(RuleBroken, match="not-your-slot"):
        sign_slot(agreement, slot)

    assert state(agreement) == (AgreementStatus.SIGNING, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sha256": ""}, "other-text-shown"),
        ({"sha256": "0" * 64}, "other-text-shown"),
        ({"name": " "}, "signer-unnamed"),
    ],
)
def test_a_signature_is_for_the_text_that_was_shown_and_has_a_name(
    session: scoped_session[Session], changes: dict[str, str], code: str
) -> None:
    agreement = make_commitment()
    person = signer(agreement.exchange, Slot.VO)

    with pytest.raises(RuleBroken, match=code):
        services.sign(
            agreement, Slot.VO, actor=person, **({"sha256": agreement.sha256, "name": "V"} | changes)
        )

    assert state(agreement) == (AgreementStatus.SIGNING, 0)


def test_a_party_signs_once(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    person = sign_slot(agreement, Slot.VO)

    with pytest.raises(RuleBroken, match="already-signed"):
        sign_slot(agreement, Slot.VO, person)

    assert state(agreement) == (AgreementStatus.SIGNING, 1)


def test_one_officer_signs_for_both_partnerships(session: scoped_session[Session]) -> None:
    partnership = make_partnership()
    agreement = make_commitment(make_agreed_exchange(vop=partnership, hop=partnership))
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership)

    sign_slot(agreement, Slot.VOP, officer)
    sign_slot(agreement, Slot.HOP, officer)

    assert state(agreement) == (AgreementStatus.SIGNING, 2)


@pytest.mark.parametrize(("first", "second"), [(Slot.VO, Slot.VOP), (Slot.VOP, Slot.VO)])
def test_nobody_signs_for_a_side_and_for_a_partnership(
    session: scoped_session[Session], first: Slot, second: Slot
) -> None:
    agreement = make_commitment()
    person = officer_who_visits(agreement.exchange)
    sign_slot(agreement, first, person)

    with pytest.raises(RuleBroken, match="one-person-two-sides"):
        sign_slot(agreement, second, person)

    assert state(agreement) == (AgreementStatus.SIGNING, 1)


def test_who_signed_the_commitment_for_a_side_does_not_sign_the_money_for_the_partnership(
    session: scoped_session[Session],
) -> None:
    commitment = make_commitment()
    person = officer_who_visits(commitment.exchange)
    sign_slot(commitment, Slot.VO, person)
    sign_all(commitment)
    financial = queries.in_force(commitment.exchange, FINANCIAL)
    assert financial is not None

    with pytest.raises(RuleBroken, match="one-person-two-sides"):
        sign_slot(financial, Slot.VOP, person)

    assert state(financial) == (AgreementStatus.SIGNING, 0)


def test_the_last_of_four_signatures_draws_up_the_financial_agreement(
    session: scoped_session[Session],
) -> None:
    commitment = make_commitment()
    exchange = commitment.exchange
    sign_all(commitment, but=(Slot.HOP,))
    assert queries.in_force(exchange, FINANCIAL) is None

    sign_slot(commitment, Slot.HOP)

    financial = queries.in_force(exchange, FINANCIAL)
    assert financial is not None
    assert queries.is_signed(exchange, COMMITMENT)
    assert financial.lump_sum_cents == exchange.lump_sum_cents == 78_000
    assert exchange.status is ExchangeStatus.AGREED
    assert kinds(commitment)[:4] == [f"agreements.all_signed_{slot}" for slot in sorted(Slot)]
    assert kinds(financial) == ["agreements.please_sign_vo", "agreements.please_sign_vop"]


def test_the_financial_agreement_says_amount_reason_terms_and_parties(
    session: scoped_session[Session],
) -> None:
    exchange = make_agreed_exchange(days=3)

    content = make_financial(exchange).content

    commitment = queries.in_force(exchange, COMMITMENT)
    assert commitment is not None
    assert (content["amount_cents"], content["amount_words"]) == (39_000, "three hundred and ninety euro")
    assert content["share"] == "Half: fewer than 5 working days at the host."
    assert content["commitment"] == {"number": commitment.number, "sha256": commitment.sha256}
    assert [party["slot"] for party in content["parties"]] == ["vo", "vop"]
    assert content["account_holder"] == "Solarwerk"
    assert content["payer"] == exchange.vop.name
    assert content["trace"] == exchange.trace
    assert [row["amount"] for row in content["steps"]] == ["€780.00", "€390.00", "€390.00"]
    titles = {clause["title"] for clause in content["clauses"]}
    assert {"Conditions", "Early termination", "Recovery", "No double funding", "Data protection"} <= titles
    assert "BE68" not in str(content)


def test_a_call_that_pays_for_all_names_its_payer(session: scoped_session[Session]) -> None:
    exchange = make_agreed_exchange()
    exchange.call.payer = make_partnership(name="Support office")

    assert make_financial(exchange).content["payer"] == "Support office"


def test_the_last_signature_on_the_money_confirms_the_exchange(session: scoped_session[Session]) -> None:
    financial = make_financial()

    sign_all(financial)

    assert queries.is_signed(financial.exchange, FINANCIAL)
    assert financial.exchange.status is ExchangeStatus.CONFIRMED
    assert financial.exchange.confirmed_at is not None


def test_without_a_lump_sum_four_signatures_confirm_the_exchange(session: scoped_session[Session]) -> None:
    commitment = make_commitment(make_agreed_exchange(lump_sum_cents=0))

    sign_all(commitment)

    assert commitment.exchange.status is ExchangeStatus.CONFIRMED
    assert queries.all_in_force(commitment.exchange) == [commitment]


def test_what_is_signed_by_all_takes_no_more_signatures(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    sign_all(agreement)

    with pytest.raises(RuleBroken, match="wrong-state"):
        sign_slot(agreement, Slot.VO)

    assert state(agreement) == (AgreementStatus.SIGNED, 4)


def test_a_void_agreement_takes_no_signature(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    services.amend(agreement.exchange, "Other goals.", actor=None)

    with pytest.raises(RuleBroken, match="wrong-state"):
        sign_slot(agreement, Slot.VO)

    assert state(agreement) == (AgreementStatus.VOID, 0)


def test_a_signature_on_a_void_agreement_does_not_bind_its_signer(session: scoped_session[Session]) -> None:
    first = make_commitment()
    person = officer_who_visits(first.exchange)
    sign_slot(first, Slot.VO, person)
    services.amend(first.exchange, "Other goals.", actor=None)

    second = services.draw_up(first.exchange, actor=None)
    sign_slot(second, Slot.VOP, person)

    assert state(second) == (AgreementStatus.SIGNING, 1)


def test_after_the_first_day_nobody_signs(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    exchange = agreement.exchange
    exchange.first_day = clock.today() - timedelta(days=1)
    session.flush()

    with pytest.raises(RuleBroken, match="too-late-to-sign"):
        sign_slot(agreement, Slot.VO)

    assert state(agreement) == (AgreementStatus.SIGNING, 0)
