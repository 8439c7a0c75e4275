import re

import segno
from flask import Flask

from mobility.papers.services import code_of
from mobility.papers.stamp import stamp

RUN = re.compile(r"M(\d+) (\d+)\.5h(\d+)")


def dark_squares(path: str) -> set[tuple[int, int]]:
    """The squares (x, y) that the drawing fills."""
    assert RUN.sub("", path) == ""
    runs = [tuple(map(int, run)) for run in RUN.findall(path)]
    return {(x + step, y) for x, y, length in runs for step in range(length)}


def test_a_stamp_says_code_and_address_of_the_check_page(app: Flask) -> None:
    with app.app_context():
        found = stamp("PO-2027-0109", 1)

        assert found.code == code_of("PO-2027-0109", 1)
        assert found.url == f"{app.config['SETTINGS'].public_base_url}/verify/{found.code}"


def test_each_version_has_a_code_of_its_own_and_keeps_it(app: Flask) -> None:
    with app.app_context():
        assert stamp("PO-2027-0109", 1) == stamp("PO-2027-0109", 1)
        codes = {stamp(number, version).code for number in ("PO-1", "PO-2") for version in (1, 2)}

    assert len(codes) == 4


def test_the_code_cannot_be_worked_out_without_the_secret_of_the_house(app: Flask) -> None:
    with app.app_context():
        ours = code_of("PO-2027-0109", 1)
        key, app.config["SECRET_KEY"] = app.config["SECRET_KEY"], "another"
        theirs = code_of("PO-2027-0109", 1)
        app.config["SECRET_KEY"] = key

    assert re.fullmatch(r"([A-Z2-7]{4}-){4}[A-Z2-7]{4}", ours)
    assert ours != theirs


def test_the_drawing_is_the_qr_code_of_the_address(app: Flask) -> None:
    with app.app_context():
        found = stamp("PO-2027-0109", 1)
    matrix = segno.make(found.url, error="m", micro=False).matrix

    expected = {(x, y) for y, row in enumerate(matrix) for x, square in enumerate(row) if square}
    assert found.qr_side == len(matrix)
    assert dark_squares(found.qr) == expected
