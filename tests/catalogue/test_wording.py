"""The parts of a score in words."""

from flask import Flask

from mobility.catalogue import rules, wording
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
