"""Who is compared with a record at all, and how many."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.applications.models import Application
from mobility.calls.enums import Mode
from mobility.calls.models import Call
from mobility.catalogue import near, rules, services
from mobility.core.db import db
from mobility.hosts.models import Offer
from tests.make.catalogue import make_contact
from tests.make.organisations import make_organisation
from tests.make.rounds import make_host, make_visitor
from tests.visitor import Visitor

Db = scoped_session[Session]
MOST_STATEMENTS = 12
# What the beginnings and ends of transactions add to them in a test.
AROUND = 7


def rows(page: str) -> list[str]:
    """The rows of the table, without tags."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def at_home(call: Call) -> None:
    make_host(call, title="Z", organisation=make_organisation(country="ES"))


def other_language(call: Call) -> None:
    make_host(call, title="Z", languages={"fr": "C1"})


def other_mode(call: Call) -> None:
    make_host(call, title="Z", mode=Mode.VIRTUAL)


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (at_home, "same country"),
        (other_language, "No language in common"),
        (other_mode, "One would meet in person"),
    ],
)
def test_who_can_never_fit_is_not_listed_but_its_page_says_why(
    visitor: Visitor, call: Call, arrange: Callable[[Call], None], reason: str
) -> None:
    arrange(call)
    reference = db.session.scalars(select(Offer.reference).where(Offer.title == "Z")).one()
    db.session.commit()

    found = rows(visitor.get("/catalogue").text)

    assert [row.split()[0] for row in found] == ["A"]
    assert reason in visitor.get(f"/catalogue/{reference}").text


def test_a_long_list_scores_who_is_in_contact_then_who_shares_a_topic_then_the_newest(
    visitor: Visitor,
    call: Call,
    application: Application,
    offer: Offer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 3)
    known = make_host(call, title="K", ecosystems=("textiles",))
    make_contact(application, known)
    make_host(call, title="O", ecosystems=("textiles",))
    make_host(call, title="N")
    db.session.commit()

    page = visitor.get("/catalogue").text

    assert {row.split()[0] for row in rows(page)} == {"K", "N", "A"}
    assert "Only the 3 nearest are compared" in page


def test_a_visitor_wished_for_is_scored_before_newer_ones(
    host: Visitor, call: Call, application: Application, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    make_visitor(call, wishes={offer: 1}, ecosystems=("textiles",))
    make_visitor(call)
    db.session.commit()

    (row,) = rows(host.get("/catalogue").text)

    assert "100" in row


def test_of_too_many_wishes_the_best_ranks_are_scored(
    host: Visitor, call: Call, application: Application, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    others = [make_host(call) for _ in range(2)]
    best = make_visitor(call, wishes={offer: 1})
    make_visitor(call, wishes={others[0]: 1, others[1]: 2, offer: 3})
    db.session.commit()

    (row,) = rows(host.get("/catalogue").text)

    assert best.reference in row


def test_whoever_wanted_no_contact_is_not_nearer_for_it(
    visitor: Visitor,
    call: Call,
    application: Application,
    offer: Offer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    services.answer_contact(make_contact(application, offer), accepted=False, reply="", actor=None)
    make_host(call, title="N")
    db.session.commit()

    (row,) = rows(visitor.get("/catalogue").text)

    assert row.startswith("N ")


@pytest.mark.parametrize("path", ["", "/contact"])
def test_one_record_is_read_without_scoring_the_others(
    visitor: Visitor, call: Call, offer: Offer, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for _ in range(3):
        make_host(call)
    db.session.commit()
    scored, score = [], rules.score

    def note(seeker: Application, seen: Offer, **more: Any) -> rules.Score:
        scored.append(seen.reference)
        return score(seeker, seen, **more)

    monkeypatch.setattr(rules, "score", note)

    page = f"/catalogue/{offer.reference}"
    if path:
        assert visitor.submit(page, {"message": "Hello"}, to=page + path).status_code == 302
    else:
        assert visitor.get(page).status_code == 200

    assert set(scored) == {offer.reference}
