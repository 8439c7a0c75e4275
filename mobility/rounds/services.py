"""The verbs of a round: open, freeze, solve, publish once, give up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import delete, exists, select

from matching.solution import digest
from mobility.audit.services import record
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.copying import copy_in
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.queue import ChildFailedError, enqueue, in_child
from mobility.core.references import next_reference
from mobility.core.together import no_garbage
from mobility.rounds import effects, entering, lottery, problem, proposing, queries, runs, scenario, tasks
from mobility.rounds.enums import ROUND_LIFECYCLE, RoundStatus, RunStatus
from mobility.rounds.follow_up import follow_up_of
from mobility.rounds.funnel import countries, funnel
from mobility.rounds.models import Entrant, Pair, Proposal, Round, Run
from mobility.rounds.picture import picture_of
from mobility.rounds.scenario import Change
from mobility.rounds.solver import Options, clash_in_child
from mobility.taxonomies import working_days

GOALS = ("priority", "fairness", "score", "cost", "changes")
ANSWER_HOUR = 17
PAIR_COLUMNS = (
    "round_id",
    "application_id",
    "offer_id",
    "days",
    "cost_cents",
    "distance_km",
    "score",
    "parts",
    "trace",
)
# To find clashing locks takes a second or two; a person waits.
CLASH_S = 25


def open_round(
    call: Call, *, after: Round | None = None, may_return: bool = False, actor: Actor | None
) -> Round:
    """Begin a matching round of a call, perhaps one after the declines of a published one (`declines`).

    Raises `RuleBroken`: "call-over" (its last day for a stay has passed), "round-under-way" (one is not published yet).
    """
    queries.lock_call(call.id)
    if call.last_day < clock.today():
        raise RuleBroken("call-over", call=call.reference, last_day=call.last_day)
    under_way = queries.round_under_way(call)
    if under_way is not None:
        raise RuleBroken("round-under-way", call=call.reference, round=under_way)
    round_ = Round(
        reference=next_reference("RND"),
        call=call,
        status=RoundStatus.OPEN,
        after=after,
        may_return=may_return,
        opened_at=clock.utcnow(),
        problem=None,
    )
    db.session.add(round_)
    follows = {"after": after.reference} if after else {}
    record("round.opened", round_, actor=actor, call=call.reference, **follows)
    return round_


@no_garbage()
def freeze(round_: Round, *, actor: Actor | None) -> None:
    """Take down who enters, every pair the rules allow, and the problem made of them.

    Raises `RuleBroken`: "wrong-state", "round-too-late" (no day is left to visit), "round-empty", "lottery-not-drawn".
    """
    round_ = queries.locked_round(round_.id)
    queries.lock_call(round_.call_id)
    lottery.reveal(round_, actor=actor)
    snapshot = problem.build(_inputs(round_, first_possible_day(round_.call)))
    frozen = snapshot.problem.to_json()
    ROUND_LIFECYCLE.move(
        round_,
        to=RoundStatus.FROZEN,
        problem=frozen,
        picture=picture_of(frozen) | _beside_problem(snapshot),
        inputs_sha256=digest(frozen),
        frozen_at=clock.utcnow(),
    )
    _keep(round_, snapshot)
    record(
        "round.frozen",
        round_,
        actor=actor,
        entrants=len(snapshot.inputs.applications),
        pairs=len(snapshot.pairs),
        locked=len(snapshot.problem.locks),
    )


def _inputs(round_: Round, first_day: date) -> problem.Inputs:
    inputs = entering.inputs_of(round_.call, first_day, follow_up_of(round_, first_day))
    references = [application.reference for application in inputs.applications]
    return replace(inputs, lots=lottery.lots(queries.lottery_of(round_), references))


def _beside_problem(snapshot: problem.Snapshot) -> dict[str, Any]:
    """What a picture shows that the problem itself does not hold."""
    return {
        "left_out": snapshot.inputs.left_out,
        "funnel": funnel(snapshot),
        "countries": countries(snapshot),
    }


def reopen(round_: Round, *, actor: Actor | None) -> None:
    """Let a frozen round go, so that it can be frozen again with what has changed."""
    round_ = queries.locked_round(round_.id)
    if db.session.scalar(select(exists().where(Run.round_id == round_.id, Run.status.in_(runs.LIVE)))):
        raise RuleBroken("runs-live")
    nothing: dict[str, Any] = {"problem": None, "picture": None, "inputs_sha256": None, "frozen_at": None}
    ROUND_LIFECYCLE.move(round_, to=RoundStatus.OPEN, **nothing)
    for kind in (Entrant, Pair):
        db.session.execute(delete(kind).where(kind.round_id == round_.id))
    record("round.reopened", round_, actor=actor)


def give_up(round_: Round, reason: str, *, actor: Actor | None) -> None:
    """End a round that is not published, so that its call can have another; nobody is written to.

    Raises `RuleBroken("wrong-state")`.
    """
    round_ = queries.locked_round(round_.id)
    changes = {"given_up_at": clock.utcnow(), "given_up_reason": reason}
    ROUND_LIFECYCLE.move(round_, to=RoundStatus.GIVEN_UP, **changes)
    live = select(Run).where(Run.round_id == round_.id, Run.status.in_(runs.LIVE)).with_for_update(of=Run)
    for run in db.session.scalars(live).all():
        runs.cancel(run, actor=actor)
    record("round.given_up", round_, actor=actor, reason=reason)


def solve(
    round_: Round,
    options: Options,
    *,
    actor: Actor | None,
    name: str = "",
    changes: Sequence[Change] = (),
) -> Run:
    """Queue a run of a frozen round, perhaps with changes to its problem; the worker solves it.

    Raises `RuleBroken`: "wrong-state", what `scenario.refuse_impossible` refuses, "locks-clash" with the rules that
    the locks cannot keep together; "stale" if the round was frozen anew meanwhile.
    """
    frozen = _frozen(round_)
    # Finding out which locks clash takes seconds: nobody who publishes or gives up waits for that.
    _refuse_changes(round_, changes)
    round_ = queries.locked_round(round_.id)
    if _frozen(round_) != frozen:
        raise RuleBroken("stale")
    return queue_run(round_, options, name, [change.as_dict() for change in changes], actor=actor)


def _frozen(round_: Round) -> str:
    """The hash of what is frozen. Raises `RuleBroken("wrong-state")` where nothing is."""
    if round_.status is not RoundStatus.FROZEN or round_.inputs_sha256 is None:
        raise RuleBroken("wrong-state", state=round_.status, to=RoundStatus.FROZEN)
    return round_.inputs_sha256


def queue_run(
    round_: Round, options: Options, name: str, rows: list[dict[str, Any]], *, actor: Actor | None
) -> Run:
    """Write down what a run of a frozen round is asked for; the caller holds the round's lock and has checked it."""
    has_lots = queries.lottery_of(round_) is not None
    run = Run(
        round=round_,
        number=queries.next_number(round_),
        status=RunStatus.QUEUED,
        name=name,
        changes=rows,
        inputs_sha256=scenario.inputs_sha256(round_, rows),
        # Lots decide last of all, between what is equal by every goal.
        goals=[*options.goals, lottery.GOAL] if has_lots else list(options.goals),
        time_limit_s=options.time_limit_s,
        seed=options.seed,
        is_deterministic=options.is_deterministic,
        progress={},
        queued_at=clock.utcnow(),
    )
    db.session.add(run)
    record(
        "run.queued",
        run,
        actor=actor,
        round=round_.reference,
        goals=options.goals,
        seed=options.seed,
        name=name,
        changes=[Change.read(row).summary for row in rows],
    )
    enqueue(tasks.solve, once=f"run-{run.id}", lock=f"run-{run.id}", run_id=run.id)
    return run


