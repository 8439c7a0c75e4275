"""Reviews: who gets what to review, without names, by weights, and what they count."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import services as applications
from mobility.applications.columns import content_of
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.catalogue.rules import score
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.organisations.queries import members_of
from mobility.reviews import queries, services
from mobility.reviews.models import Review
from mobility.reviews.rules import without_names
from mobility.rounds import entering, problem
from mobility.rounds.services import first_possible_day
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application, make_change_request
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.make.reviews import make_criteria, make_review, points_for
from tests.make.rounds import make_host, make_proposals, make_visitor
from tests.pages import version_on
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]


@pytest.fixture
def call() -> Call:
    """A call with a partnership and two criteria, of weights 3 and 1."""
    call = make_call()
    make_allotment(call)
    make_criteria(call)
    return call


def reviewer() -> User:
    """An officer of another partnership."""
    return make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership())


def waiting(call: Call, **changes: Any) -> Application:
    organisation = make_organisation(name="Solarwerk Gent", member=make_user(Role.APPLICANT))
    made = make_application(
        call=call,
        partnership=call.allotments[0].partnership,
        organisation=organisation,
        status=Status.SUBMITTED,
        **changes,
    )
    db.session.commit()
    return made


def test_the_mean_goes_by_the_weights_of_the_criteria(call: Call) -> None:
    application, people = waiting(call), [reviewer(), reviewer()]
    one, other = (make_review(person, application) for person in people)

    services.give(one, points_for(one, 5, 1), "Fits.", actor=people[0])
    assert application.review_percent == 75
    services.give(other, points_for(other, 1, 5), "", actor=people[1])
    assert application.review_percent == 50
    services.give(other, points_for(other, 5, 5), "", actor=people[1])
    assert application.review_percent == 88


def test_each_application_goes_to_so_many_who_know_nothing_of_it(call: Call) -> None:
    applied = [waiting(call) for _ in range(4)]
    own = make_user(Role.PARTNERSHIP_OFFICER, partnership=applied[0].partnership)
    people = [reviewer() for _ in range(3)]
    people[0].email = "ana@visitor.example"
    db.session.commit()

    assert services.hand_out(call, [own, *people], 2, actor=None) == 8
    assert services.hand_out(call, [own, *people], 2, actor=None) == 0

    given = list(db.session.scalars(select(Review.reviewer_id)))
    # The first is named in the applications, by a confirmed address.
    assert sorted(given.count(one.id) for one in [own, *people]) == [0, 0, 4, 4]
    assert {one.reviewer_id for one in queries.reviews_of(applied[0])} == {people[1].id, people[2].id}


def test_a_reviewer_reads_no_name(new_client: NewClient, call: Call) -> None:
    person = reviewer()
    application = waiting(call, motivation="I, Ana Peeters of SOLARWERK GENT, want to see blades.")
    review = make_review(person, application)
    db.session.commit()
    client = new_client()
    sign_in(client, person)

    pages = [client.get("/reviews").text, client.get(f"/reviews/{review.id}").text]

    hidden = (
        "Peeters",
        "Solarwerk",
        application.reference,
        application.person_email,
        "Ghent",
        "Flux Cluster",
    )
    assert [name for name in hidden for page in pages if name.lower() in page.lower()] == []
    assert "want to see blades" in pages[1]
    assert without_names("Anatomy of Ana", application) == "Anatomy of Ana"


def test_whoever_may_look_up_the_name_since_reviews_it_no_more(new_client: NewClient, call: Call) -> None:
    partnership = make_partnership()
    person = make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership)
    application = waiting(call)
    review = make_review(person, application)
    make_allotment(call, partnership)
    db.session.commit()
    client = new_client()
    sign_in(client, person)
    pages = ("/work", "/reviews", f"/reviews/{review.id}")
    words = ("Review 1 application", f"Review {review.id}", "see how blades")
    before = [word in client.get(page).text for page, word in zip(pages, words, strict=True)]

    applications.assign(application, partnership, "Nearer.", actor=None)
    db.session.commit()

    assert before == [True] * 3
    assert [word in client.get(page).text for page, word in zip(pages, words, strict=True)] == [False] * 3
    assert client.get(f"/applications/{application.reference}").status_code == 200


def test_a_review_is_given_by_page_and_staff_read_it(new_client: NewClient, call: Call) -> None:
    person, application = reviewer(), waiting(call)
    review = make_review(person, application)
    db.session.commit()
    client, support, applicant = new_client(), new_client(), new_client()
    sign_in(client, person)
    sign_in(support, make_user(Role.SUPPORT_OFFICER))
    sign_in(applicant, members_of(application.organisation)[0].user)
    address, record = f"/reviews/{review.id}", f"/applications/{application.reference}"
    fields = {f"points{key}": one for key, one in points_for(review, 5, 1).items()}

    assert "Review 1 application" in client.get("/work").text
    assert client.submit(address, {**fields, "version": 1, "comment": "A clear purpose."}).status_code == 302
    assert client.submit(address, {**fields, "version": 1}).status_code == 409
    assert "Review 1 application" not in client.get("/work").text
    for words in ("75 of 100", "A clear purpose.", person.name):
        assert words in support.get(record).text
        assert words not in applicant.get(record).text
    assert new_client().get(address).status_code == 302
    other = new_client()
    sign_in(other, reviewer())
    assert other.get(address).status_code == 404


def test_what_is_decided_or_lacks_points_takes_no_review(call: Call) -> None:
    person, application = reviewer(), waiting(call)
    review = make_review(person, application)

    for points in ({}, points_for(review, 6, 1), dict(list(points_for(review, 5, 5).items())[:1])):
        with pytest.raises(RuleBroken, match="points-missing"):
            services.give(review, points, "", actor=person)
    applications.assess(application, accepted=True, actor=None)
    with pytest.raises(RuleBroken, match="wrong-state"):
        services.give(review, points_for(review, 5, 5), "", actor=person)


def test_without_criteria_there_is_nothing_to_give(new_client: NewClient, call: Call) -> None:
    person, application = reviewer(), waiting(call)
    review = make_review(person, application)
    make_criteria(call, {})
    db.session.commit()
    client = new_client()
    sign_in(client, person)
    address = f"/reviews/{review.id}"

    assert "There are no criteria yet" in client.get(address).text
    assert client.submit("/reviews", {"version": 1}, to=address).status_code == 409
    assert review.given_at is None


def test_a_reviewer_reads_what_was_sent_and_not_what_is_being_changed(
    new_client: NewClient, call: Call
) -> None:
    person, application = reviewer(), waiting(call)
    review = make_review(person, application)
    make_change_request(application)
    content = replace(content_of(application), motivation="Half a thought", max_days=9)
    applications.revise(application, content, actor=None)
    db.session.commit()
    client = new_client()
    sign_in(client, person)

    page = client.get(f"/reviews/{review.id}").text

    assert "To see how blades are tested." in page
    assert "3 to 5 working days" in page
    assert "Half a thought" not in page


def test_a_review_that_came_too_late_is_not_asked_for(new_client: NewClient, call: Call) -> None:
    person, application = reviewer(), waiting(call)
    make_review(person, application)
    db.session.commit()
    client = new_client()
    sign_in(client, person)

    before = client.get("/reviews").text
    applications.assess(application, accepted=True, actor=None)
    db.session.commit()

    assert "To review" in before
    assert "To review" not in client.get("/reviews").text


def test_criteria_by_which_somebody_has_reviewed_stay(call: Call) -> None:
    person, application = reviewer(), waiting(call)
    make_criteria(call, {"Only this": 1})
    review = make_review(person, application)
    services.give(review, points_for(review, 3), "", actor=person)

    with pytest.raises(RuleBroken, match="criteria-in-use"):
        make_criteria(call, {"Something else": 1})
    make_criteria(call, {"Only this": 1}, most_points=20)
    assert call.review_points == 20


def test_reviews_count_in_a_round_as_the_call_says(call: Call) -> None:
    person, offer = reviewer(), make_host(call)
    visitor = make_visitor(call, status=Status.SUBMITTED)
    review = make_review(person, visitor)
    services.give(review, points_for(review, 5, 1), "", actor=person)
    applications.assess(visitor, accepted=True, actor=None)

    def pair() -> problem.PossiblePair:
        return problem.build(entering.inputs_of(call, first_possible_day(call))).pairs[0]

    without = pair()
    make_criteria(call, most_points=20)
    counted = pair()

    assert without.score == score(visitor, offer, days=without.days, call=call)
    assert counted.score.points == without.score.points + 15
    assert counted.score.parts[-1].code == "reviews"


def test_the_support_office_sets_criteria_and_hands_out_by_page(new_client: NewClient) -> None:
    call, person, client = make_call(), reviewer(), new_client()
    make_allotment(call)
    application = waiting(call)
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    criteria, hand_out = (f"/reviews/{page}?call={call.reference}" for page in ("criteria", "hand-out"))

    assert "No criteria yet" in client.get(hand_out).text
    sent = {
        "version": version_on(client.get(criteria).text),
        "most_points": "10",
        "name0": "Fit",
        "weight0": "2",
    }
    assert client.submit(criteria, sent | {"name1": "Fit", "weight1": ""}).status_code == 422
    assert client.submit(criteria, sent | {"name1": "", "weight1": "3"}).status_code == 422
    assert client.submit(criteria, sent).status_code == 302
    said = []
    for _turn in range(2):
        assert client.submit(hand_out, {"reviewers": str(person.id), "each": "2"}).status_code == 302
        said.append("1 review is handed out." in client.get(hand_out).text)

    assert said == [True, False]
    assert [one.reviewer_id for one in queries.reviews_of(application)] == [person.id]
    assert [(one.name, one.weight) for one in queries.criteria_of(call.id)] == [("Fit", 2)]


def test_the_sides_of_a_proposal_read_its_points_without_those_of_the_reviews(new_client: NewClient) -> None:
    call = make_call()
    make_host(call)
    visitor = make_visitor(call, status=Status.SUBMITTED)
    make_criteria(call, most_points=20)
    review = make_review(reviewer(), visitor)
    services.give(review, points_for(review, 2, 1), "", actor=review.reviewer)
    applications.assess(visitor, accepted=True, actor=None)
    (proposal,) = make_proposals(call)
    host = make_user(Role.HOST, email=proposal.offer.contact_email)
    support = make_user(Role.SUPPORT_OFFICER)
    db.session.commit()
    pages = []

    for user in (host, support):
        client = new_client()
        sign_in(client, user)
        pages.append(client.get(f"/exchanges/proposals/{proposal.reference}").text)

    assert ["of 100 on average" in page for page in pages] == [False, True]
    (of_reviews,) = [part["points"] for part in proposal.parts if part["code"] == "reviews"]
    assert of_reviews > 0
    assert f"{proposal.score - of_reviews} points" in pages[0]
    assert f"{proposal.score} points" in pages[1]
