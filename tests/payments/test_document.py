import io
import socket
from collections.abc import Iterator
from dataclasses import fields

import pikepdf
import pytest
from flask import current_app
from sqlalchemy.orm import Session, scoped_session

from mobility.core.pdf import print_page, set_page
from mobility.partnerships.bank import AccountDraft, masked
from mobility.payments.document import document
from mobility.payments.services import TEMPLATE
from tests.make.exchanges import make_ended_exchange
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.payments import make_order


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket on the loopback that notices whoever calls."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening


def hostile(port: int) -> str:
    return (
        f'<img src="http://127.0.0.1:{port}/a.png"><link rel="attachment" href="file:///etc/passwd">'
        f'<style>@import "http://127.0.0.1:{port}/a.css"</style><img src="data:image/png,x"> {{{{ 7 * 7 }}}} file:///etc/passwd'
    )


@pytest.mark.parametrize(
    ("days", "km", "cents", "words"),
    [
        (5, 900, 78_000, "seven hundred and eighty euro"),
        (3, 900, 39_000, "three hundred and ninety euro"),
        (3, 80, 39_000, "three hundred and ninety euro"),
    ],
)
def test_the_paper_says_the_amount_in_figures_and_words(
    session: scoped_session[Session], days: int, km: int, cents: int, words: str
) -> None:
    printed = document(make_order(days=days, km=km), 1)

    assert (printed.amount_cents, printed.amount_words) == (cents, words)
    assert printed.steps[-1].amount_text == f"€{cents // 100}.00"


def test_the_paper_names_the_account_holder_and_hides_the_account(session: scoped_session[Session]) -> None:
    printed = document(make_order(), 1)

    assert printed.beneficiary == "Solarwerk"
    assert printed.account == "BE•• •••• 7034"
    assert "539007547034" not in "".join(str(getattr(printed, field.name)) for field in fields(printed))


def test_the_paper_lists_what_was_checked(session: scoped_session[Session]) -> None:
    evidence = [check.evidence for check in document(make_order(), 1).checks]

    assert evidence == [
        "Financial agreement, signed",
        "Closing report, accepted",
        "Evidence of the stay: boarding pass, travel invoice",
        "Amount as agreed and as worked out",
    ]


def test_the_same_order_prints_the_same_bytes(session: scoped_session[Session]) -> None:
    order = make_order()

    assert print_page(set_page(TEMPLATE, document(order, 1))) == print_page(
        set_page(TEMPLATE, document(order, 1))
    )


def test_a_usual_order_fits_on_one_sheet(session: scoped_session[Session]) -> None:
    content = print_page(set_page(TEMPLATE, document(make_order(), 1)))

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 1


def test_hostile_names_stay_text_and_fetch_nothing(
    session: scoped_session[Session], listener: socket.socket
) -> None:
    text = hostile(listener.getsockname()[1])
    partnership = make_partnership(name=text, town=text)
    exchange = make_ended_exchange(
        visitor=make_organisation(name=text, town=text, account=AccountDraft(text, "BE68 5390 0754 7034")),
        host=make_organisation(name=text, country="PT", town=text),
        vop=partnership,
        rules_version=text,
    )
    order = make_order(exchange)

    printed = document(order, 1)
    page = current_app.jinja_env.get_template(TEMPLATE).render(document=printed)
    content = print_page(set_page(TEMPLATE, printed))

    assert "<img" not in page
    assert page.count("&lt;img") >= 4
    assert "{{ 7 * 7 }}" in page
    with pytest.raises(TimeoutError):
        listener.accept()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.attachments) == 0
        assert not [annotation for page in pdf.pages for annotation in page.get("/Annots", [])]


@pytest.mark.parametrize(
    ("iban", "shown"),
    [
        ("SK3112000000198742637541", "SK•• •••• 7541"),
        ("BE68 5390 0754 7034", "BE•• •••• 7034"),
        ("NO9386011117947", "NO•• •••• 7947"),
        ("", ""),
    ],
)
def test_an_account_shows_its_country_and_last_four_signs(iban: str, shown: str) -> None:
    assert masked(iban) == shown