def publish(run: Run, *, actor: Actor | None) -> list[Proposal]:
    """Make a solved run the round's result: proposals, places, money and letters, all at once, once.

    Raises `RuleBroken`: "wrong-state", "run-not-solved", "decisions-held" (the applicants are not told that they are
    accepted), "run-outdated" (of an earlier freezing), "run-unreal" (it counts on places or money that are not there),
    "inputs-changed" with the parts of the problem that did, "visit-too-soon", and what
    `hosts.reservations.reserve` and `calls.reserve` refuse.
    """
    round_ = queries.locked_round(run.round_id)
    queries.lock_call(round_.call_id)
    refuse_unpublishable(round_, run)
    refuse_changed_inputs(round_)
    answer_by = answer_deadline(round_.call)
    ROUND_LIFECYCLE.move(round_, to=RoundStatus.PUBLISHED, published_at=clock.utcnow(), answer_by=answer_by)
    run.is_published = True
    found = effects.effects_of(run)
    effects.withdraw(found, actor=actor)
    proposals = proposing.propose(run, found.made, answer_by)
    proposing.reserve(round_.call, proposals)
    record("round.published", round_, actor=actor, run=run.number, proposals=len(proposals))
    proposing.tell(run, proposals, found)
    study(run)
    return proposals


def study(run: Run) -> None:
    """Have found what a little more would gain over a solved run, and who is on reserve at each host.

    Raises `RuleBroken`: "run-not-solved", "run-outdated".
    """
    if run.status is not RunStatus.SOLVED:
        raise RuleBroken("run-not-solved", state=run.status)
    refuse_outdated(run)
    enqueue(tasks.study, once=f"study-{run.id}", run_id=run.id)


