"""Who is compared with a record at all, and how many."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.enums import Mode
from mobility.calls.models import Call
from mobility.catalogue import near, pages, rules, services
from mobility.core.db import db
from mobility.hosts.models import Offer
from tests.catalogue.people import NewClient, entered
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.catalogue import make_contact
from tests.make.organisations import make_organisation
from tests.make.rounds import make_host, make_visitor, weeks
from tests.visitor import Visitor

Db = scoped_session[Session]
Changes = Callable[[Call], dict[str, Any]]
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


def later(call: Call) -> dict[str, Any]:
    return {"windows": ((*weeks(call, 30, 2), 2),)}


def longer(_call: Call) -> dict[str, Any]:
    return {"min_days": 8, "max_days": 10}


def shorter(_call: Call) -> dict[str, Any]:
    return {"min_days": 3, "max_days": 4}


@pytest.mark.parametrize("changes", [later, longer, shorter])
def test_a_host_who_is_likely_available_is_nearer_than_newer_ones(
    visitor: Visitor,
    call: Call,
    application: Application,
    offer: Offer,
    monkeypatch: pytest.MonkeyPatch,
    changes: Changes,
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    application.min_days = 5
    make_host(call, title="N", **changes(call))
    db.session.commit()

    assert [row.split()[0] for row in rows(visitor.get("/catalogue").text)] == ["A"]


def visitor_later(call: Call) -> dict[str, Any]:
    return {"windows": (weeks(call, 30, 2),)}


def in_a_group(_call: Call) -> dict[str, Any]:
    return {"group_key": "G"}


def still_assessed(_call: Call) -> dict[str, Any]:
    return {"status": ApplicationStatus.SUBMITTED}


@pytest.mark.parametrize("changes", [visitor_later, longer, shorter, in_a_group, still_assessed])
def test_a_visitor_who_is_likely_available_is_nearer_than_newer_ones(
    host: Visitor,
    call: Call,
    application: Application,
    offer: Offer,
    monkeypatch: pytest.MonkeyPatch,
    changes: Changes,
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    offer.min_days, offer.max_days = 5, 6
    make_visitor(call, **changes(call))
    db.session.commit()

    (row,) = rows(host.get("/catalogue").text)

    assert application.reference in row


def test_of_those_available_who_shares_an_ecosystem_is_nearer(
    visitor: Visitor, call: Call, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    make_host(call, title="N", ecosystems=("textiles",))
    db.session.commit()

    assert [row.split()[0] for row in rows(visitor.get("/catalogue").text)] == ["A"]


def test_where_an_ecosystem_is_chosen_the_newest_are_near(
    visitor: Visitor, call: Call, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    make_host(call, title="O", ecosystems=("renewables", "textiles"))
    make_host(call, title="N", ecosystems=("textiles",))
    db.session.commit()

    page = visitor.get("/catalogue?ecosystem=textiles").text

    assert [row.split()[0] for row in rows(page)] == ["N"]


def test_whoever_is_in_contact_is_nearest_and_of_many_the_newest(
    visitor: Visitor, call: Call, application: Application, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    for title in "OPQ":
        make_contact(application, make_host(call, title=title))
    db.session.commit()

    assert [row.split()[0] for row in rows(visitor.get("/catalogue").text)] == ["Q"]


def test_a_call_lists_its_own_hosts_and_visitors(
    visitor: Visitor, host: Visitor, application: Application, offer: Offer
) -> None:
    elsewhere = make_call()
    make_host(elsewhere, title="Z")
    make_visitor(elsewhere)
    db.session.commit()

    assert [row.split()[0] for row in rows(visitor.get("/catalogue").text)] == ["A"]
    (row,) = rows(host.get("/catalogue").text)
    assert application.reference in row


def test_a_host_who_was_ruled_out_is_no_nearer_for_it(
    new_client: NewClient, call: Call, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    choosy = make_visitor(call, wishes={offer: None})
    make_host(call, title="N")
    client = entered(new_client, make_user(Role.APPLICANT, email=choosy.person_email))

    assert [row.split()[0] for row in rows(client.get("/catalogue").text)] == ["N"]


def test_a_visitor_who_rules_a_host_out_is_no_nearer_for_it(
    new_client: NewClient, call: Call, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "MOST_SCORED", 1)
    make_visitor(call, wishes={offer: None})
    newest = make_visitor(call)
    client = entered(new_client, make_user(Role.HOST, email=offer.contact_email))

    (row,) = rows(client.get("/catalogue").text)

    assert newest.reference in row


def test_the_list_comes_in_pages_and_says_only_what_is_left_out(
    visitor: Visitor, call: Call, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PER_PAGE", 2)
    monkeypatch.setattr(near, "MOST_SCORED", 3)
    for title in "BC":
        make_host(call, title=title)
    db.session.commit()

    shown = {asked: rows(visitor.get(f"/catalogue?page={asked}").text) for asked in ("", "2", "3", "0")}
    whole = visitor.get("/catalogue?q=e&page=2").text
    make_host(call, title="D")
    db.session.commit()
    cut = visitor.get("/catalogue?q=e&page=2").text

    assert [len(found) for found in shown.values()] == [2, 1, 1, 2]
    assert shown["2"] == shown["3"]
    assert {row.split()[0] for row in shown[""] + shown["2"]} == {"A", "B", "C"}
    assert "3 rows found" in whole
    assert "nearest are compared" not in whole
    assert "More than 3 rows found" in cut
    assert "Only the 3 nearest are compared" in cut
    assert 'rel="next"' not in cut


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
