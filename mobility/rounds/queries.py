"""Reading rounds, their runs and proposals."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.rounds.enums import ProposalStatus, RoundStatus
from mobility.rounds.follow_up import ENDED
from mobility.rounds.models import (
    Entrant,
    Gain,
    Lottery,
    Pair,
    Proposal,
    Reserve,
    Round,
    Run,
    Unmatched,
    Visit,
)
from mobility.rounds.reasons import Names

VISITING = aliased(Organisation, name="visiting")
HOSTING = aliased(Organisation, name="hosting")


@dataclass(frozen=True)
class RunFigures:
    """A solved run in numbers."""

    matched: int
    unmatched: int
    hosts: int
    cost_cents: int
    mean_score: int

    @property
    def entrants(self) -> int:
        return self.matched + self.unmatched

    @property
    def matched_share(self) -> float:
        return self.matched / self.entrants if self.entrants else 0.0


def all_rounds() -> Select[Round]:
    """Every round, with its call."""
    return select(Round).join(Round.call).options(joinedload(Round.call))


def round_by(reference: str) -> Round:
    """The round of that reference. Raises `NotFound`."""
    found = db.session.scalar(all_rounds().where(Round.reference == reference))
    if found is None:
        raise NotFound
    return found


def round_under_way(call: Call) -> str | None:
    """The reference of the call's round that is not published yet, if there is one."""
    under_way = select(Round.reference).where(
        Round.call_id == call.id, Round.status.in_((RoundStatus.OPEN, RoundStatus.FROZEN))
    )
    return db.session.scalar(under_way.limit(1))


def locked_round(round_id: int) -> Round:
    """The round as it stands now, locked until the transaction ends: two that publish take turns."""
    db.session.flush()
    round_ = db.session.scalars(select(Round).where(Round.id == round_id).with_for_update(of=Round)).one()
    # What was read while waiting for the lock may have changed.
    db.session.expire_all()
    return round_


def lock_call(call_id: int) -> None:
    """Let one at a time freeze or publish a round of a call, or build a pair of it: the next sees what it left."""
    db.session.execute(select(Call.id).where(Call.id == call_id).with_for_update(key_share=True))


def runs_of(round_: Round) -> list[Run]:
    """The runs of a round, newest first."""
    return list(db.session.scalars(select(Run).where(Run.round_id == round_.id).order_by(Run.number.desc())))


def run_by(reference: str, number: int) -> Run:
    """A run of a round by its number. Raises `NotFound`."""
    numbered = select(Run).join(Run.round).where(Round.reference == reference, Run.number == number)
    found = db.session.scalar(numbered.options(joinedload(Run.round).joinedload(Round.call)))
    if found is None:
        raise NotFound
    return found


def next_number(round_: Round) -> int:
    """The number of the round's next run; the caller holds the round's lock."""
    return (db.session.scalar(select(func.max(Run.number)).where(Run.round_id == round_.id)) or 0) + 1


def solved_run(round_: Round) -> Run | None:
    """The published run, else the last one solved."""
    solved = select(Run).where(Run.round_id == round_.id, Run.solution.is_not(None), Run.failure == "")
    return db.session.scalar(solved.order_by(Run.is_published.desc(), Run.number.desc()).limit(1))


def entrants_of(round_: Round) -> list[Entrant]:
    """Who entered, by reference, with the organisation."""
    application = joinedload(Entrant.application)
    entered = (
        select(Entrant)
        .join(Entrant.application)
        .where(Entrant.round_id == round_.id)
        .options(
            application.joinedload(Application.organisation), application.joinedload(Application.partnership)
        )
    )
    return list(db.session.scalars(entered.order_by(Application.reference)))


def pairs_of(round_: Round, visits: Sequence[Visit]) -> dict[tuple[int, int], Pair]:
    """The pairs of the visitors of a solution, by the keys of application and offer."""
    ids = [visit.application_id for visit in visits]
    pairs = db.session.scalars(select(Pair).where(Pair.round_id == round_.id, Pair.application_id.in_(ids)))
    return {(pair.application_id, pair.offer_id): pair for pair in pairs}


def proposal_counts(round_: Round) -> dict[ProposalStatus, int]:
    """How many proposals of a round stand in each state."""
    of_round = select(Proposal.status, func.count()).where(Proposal.round_id == round_.id)
    return dict(db.session.execute(of_round.group_by(Proposal.status)).all())


def visits_of(run: Run) -> list[Visit]:
    """The new visits of a solved run, by application, with what a proposal needs."""
    return list(db.session.scalars(visits_listed(run).order_by(Application.reference)))


def visits_listed(run: Run) -> Select[Visit]:
    """The visits of a solved run with the names of both sides."""
    application, offer = contains_eager(Visit.application), contains_eager(Visit.offer)
    return (
        select(Visit)
        .join(Visit.application)
        .join(VISITING, Application.organisation_id == VISITING.id)
        .join(Visit.offer)
        .join(HOSTING, Offer.organisation_id == HOSTING.id)
        .where(Visit.run_id == run.id)
        .options(
            application.contains_eager(Application.organisation.of_type(VISITING)),
            application.joinedload(Application.partnership),
            offer.contains_eager(Offer.organisation.of_type(HOSTING)),
        )
    )


def unmatched_listed(run: Run) -> Select[Unmatched]:
    """Whom a solved run leaves without a host, with their names."""
    application = contains_eager(Unmatched.application)
    return (
        select(Unmatched)
        .join(Unmatched.application)
        .join(VISITING, Application.organisation_id == VISITING.id)
        .where(Unmatched.run_id == run.id)
        .options(
            application.contains_eager(Application.organisation.of_type(VISITING)),
            application.joinedload(Application.partnership),
        )
    )


