from hashlib import sha256

from sqlalchemy.orm import Session, scoped_session

from mobility.papers import queries, services
from mobility.papers.models import Paper
from mobility.payments.models import PaymentOrder
from tests.make.papers import make_paper
from tests.make.payments import make_order


def issued(order: PaymentOrder, content: bytes = b"%PDF-1.7 one") -> Paper:
    return make_paper(order, kind="payment_order", content=content)


def test_a_paper_is_kept_whole_with_its_hash(session: scoped_session[Session]) -> None:
    order = make_order()

    paper = issued(order, b"%PDF-1.7 one")

    assert paper.content == b"%PDF-1.7 one"
    assert paper.sha256 == sha256(b"%PDF-1.7 one").hexdigest()
    assert (paper.paper_version, paper.bytes_long) == (1, 12)
    assert queries.live("payment_order", order) is paper


def test_a_new_version_replaces_the_old_which_stays_on_file(session: scoped_session[Session]) -> None:
    order = make_order()
    first = issued(order, b"%PDF-1.7 one")

    second = issued(order, b"%PDF-1.7 two")

    assert second.paper_version == 2
    assert queries.live("payment_order", order) is second
    assert first.replaced_at is not None
    assert first.content == b"%PDF-1.7 one"
    assert queries.versions("payment_order", order) == [second, first]


def test_a_cancelled_paper_is_out_of_use(session: scoped_session[Session]) -> None:
    order = make_order()
    paper = issued(order)

    services.cancel("payment_order", order, actor=None)

    assert queries.live("payment_order", order) is None
    assert queries.versions("payment_order", order) == [paper]


def test_papers_of_many_records_come_in_one_go(session: scoped_session[Session]) -> None:
    with_paper, without = make_order(), make_order()
    paper = issued(with_paper)

    assert queries.live_of("payment_order", "payment_order", [with_paper.id, without.id]) == {
        with_paper.id: paper
    }
