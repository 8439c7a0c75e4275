"""Clusters are asked about their members, and most of them answer within days."""

import re

from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.db import db
from mobility.demo.stage import Stage, days_since, each, ids
from mobility.demo.world.words import slug
from mobility.mail.models import Letter
from mobility.organisations import clusters, queries, tasks
from mobility.organisations.enums import AskStatus, Standing
from mobility.organisations.models import ClusterQuestion, Organisation

LINK = re.compile(r"/cluster/(\S+)")
# Of a hundred organisations so many ask, of a hundred clusters so many answer, and of the answers so many are checked.
ASK, ANSWER, CHECK = 85, 90, 80


def ask(stage: Stage, organisation: Organisation, person: User) -> None:
    """Let whoever names a cluster ask it, at the address that the cluster has in the story."""
    name = organisation.cluster_name
    if name and _drawn(stage, "asks", organisation) < ASK:
        known = {party.content.name: party.person.email for party in stage.world.parties}
        clusters.ask(organisation, known.get(name, f"office@{slug(name)}.example"), actor=person)


def answer(stage: Stage) -> None:
    """Somebody at each cluster opens the link of its letter, after a day or more; the worker reminds the others."""
    tasks.questions_due.func(timestamp=0)
    waiting = select(ClusterQuestion.id).where(
        ClusterQuestion.status == AskStatus.WAITING, ClusterQuestion.expires_at > clock.utcnow()
    )
    each(ClusterQuestion, ids(waiting.order_by(ClusterQuestion.id)), lambda one: _answer(stage, one))


def _answer(stage: Stage, question: ClusterQuestion) -> object:
    if days_since(question.asked_at) < 1 or _drawn(stage, "answers", question.organisation) >= ANSWER:
        return None
    about = (Letter.about_kind == "cluster_question", Letter.about_id == question.id)
    letter = db.session.scalars(select(Letter).where(*about, Letter.kind == "cluster.asked")).one()
    found = LINK.search(letter.body)
    opened = queries.question_behind(found[1]) if found else None
    if opened is None:
        return None
    clusters.answer(opened, is_member=True, by=f"Office of {question.cluster_name}")
    is_checked = _drawn(stage, "checks", question.organisation) < CHECK
    if is_checked and question.organisation.cluster_standing is Standing.ANSWERED:
        clusters.take(opened, actor=stage.login(Role.SUPPORT_OFFICER))
    return opened


def _drawn(stage: Stage, what: str, organisation: Organisation) -> int:
    return stage.random("cluster", what, organisation.registration).randrange(100)