def codes_of(run: Run) -> dict[int, str]:
    """Why a solved run leaves each application without a host, by the application's key."""
    left = select(Unmatched.application_id, Unmatched.code).where(Unmatched.run_id == run.id)
    return dict(db.session.execute(left).all())


def told_without_host(round_: Round) -> set[int]:
    """The applications that an earlier published round of the call left without a host and told so."""
    left = select(Unmatched.application_id).join(Unmatched.run).join(Run.round)
    left = left.where(Run.is_published, Round.call_id == round_.call_id, Round.id != round_.id)
    return set(db.session.scalars(left))


def without_host(application: Application) -> Unmatched | None:
    """What the newest published round of an application says of it, if that found no host for it."""
    newest = (
        select(Round.id)
        .join(Entrant, Entrant.round_id == Round.id)
        .where(Entrant.application_id == application.id, Round.status == RoundStatus.PUBLISHED)
        .order_by(Round.published_at.desc(), Round.id.desc())
        .limit(1)
    )
    left = select(Unmatched).join(Unmatched.run).where(Unmatched.application_id == application.id)
    left = left.where(Run.is_published, Run.round_id == newest.scalar_subquery())
    return db.session.scalar(left.options(contains_eager(Unmatched.run).joinedload(Run.round)))


def visit_in(run: Run, reference: str) -> Visit | None:
    """The visit of an application in a run, with both sides."""
    named = select(Visit).join(Visit.application).join(Visit.offer)
    named = named.where(Visit.run_id == run.id, Application.reference == reference)
    application, offer = contains_eager(Visit.application), contains_eager(Visit.offer)
    both = (application.joinedload(Application.organisation), offer.joinedload(Offer.organisation))
    return db.session.scalar(named.options(*both))


def names_of(round_: Round) -> Names:
    """What evidence about a round names by code or reference."""
    partnerships = dict(db.session.execute(select(Partnership.code, Partnership.name)).all())
    if round_.hides_names:
        return Names(partnerships, hosts={})
    hosts = select(Offer.reference, Organisation.name).join(Offer.organisation)
    named = db.session.execute(hosts.where(Offer.call_id == round_.call_id)).all()
    return Names(partnerships, hosts=dict(named))


def lottery_of(round_: Round) -> Lottery | None:
    """The lottery that decides between equals; a round after declines draws none of its own."""
    first = round_
    while first.after is not None:
        first = first.after
    return db.session.scalar(select(Lottery).where(Lottery.round_id == first.id))


def gains_listed(run: Run) -> Select[Gain]:
    """What a little more would gain over a run."""
    return select(Gain).where(Gain.run_id == run.id)


def reserves_listed(run: Run) -> Select[Reserve]:
    """Who is on reserve after a run, with the names of both sides."""
    application, offer = contains_eager(Reserve.application), contains_eager(Reserve.offer)
    return (
        select(Reserve)
        .join(Reserve.application)
        .join(VISITING, Application.organisation_id == VISITING.id)
        .join(Reserve.offer)
        .join(HOSTING, Offer.organisation_id == HOSTING.id)
        .where(Reserve.run_id == run.id)
        .options(
            application.contains_eager(Application.organisation.of_type(VISITING)),
            offer.contains_eager(Offer.organisation.of_type(HOSTING)),
        )
    )


def freed_offer_ids(round_: Round) -> Select[int]:
    """The offers at which a proposal of a round came to nothing."""
    return select(Proposal.offer_id).where(Proposal.round_id == round_.id, Proposal.status.in_(ENDED))


def proposed_ids(applications: Sequence[Application]) -> set[int]:
    """Which of these applications have a proposal to answer."""
    ids = [one.id for one in applications]
    proposed = select(Proposal.application_id).where(Proposal.status == ProposalStatus.OPEN)
    return set(db.session.scalars(proposed.where(Proposal.application_id.in_(ids))))


def reserve_places(round_: Round) -> dict[tuple[str, str], int]:
    """The places on reserve that the published run of a round left, by the references of application and offer."""
    placed = select(Application.reference, Offer.reference, Reserve.place)
    placed = placed.join(Reserve.application).join(Reserve.offer).join(Run, Run.id == Reserve.run_id)
    found = db.session.execute(placed.where(Run.round_id == round_.id, Run.is_published))
    return {(application, offer): place for application, offer, place in found}


def figures_of(run: Run) -> RunFigures:
    """What a solved run comes to."""
    visits = select(
        func.count(),
        func.count(Visit.offer_id.distinct()),
        func.coalesce(func.sum(Visit.cost_cents), 0),
        func.coalesce(func.avg(Visit.score), 0),
    ).where(Visit.run_id == run.id)
    left = select(func.count()).select_from(Unmatched).where(Unmatched.run_id == run.id).scalar_subquery()
    matched, hosts, cents, score, unmatched = db.session.execute(visits.add_columns(left)).one()
    return RunFigures(matched, unmatched, hosts, int(cents), round(score))


def matched_of(runs: Sequence[Run]) -> dict[int, int]:
    """How many visits each run has, by its key."""
    counted = select(Visit.run_id, func.count()).where(Visit.run_id.in_([run.id for run in runs]))
    return dict(db.session.execute(counted.group_by(Visit.run_id)).all())


def has_frozen_round(call: Call) -> bool:
    """Whether a round of the call is frozen: until it is published or opened again nothing else is built."""
    return bool(db.session.scalar(select(calls_frozen().where(Round.call_id == call.id).exists())))


def calls_frozen() -> Select[int]:
    """The ids of the calls with a frozen round: it counts on what stood when it was frozen."""
    return select(Round.call_id).where(Round.status == RoundStatus.FROZEN)
