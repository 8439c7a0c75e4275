"""The papers of both agreements."""

import io
import socket
from collections.abc import Callable, Iterator

import pikepdf
import pytest
from flask import current_app
from sqlalchemy.orm import Session, scoped_session

from mobility.agreements import services
from mobility.agreements.document import document
from mobility.agreements.enums import AgreementStatus, Slot
from mobility.agreements.models import Agreement
from mobility.core.pdf import print_page, set_page
from mobility.papers import queries as papers
from mobility.papers.models import Paper
from mobility.papers.services import code_of
from tests.make.agreements import (
    make_agreed_exchange,
    make_commitment,
    make_financial,
    make_plan,
    sign_all,
    sign_slot,
)
from tests.make.hosts import PORTO
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

MAKERS = [make_commitment, make_financial]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket on the loopback that notices whoever calls."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening


def page_of(agreement: Agreement, version: int = 1) -> str:
    """What the printer is given."""
    template = current_app.jinja_env.get_template(services.TEMPLATES[agreement.kind])
    return template.render(document=document(agreement, version))


def printed(agreement: Agreement) -> Paper:
    paper = services.print_agreement(agreement)
    assert paper is not None
    return paper


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_agreement_prints_the_same_bytes(
    session: scoped_session[Session], make: Callable[[], Agreement]
) -> None:
    agreement = make()
    template = services.TEMPLATES[agreement.kind]

    assert print_page(set_page(template, document(agreement, 1))) == print_page(
        set_page(template, document(agreement, 1))
    )


@pytest.mark.parametrize("make", MAKERS)
def test_printing_again_before_all_have_signed_is_no_new_version(
    session: scoped_session[Session], make: Callable[[], Agreement]
) -> None:
    agreement = make()
    first = printed(agreement)
    sign_slot(agreement, Slot.VO)

    assert printed(agreement) is first


@pytest.mark.parametrize("make", MAKERS)
def test_the_signed_paper_replaces_the_one_for_signing(
    session: scoped_session[Session], make: Callable[[], Agreement]
) -> None:
    agreement = make()
    first = printed(agreement)
    sign_all(agreement)

    second = printed(agreement)

    assert (first.paper_version, second.paper_version) == (1, 2)
    assert papers.standing(first).replaced_by is second
    assert second.number == agreement.number
    assert printed(agreement) is second


def test_the_paper_for_signing_has_lines_and_no_names(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    sign_slot(agreement, Slot.HO)

    page = page_of(agreement)

    assert page.count("Name, date, signature") == 4
    assert "for signing" in page
    assert "replaces version" not in page


def test_the_signed_paper_says_who_signed_when_and_what_it_replaces(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    sign_all(agreement)

    page = page_of(agreement, 2)

    assert "Name, date, signature" not in page
    assert all(signature.name in page for signature in agreement.signatures)
    assert "version 2, replaces version 1" in " ".join(page.split())
    assert agreement.sha256 in page


@pytest.mark.parametrize("make", MAKERS)
def test_the_paper_carries_its_code_and_nobodys_address(
    session: scoped_session[Session], make: Callable[[], Agreement]
) -> None:
    agreement = make()
    person = sign_slot(agreement, Slot.VO)
    sign_all(agreement)

    page = page_of(agreement, 2)

    code = code_of(agreement.number, 2)
    assert code in page
    assert f"/verify/{code}" in page
    assert person.name in page
    assert "127.0.0.1" not in page.replace(document(agreement, 2).stamp.url, "")


def test_the_financial_paper_says_amount_in_figures_and_words(session: scoped_session[Session]) -> None:
    page = page_of(make_financial(make_agreed_exchange(days=3)))

    assert "€390.00" in page
    assert "three hundred and ninety euro" in page
    assert "Half: fewer than 5 working days at the host." in page
    assert "within 10 days after the accepted closing report" in page


def test_a_void_agreement_is_not_printed_and_its_paper_is_cancelled(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    paper = printed(agreement)

    services.amend(agreement.exchange, "Other goals.", actor=None)

    assert agreement.status is AgreementStatus.VOID
    assert services.print_agreement(agreement) is None
    assert papers.standing(paper).state == "cancelled"


def test_a_usual_agreement_takes_two_sheets(session: scoped_session[Session]) -> None:
    for agreement in (make_commitment(), make_financial()):
        sign_all(agreement)
        with pikepdf.open(io.BytesIO(printed(agreement).content)) as pdf:
            assert len(pdf.pages) == 2


@pytest.mark.parametrize("make", MAKERS)
def test_the_paper_is_archivable_tagged_and_has_one_typeface(
    session: scoped_session[Session], make: Callable[[], Agreement]
) -> None:
    content = printed(make()).content

    with pikepdf.open(io.BytesIO(content)) as pdf:
        fonts = [
            found
            for found in pdf.objects
            if isinstance(found, pikepdf.Dictionary) and "/FontDescriptor" in found
        ]
        names = {str(font.FontDescriptor.FontName).partition("+")[2] for font in fonts}
        assert pdf.open_metadata()["pdfaid:conformance"] == "A"
        assert pdf.Root.MarkInfo.Marked
        assert names
        assert all(name.startswith("Inter") for name in names), names


def test_what_people_wrote_is_printed_as_text_and_fetches_nothing(
    session: scoped_session[Session], listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    hostile = (
        f'<img src="http://127.0.0.1:{port}/a.png"><link rel="attachment" href="file:///etc/passwd">'
        f'<style>@import "http://127.0.0.1:{port}/a.css"</style>{{{{ 7 * 7 }}}}'
    )
    exchange = make_agreed_exchange(
        visitor=make_organisation(name=hostile, town=hostile, account=None),
        host=make_organisation(**(PORTO | {"name": hostile}), account=None),
        vop=make_partnership(name=hostile),
    )
    plan = make_plan(exchange, tasks=hostile, place=hostile, objectives_visitor=hostile)
    agreement = services.draw_up(plan.exchange, actor=None)

    page, content = page_of(agreement), printed(agreement).content

    assert "<img" not in page
    assert "{{ 7 * 7 }}" in page
    with pytest.raises(TimeoutError):
        listener.accept()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.attachments) == 0
        assert not [one for sheet in pdf.pages for one in sheet.get("/Annots", [])]


def test_long_texts_run_over_several_sheets(session: scoped_session[Session]) -> None:
    long = "Blades are tested on the rig in the morning and measured in the afternoon. " * 60
    plan = make_plan(tasks=long, objectives_visitor=long, objectives_host=long)

    content = printed(services.draw_up(plan.exchange, actor=None)).content

    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) > 3
