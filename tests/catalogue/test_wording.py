"""The parts of a score in words."""

from flask import Flask

from mobility.calls.findings import Finding
from mobility.catalogue import fit, rules, services, wording
from mobility.catalogue.enums import ContactStatus, PairStatus
from mobility.catalogue.models import AgreedPair
from mobility.core.errors import RuleBroken
from tests.catalogue.test_rules import CALL, host, visitor


def test_every_part_has_a_label_and_a_sentence(app: Flask) -> None:
    parts = rules.score(visitor(), host(), days=5, call=CALL).as_dicts()

    with app.test_request_context():
        rows = wording.score_rows(parts)

    assert [row.points for row in rows] == [part["points"] for part in parts]
    assert all(row.label and row.text for row in rows)


def test_a_pair_with_nothing_in_common_is_told_so(app: Flask) -> None:
    offer = host(ecosystems=[], purposes=[], languages={"fr": "C1"}, partner_types=["large"])
    parts = rules.score(visitor(partner_types=["sme"]), offer, days=3, call=CALL).as_dicts()

    with app.test_request_context():
        texts = {part["code"]: row.text for part, row in zip(parts, wording.score_rows(parts), strict=True)}

    assert texts["topics"] == "No topic in common."
    assert texts["offer"] == "The host offers none of the purposes sought."
    assert texts["language"] == "No language in common."
    assert texts["partner_type"] == "Neither side is of the type the other would rather meet."


def test_a_ranked_wish_is_named_with_its_rank(app: Flask) -> None:
    with app.test_request_context():
        rows = wording.score_rows([{"code": "wish", "points": 92, "max": 100, "values": {"rank": 2}}])

    assert "number 2" in rows[0].text


def test_every_reason_and_every_rule_of_a_pair_has_words(app: Flask) -> None:
    about_stays = {"future", "visitor-dates", "host-dates", "stay-length", "full"}
    values = {"days": 1, "lengths": "3–5", "from_on": "2027-05-10"}
    with app.test_request_context():
        for code in {*fit.CODES, "waiting", "dates", "full"}:
            assert wording.reason(code)
        for code in {*fit.CODES, *about_stays}:
            shown = wording.shown([Finding(code, False, values), Finding(code, True, values)])
            assert [bool(one.text) for one in shown] == [True, False]
            assert all(one.title != code for one in shown)
            assert str(app.extensions["rule_words"](RuleBroken(f"pair-{code}", **values)))


def test_every_state_and_every_end_by_the_clock_has_words(app: Flask) -> None:
    with app.test_request_context():
        assert all(wording.pair_tag(status)[1] for status in PairStatus)
        assert all(wording.contact_tag(status)[1] for status in ContactStatus)
        for code in (services.DAY_PASSED, services.APPLICATION_GONE, "second-visit"):
            assert wording.end_reason(AgreedPair(decline_reason=code)) != code
        assert wording.end_reason(AgreedPair(decline_reason="Illness.")) == "Illness."
