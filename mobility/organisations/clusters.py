"""A cluster says, through a link in a letter, whether an organisation is its member."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from mobility.accounts.models import User
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.crypto import link_token, token_hash
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.together import lock
from mobility.mail.services import write
from mobility.organisations import letters, queries
from mobility.organisations.enums import ASKED, AskStatus, Standing
from mobility.organisations.models import ClusterQuestion, Organisation
from mobility.taxonomies.folding import fold

ANSWER_WITHIN = timedelta(days=30)
REMIND_AFTER = timedelta(days=7)
# How often one cluster may be asked about one organisation.
MOST_QUESTIONS = 3


def ask(organisation: Organisation, to_email: str, *, actor: User) -> ClusterQuestion:
    """Ask the cluster that an organisation names whether it is a member.

    Raises `RuleBroken`: "no-cluster", "cluster-confirmed", "cluster-asked", "cluster-asked-often" and "own-address"
    for an address of the organisation's own people.
    """
    asked_before = _held(organisation)
    _refuse_question(organisation, asked_before, to_email)
    turn = len(asked_before) + 1
    question = _question(organisation, turn, to_email.strip(), actor)
    try:
        with db.session.begin_nested():
            db.session.add(question)
    except IntegrityError:
        # Somebody else asked a moment ago.
        raise RuleBroken("cluster-asked") from None
    _stand(organisation, Standing.ASKED)
    record("cluster.asked", question, actor=actor, organisation=organisation.name)
    write(letters.cluster_asked(question, _token(question)))
    return question


def answer(question: ClusterQuestion, *, is_member: bool, by: str, remark: str = "") -> None:
    """Write down the cluster's answer, once.

    A yes counts at once if it comes from an address that is known for the cluster: anybody can name one of their own.
    Raises `RuleBroken`: "cluster-link-over" when the link has ended, "wrong-state" or "stale" after another answer.
    """
    survivor = lock_survivor(question.organisation)
    now = clock.utcnow()
    if question.expires_at <= now:
        raise RuleBroken("cluster-link-over")
    status = AskStatus.CONFIRMED if is_member else AskStatus.REFUSED
    ASKED.move(question, to=status, ended_at=now, answered_by=by, remark=remark)
    is_open = is_member and not queries.is_known_address(question)
    standing = Standing.ANSWERED if is_open else Standing(status.value)
    _stand(question.organisation, standing)
    if survivor is not question.organisation and _is_about(question, survivor):
        _stand(survivor, standing)
    record("cluster.answered", question, actor=None, organisation=question.organisation.name, status=status)
    write(letters.cluster_answered(question, standing))


def take(question: ClusterQuestion, *, actor: Actor) -> None:
    """Find that a yes came from the cluster. Raises `RuleBroken("wrong-state")` for any but the answer that waits."""
    organisation = lock_survivor(question.organisation)
    said = questions_to(organisation, queries.questions_about(organisation))
    if organisation.cluster_standing is not Standing.ANSWERED or said[0].id != question.id:
        raise RuleBroken("wrong-state", state=organisation.cluster_standing, to=Standing.CONFIRMED)
    _stand(organisation, Standing.CONFIRMED)
    record("cluster.taken", question, actor=actor, organisation=organisation.name)


def take_back(question: ClusterQuestion, *, actor: Actor) -> None:
    """End a question that went to a wrong address; its link opens nothing more."""
    lock(question.organisation)
    ASKED.move(question, to=AskStatus.LAPSED, ended_at=clock.utcnow())
    _stand(question.organisation, Standing.DECLARED)
    record("cluster.taken-back", question, actor=actor, organisation=question.organisation.name)


def remind(question: ClusterQuestion) -> bool:
    """Write the one reminder, with the same link; False if it is written, or of no use any more."""
    token = _token(question)
    waits = (ClusterQuestion.status == AskStatus.WAITING, ClusterQuestion.expires_at > clock.utcnow())
    first = (
        update(ClusterQuestion)
        .where(ClusterQuestion.id == question.id, ClusterQuestion.reminded_at.is_(None), *waits)
        .values(reminded_at=clock.utcnow(), token_sha256=token_hash(token))
        .returning(ClusterQuestion.id)
    )
    if db.session.scalar(first) is None:
        return False
    record("cluster.reminded", question, actor=None, organisation=question.organisation.name)
    write(letters.cluster_reminded(question, token))
    return True


def let_lapse(question: ClusterQuestion) -> None:
    """Close a question that nobody answered in time, so that the organisation may ask again."""
    lock(question.organisation)
    ASKED.move(question, to=AskStatus.LAPSED, ended_at=clock.utcnow())
    _stand(question.organisation, Standing.DECLARED)
    record("cluster.lapsed", question, actor=None, organisation=question.organisation.name)


def begin_anew(organisation: Organisation, *, actor: Actor | None) -> None:
    """What one cluster said of one member holds for no other cluster and no other member."""
    lock(organisation)
    _stand(organisation, Standing.DECLARED)
    waiting = queries.waiting_question(organisation)
    if waiting is not None:
        ASKED.move(waiting, to=AskStatus.LAPSED, ended_at=clock.utcnow())
        record("cluster.taken-back", waiting, actor=actor, organisation=organisation.name)


def _held(organisation: Organisation) -> list[ClusterQuestion]:
    """All questions about an organisation, which nobody else asks or answers meanwhile."""
    lock(organisation)
    asked = select(ClusterQuestion).where(ClusterQuestion.organisation_id == organisation.id)
    return list(
        db.session.scalars(asked.order_by(ClusterQuestion.turn).execution_options(populate_existing=True))
    )


def _refuse_question(organisation: Organisation, before: list[ClusterQuestion], to_email: str) -> None:
    if not organisation.cluster_name:
        raise RuleBroken("no-cluster")
    if organisation.cluster_standing in {Standing.ANSWERED, Standing.CONFIRMED}:
        raise RuleBroken("cluster-confirmed")
    if any(question.status == AskStatus.WAITING for question in before):
        raise RuleBroken("cluster-asked")
    if len(questions_to(organisation, before)) >= MOST_QUESTIONS:
        raise RuleBroken("cluster-asked-often", cluster=organisation.cluster_name)
    if to_email.strip().lower() in {person.email.lower() for person in queries.people_of(organisation)}:
        raise RuleBroken("own-address")


def questions_to(organisation: Organisation, questions: list[ClusterQuestion]) -> list[ClusterQuestion]:
    """Of all questions those to the cluster that is named now, however it is spelt."""
    name = fold(organisation.cluster_name)
    return [question for question in questions if fold(question.cluster_name) == name]


def _question(organisation: Organisation, turn: int, to_email: str, actor: User) -> ClusterQuestion:
    now = clock.utcnow()
    return ClusterQuestion(
        organisation=organisation,
        turn=turn,
        cluster_name=organisation.cluster_name,
        to_email=to_email,
        token_sha256=token_hash(link_token("cluster", str(organisation.id), str(turn))),
        asked_by=actor,
        asked_at=now,
        expires_at=now + ANSWER_WITHIN,
    )


def _token(question: ClusterQuestion) -> str:
    return link_token("cluster", str(question.organisation_id), str(question.turn))


def lock_survivor(organisation: Organisation) -> Organisation:
    """Let nobody else ask, answer, rename, join, leave or merge meanwhile; the entry that stands for the organisation.

    Always the organisation first, then what hangs on it: whoever comes second waits here, not in a deadlock.
    """
    lock(organisation)
    survivor = organisation.survivor
    if survivor is not organisation:
        lock(survivor)
    return survivor


def _is_about(question: ClusterQuestion, survivor: Organisation) -> bool:
    """Whether what is said of a merged entry says something of the survivor, too, which nobody has said yet."""
    is_same = fold(survivor.cluster_name) == fold(question.cluster_name)
    return is_same and survivor.cluster_standing is not Standing.CONFIRMED


def _stand(organisation: Organisation, standing: Standing) -> None:
    # Beside the version: who has the form of the organisation open loses nothing by the cluster's answer.
    db.session.execute(
        update(Organisation).where(Organisation.id == organisation.id).values(cluster_standing=standing)
    )