def answer_deadline(call: Call) -> datetime:
    """Until when both sides answer what is proposed today: some working days later, 17:00 in Brussels."""
    return clock.at_local(working_days.after(clock.today(), call.answer_days), ANSWER_HOUR)


def first_possible_day(call: Call) -> date:
    """The first day of a visit proposed today: when it can be answered, planned and signed. Raises `RuleBroken`."""
    to_sign = timedelta(days=current_app.config["SETTINGS"].sign_days)
    day = max(call.first_day, clock.local(answer_deadline(call)).date() + to_sign + timedelta(days=1))
    if day > call.last_day:
        raise RuleBroken("round-too-late", last_day=call.last_day)
    return day


@no_garbage()
def changed_inputs(round_: Round) -> list[str]:
    """The parts of a frozen problem that would be different if it were made now."""
    frozen = round_.problem or {}
    inputs = _inputs(round_, date.fromisoformat(frozen["first_day"]))
    now = problem.build(inputs).problem.to_json()
    return sorted(name for name in frozen.keys() | now.keys() if frozen.get(name) != now.get(name))


def refuse_changed_inputs(round_: Round) -> None:
    """Raise `RuleBroken("inputs-changed")` if what the round was frozen from is no longer so."""
    changed = changed_inputs(round_)
    if changed:
        raise RuleBroken("inputs-changed", parts=", ".join(changed))


def _keep(round_: Round, snapshot: problem.Snapshot) -> None:
    if not snapshot.inputs.applications:
        raise RuleBroken("round-empty")
    for application in snapshot.inputs.applications:
        parts = snapshot.inputs.priorities[application.id]
        points = sum(part.points for part in parts)
        dicts = [part.as_dict() for part in parts]
        db.session.add(Entrant(round_id=round_.id, application=application, priority=points, parts=dicts))
    copy_in(
        Pair,
        PAIR_COLUMNS,
        (
            (
                round_.id,
                pair.application.id,
                pair.offer.id,
                pair.days,
                pair.cost_cents,
                pair.distance_km,
                pair.score.points,
                pair.score.as_dicts(),
                pair.trace,
            )
            for pair in snapshot.pairs
        ),
    )


def refuse_unpublishable(round_: Round, run: Run) -> None:
    """Raise `RuleBroken` where a run is not a result of the frozen problem that the scheme can keep."""
    if round_.status is not RoundStatus.FROZEN:
        raise RuleBroken("wrong-state", state=round_.status, to=RoundStatus.PUBLISHED)
    if run.status is not RunStatus.SOLVED:
        raise RuleBroken("run-not-solved", state=run.status)
    if round_.call.holds_decisions:
        raise RuleBroken("decisions-held", call=round_.call.reference)
    refuse_outdated(run)
    missing = scenario.unreal_of(run)
    if missing:
        named = ", ".join(change.partnership or change.host for change in missing)
        raise RuleBroken("run-unreal", run=run.number, missing=named)


def refuse_outdated(run: Run) -> None:
    """Raise `RuleBroken("run-outdated")` for a run of an earlier freezing: what it solved is not kept."""
    if not scenario.is_current(run, run.round):
        raise RuleBroken("run-outdated", run=run.number)


def _refuse_changes(round_: Round, changes: Sequence[Change]) -> None:
    frozen = round_.problem or {}
    scenario.refuse_impossible(frozen, changes)
    if any(change.kind == scenario.LOCK for change in changes):
        clash = _clash_of(scenario.changed(frozen, changes))
        if clash:
            raise RuleBroken("locks-clash", found="; ".join(clash))


def _clash_of(problem: dict[str, Any]) -> Sequence[str]:
    """The rules that the locks of a problem cannot keep together, asked in a process of its own."""
    try:
        said = [*in_child(clash_in_child, problem, should_stop=lambda: False, limit_s=CLASH_S)]
    except (MemoryError, TimeoutError, ChildFailedError):
        # The solve itself will find out.
        return ()
    return cast("Sequence[str]", said[-1][1])
