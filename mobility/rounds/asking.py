"""What the office asks for on the strength of a studied run: more of hosts, patience of those on reserve."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.audit.services import record
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.mail.services import LetterDraft, write
from mobility.rounds import letters, queries, services
from mobility.rounds.enums import ProposalStatus, RoundStatus
from mobility.rounds.models import Entrant, Gain, Proposal, Reserve, Run


def letters_to_hosts(run: Run) -> list[LetterDraft]:
    """A letter for each host that could let somebody in with a place or a week more."""
    gains = (
        select(Gain)
        .join(Gain.offer)
        .where(Gain.run_id == run.id, Gain.sure > 0, Offer.status == OfferStatus.ACCEPTED)
        .options(contains_eager(Gain.offer).joinedload(Offer.partnership))
        .order_by(Offer.reference, Gain.what)
    )
    by_host = groupby(db.session.scalars(gains), key=lambda gain: gain.offer_id)
    return [letters.more_at_host(run, list(of_host)) for _offer, of_host in by_host]


def ask_hosts(run: Run, *, actor: Actor | None) -> int:
    """Write to the hosts that could let somebody in; how many got a letter. A round asks a host once.

    Raises `RuleBroken`: "not-studied", "round-over", "run-outdated".
    """
    round_ = queries.locked_round(run.round_id)
    if round_.status is RoundStatus.GIVEN_UP:
        raise RuleBroken("round-over", round=round_.reference)
    services.refuse_outdated(run)
    _refuse_unstudied(run)
    asked = sum(write(draft) for draft in letters_to_hosts(run))
    record("round.hosts-asked", round_, actor=actor, run=run.number, letters=asked)
    return asked


def letters_to_reserve(run: Run) -> list[LetterDraft]:
    """A letter for each visitor on reserve who still waits, with at how many hosts."""
    waiting = db.session.scalars(_waiting(run)).unique().all()
    hosts: Mapping[int, Sequence[Reserve]] = {
        one: list(rows) for one, rows in groupby(waiting, key=lambda row: row.application_id)
    }
    entered = select(Entrant).where(Entrant.round_id == run.round_id, Entrant.application_id.in_(hosts))
    application = joinedload(Entrant.application).joinedload(Application.partnership)
    entrants = db.session.scalars(entered.options(application).order_by(Entrant.id))
    return [letters.on_reserve(one, run.round, len(hosts[one.application_id])) for one in entrants]


def tell_reserve(run: Run, *, actor: Actor | None) -> int:
    """Write to those on reserve after a published run who still wait; how many got a letter. Nobody gets it twice.

    Raises `RuleBroken`: "not-studied", "run-not-published".
    """
    round_ = queries.locked_round(run.round_id)
    if not run.is_published:
        raise RuleBroken("run-not-published", run=run.number)
    _refuse_unstudied(run)
    told = sum(write(draft) for draft in letters_to_reserve(run))
    record("round.reserve-told", round_, actor=actor, run=run.number, letters=told)
    return told


def _refuse_unstudied(run: Run) -> None:
    if run.studied_at is None:
        raise RuleBroken("not-studied", run=run.number)


def _waiting(run: Run) -> Select[Reserve]:
    proposed = select(Proposal.application_id).where(Proposal.status == ProposalStatus.OPEN)
    return (
        select(Reserve)
        .join(Reserve.application)
        .where(
            Reserve.run_id == run.id,
            Application.status == ApplicationStatus.ACCEPTED,
            Application.id.not_in(proposed),
        )
        .options(contains_eager(Reserve.application))
        .order_by(Reserve.application_id, Reserve.place)
    )
