"""What a second import leaves as it is: excluded days, answers to the call's own questions, merged entries."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.columns import answers_of, content_of
from mobility.applications.models import Application
from mobility.applications.rows import fill
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.files import BadFile
from mobility.imports.whole import IMPORTERS, Tally, import_file
from mobility.organisations import merges
from mobility.organisations.enums import LikenessStatus
from mobility.organisations.models import Likeness, Organisation
from mobility.organisations.services import correct_place
from tests.imports.rows import APPLICATION, CLUSTER, SPINNER, WEAVER
from tests.imports.workbook import make_workbook
from tests.make.accounts import make_user
from tests.make.applications import answers_to
from tests.make.calls import make_call_question, make_call_questions

Db = scoped_session[Session]
Stocked = Callable[..., Tally]
EXCLUDED = {"excluded": "2027-02-22; 2027-03-01..2027-03-02"}


def test_excluded_days_come_in_and_an_empty_cell_leaves_them(session: Db, stocked: Stocked) -> None:
    stocked("applications", APPLICATION | EXCLUDED)

    again = stocked("applications", APPLICATION)

    application = session.scalars(select(Application)).one()
    assert application.excluded_days == [
        (date(2027, 2, 22), date(2027, 2, 22)),
        (date(2027, 3, 1), date(2027, 3, 2)),
    ]
    assert again.unchanged == 1


def test_a_file_without_the_column_is_taken(call: Call, stocked: Stocked) -> None:
    empty = ("partnership", "position", "third_country", "residence_days", "has_business", "industries")
    names = [*APPLICATION, *empty, "countries", "partner_types", "mode", "group"]

    tally = import_file(
        "applications", make_workbook(names, [APPLICATION.get(name, "") for name in names]), call
    )

    assert tally.new == 1


def test_a_row_without_excluded_days_that_can_be_read_is_refused(stocked: Stocked) -> None:
    with pytest.raises(BadFile) as bad:
        stocked("applications", APPLICATION | {"excluded": "spring"})

    assert str(bad.value.problems[0]).startswith('row 2, column excluded: "spring" is not a date')


def test_answers_to_the_calls_own_questions_stay(call: Call, session: Db, stocked: Stocked) -> None:
    question = make_call_question(call, is_required=True)
    stocked("applications", APPLICATION)
    application = session.scalars(select(Application)).one()
    fill(application, replace(content_of(application), answers=answers_to([question])))
    session.flush()

    again, changed = (
        stocked("applications", APPLICATION),
        stocked("applications", APPLICATION | {"max_days": "5"}),
    )

    assert (again.unchanged, changed.updated) == (1, 1)
    assert [answer.value for answer in answers_of(application)] == ["Hannover"]


def test_a_row_of_a_merged_organisation_goes_to_the_entry_that_stands_for_it(
    session: Db, stocked: Stocked
) -> None:
    stocked("applications", APPLICATION | {"organisation": SPINNER["registration"]})
    merged, survivor = (
        session.scalars(select(Organisation).where(Organisation.registration == row["registration"])).one()
        for row in (SPINNER, WEAVER)
    )
    one, other = sorted((merged, survivor), key=lambda organisation: organisation.id)
    likeness = Likeness(one=one, other=other, reasons=[], status=LikenessStatus.OPEN, found_at=clock.utcnow())
    session.add(likeness)
    session.flush()
    merges.merge(likeness, survivor, actor=make_user(Role.SUPPORT_OFFICER))
    session.flush()
    # As another request finds it: a merge moves rows, not what is loaded.
    session.expire_all()
    before = session.query(Organisation).count()

    organisations = stocked("organisations", CLUSTER, WEAVER, SPINNER | {"staff": "43"})
    applications = stocked("applications", APPLICATION | {"organisation": SPINNER["registration"]})

    assert (organisations.unchanged, applications.unchanged) == (3, 1)
    assert session.query(Organisation).count() == before
    assert session.scalars(select(Application)).one().organisation is survivor
    assert merged.staff == 42


def test_a_corrected_place_stays_unless_the_row_says_another(session: Db, stocked: Stocked) -> None:
    weaver = session.scalars(
        select(Organisation).where(Organisation.registration == WEAVER["registration"])
    ).one()
    correct_place(
        weaver,
        41.0,
        2.0,
        "Its works are there.",
        actor=make_user(Role.SUPPORT_OFFICER),
        version=weaver.version,
    )

    again = stocked("organisations", WEAVER)
    kept = weaver.latitude, weaver.longitude
    stocked("organisations", WEAVER | {"latitude": "41.5", "longitude": "2.5"})

    assert (again.unchanged, kept) == (1, (41.0, 2.0))
    assert (weaver.latitude, weaver.longitude) == (41.5, 2.5)


def with_answers(call: Call, answers: dict[str, str]) -> Tally:
    """Import the application with further columns: the words of a question, with an answer."""
    row = dict.fromkeys((column.name for column in IMPORTERS["applications"].columns), "") | APPLICATION
    row |= answers
    return import_file("applications", make_workbook([*row], [*row.values()]), call)


def test_answers_to_the_calls_own_questions_come_in_by_their_words(
    call: Call, session: Db, stocked: Stocked
) -> None:
    make_call_questions(call, "Q")
    answers = {
        "Q line": "Hannover",
        "Q yes_no": "yes",
        "Q choice": "By air",
        "Q choices": "By road; By train",
        "Q number": "3",
        "Q date": "2027-03-01",
    }
    first, again = with_answers(call, answers), with_answers(call, answers)
    more = with_answers(call, {"Q text": "A text."})
    session.expire_all()

    application = session.scalars(select(Application)).one()
    values = {one.wording.label: one.value for one in application.answers}
    assert (first.new, again.unchanged, more.updated) == (1, 1, 1)
    assert values == {
        "Q line": "Hannover",
        "Q yes_no": "yes",
        "Q choice": "By air",
        "Q choices": ["By train", "By road"],
        "Q number": 3,
        "Q date": "2027-03-01",
        "Q text": "A text.",
    }


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"Q line": "Another"}, "column Q line: is answered otherwise already; change it on the site"),
        ({"Q number": "many"}, 'column Q number: "many" is not'),
        ({"Q date": "2027-03-01"}, "column Q date: is not asked with these answers; leave it empty"),
        ({"Q nothing": "x"}, "there is no column Q nothing"),
    ],
)
def test_answers_that_cannot_be_are_problems(
    call: Call, session: Db, stocked: Stocked, answers: dict[str, str], problem: str
) -> None:
    make_call_questions(call, "Q")
    with_answers(call, {"Q line": "Hannover"})

    with pytest.raises(BadFile) as bad:
        with_answers(call, answers)

    assert problem in str(bad.value.problems[0])
