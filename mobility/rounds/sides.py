"""Reads two results of a round to lay them side by side: as many statements for a thousand visits as for one."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import aliased

from mobility.applications.models import Application, Wish
from mobility.core.db import db
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.rounds.comparison import Comparison, Entry, Stay, compare
from mobility.rounds.enums import RunStatus
from mobility.rounds.models import Entrant, Pair, Round, Run, Visit
from mobility.rounds.runs import LIVE
from mobility.rounds.scenario import each_left_out, inputs_sha256, is_current

FIRST_EXCHANGE = "first_exchange"
WISHED = aliased(Offer, name="wished")


def comparable(runs: Sequence[Run], round_: Round) -> list[Run]:
    """The runs with a result of the problem as it is frozen now; only these have the same entrants."""
    return [run for run in runs if run.status is RunStatus.SOLVED and is_current(run, round_)]


def without_changes(run: Run) -> Run | None:
    """The last result for the same goals of the problem as it was frozen, for what a run's changes cost."""
    if not run.changes:
        return None
    plain = select(Run).where(Run.round_id == run.round_id, Run.status == RunStatus.SOLVED)
    plain = plain.where(Run.inputs_sha256 == run.round.inputs_sha256, Run.goals == run.goals)
    return db.session.scalar(plain.order_by(Run.number.desc()).limit(1))


def without_each(run: Run) -> list[Run | None]:
    """For each change of a run the newest run for the same goals with all others; None where nobody asked for it."""
    hashes = [inputs_sha256(run.round, changes) for changes in each_left_out(run.changes)]
    alike = select(Run).where(
        Run.round_id == run.round_id, Run.inputs_sha256.in_(hashes), Run.goals == run.goals
    )
    alike = alike.where(Run.status.in_({RunStatus.SOLVED, *LIVE})).order_by(Run.number)
    newest = {found.inputs_sha256: found for found in db.session.scalars(alike)}
    return [newest.get(one or "") for one in hashes]


def comparison_of(one: Run, other: Run) -> Comparison:
    """Both results of a round with all who entered it."""
    round_ = one.round
    stays = _stays((one, other), hides_names=round_.hides_names)
    return compare(_entries(round_), stays[one.id], stays[other.id], (round_.picture or {}).get("hosts", 0))


def against_proposals(round_: Round, runs: Sequence[Run]) -> dict[int, Comparison]:
    """What each solved run of a round after declines makes of the proposals before it, by the run's key."""
    hides_names = round_.hides_names
    before, entries = _proposed(round_, hides_names=hides_names), _entries(round_)
    stays = _stays(runs, hides_names=hides_names)
    hosts = (round_.picture or {}).get("hosts", 0)
    return {run.id: compare(entries, before, stays[run.id], hosts) for run in runs}


def _proposed(round_: Round, *, hides_names: bool) -> dict[str, Stay]:
    """What the entrants of a round held when it was frozen."""
    held = {(row["application"], row["host"]): row for row in (round_.problem or {}).get("previous", ())}
    named = Offer.reference if hides_names else Organisation.name
    seated = (
        select(Application.reference, Offer.reference, named, Pair.days, Pair.score, Pair.cost_cents)
        .join(Application, Pair.application_id == Application.id)
        .join(Offer, Pair.offer_id == Offer.id)
        .join(Offer.organisation)
        .where(Pair.round_id == round_.id, tuple_(Application.reference, Offer.reference).in_(held))
    )
    return {
        application: Stay(
            offer, host, date.fromisoformat(held[application, offer]["first_day"]), days, score, cents
        )
        for application, offer, host, days, score, cents in db.session.execute(seated)
    }


def _entries(round_: Round) -> list[Entry]:
    entered = (
        select(
            Application.reference,
            Application.reference if round_.hides_names else Organisation.name,
            Partnership.name,
            Organisation.country,
            Organisation.staff,
            Entrant.parts,
            Application.max_days,
            WISHED.reference,
        )
        .join(Application, Entrant.application_id == Application.id)
        .join(Application.organisation)
        .join(Partnership, Application.partnership_id == Partnership.id)
        .outerjoin(Wish, and_(Wish.application_id == Application.id, Wish.rank == 1))
        .outerjoin(WISHED, Wish.offer_id == WISHED.id)
        .where(Entrant.round_id == round_.id)
    )
    return [
        Entry(reference, visitor, partnership, country, staff, _is_first(parts), days, wish)
        for reference, visitor, partnership, country, staff, parts, days, wish in db.session.execute(entered)
    ]


def _is_first(parts: list[dict[str, object]]) -> bool:
    return any(part["code"] == FIRST_EXCHANGE for part in parts)


def _stays(runs: Sequence[Run], *, hides_names: bool) -> dict[int, dict[str, Stay]]:
    found: dict[int, dict[str, Stay]] = {run.id: {} for run in runs}
    columns = (Visit.first_day, Visit.days, Visit.score, Visit.cost_cents)
    named = Offer.reference if hides_names else Organisation.name
    seated = (
        select(Visit.run_id, Application.reference, Offer.reference, named, *columns)
        .join(Visit.application)
        .join(Visit.offer)
        .join(Offer.organisation)
        .where(Visit.run_id.in_(list(found)))
    )
    for run_id, application, offer, host, first_day, days, score, cents in db.session.execute(seated):
        found[run_id][application] = Stay(offer, host, first_day, days, score, cents)
    return found
