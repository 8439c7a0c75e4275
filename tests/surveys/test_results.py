from mobility.surveys.enums import QuestionKind, Side
from mobility.surveys.questions import AFTER_STAY_QUESTIONS, Question
from mobility.surveys.results import Bar, Given, net_promoters, results

SCALE = Question("objectives", QuestionKind.SCALE, "stay")
TICKS = Question("activities", QuestionKind.CHOICES, "stay", choices=("capacity", "market"), several=True)
WELCOME = Question("welcome", QuestionKind.SCALE, "stay", (Side.VISITOR,))
NUMBER = Question("contacts", QuestionKind.NUMBER, "results")
YES_NO = Question("took_place", QuestionKind.YES_NO, "stay")
TEXT = Question("quote", QuestionKind.TEXT, "end")
APART = Question("confidential", QuestionKind.TEXT, "end", confidential=True)


def visitor(**values: object) -> Given:
    return Given(Side.VISITOR, values)


def test_a_scale_has_a_mean_and_a_bar_for_each_of_its_points() -> None:
    (result,) = results([SCALE], [visitor(objectives=5), visitor(objectives=4), visitor()])

    assert result.mean == 4.5
    assert (result.asked, result.answered) == (3, 2)
    assert result.bars[3:] == (Bar("4", 1, 50), Bar("5", 1, 50))
    assert sum(bar.count for bar in result.bars) == 2


def test_ticks_count_people_not_ticks() -> None:
    (result,) = results([TICKS], [visitor(activities=["capacity", "market"]), visitor(activities=["market"])])

    assert result.bars == (Bar("capacity", 1, 50), Bar("market", 2, 100))


def test_yes_and_no_are_counted() -> None:
    (result,) = results(
        [YES_NO], [visitor(took_place=True), visitor(took_place=False), visitor(took_place=True)]
    )

    assert result.bars == (Bar("yes", 2, 67), Bar("no", 1, 33))


def test_numbers_are_summed_and_averaged() -> None:
    (result,) = results([NUMBER], [visitor(contacts=0), visitor(contacts=5)])

    assert (result.total, result.mean) == (5, 2.5)


def test_a_side_that_was_not_asked_does_not_count() -> None:
    (result,) = results([WELCOME], [visitor(welcome=3), Given(Side.HOST, {})])

    assert (result.asked, result.answered) == (1, 1)


def test_texts_are_listed_as_written() -> None:
    (result,) = results([TEXT], [visitor(quote="We came home with a plan.")])

    assert result.texts == ("We came home with a plan.",)


def test_what_is_for_the_support_office_is_no_result() -> None:
    assert results([APART], [visitor(confidential="They drank.")]) == []


def test_net_promoters_are_nines_and_tens_less_zeros_to_sixes() -> None:
    assert net_promoters([10, 9, 8, 7, 6]) == 20
    assert net_promoters([0, 6]) == -100
    assert net_promoters([10]) == 100


def test_nobody_answered_is_no_division_by_zero() -> None:
    assert results(AFTER_STAY_QUESTIONS, []) == []


def test_a_question_comes_back_from_the_database_as_it_went_in() -> None:
    assert [Question.from_dict(question.as_dict()) for question in AFTER_STAY_QUESTIONS] == list(
        AFTER_STAY_QUESTIONS
    )
