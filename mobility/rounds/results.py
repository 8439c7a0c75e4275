"""A checked solution as rows: who visits whom and when, and who stays without a host and why."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from mobility.applications.models import Application
from mobility.core.db import db
from mobility.hosts.models import Offer
from mobility.rounds.models import Entrant, Pair, Run, Unmatched, Visit
from mobility.rounds.problem import is_fixed

# Where the engine says nothing about somebody.
UNSAID = {"text": "", "evidence": {}}


def keep(run: Run, solution: dict[str, Any]) -> None:
    """Store the visits and the unmatched of a solution; reservations of earlier rounds are left out."""
    entrants = _entrants(run)
    assigned = [row for row in solution["assignments"] if not is_fixed(row["application"])]
    visits = list(_visits(run, assigned, entrants))
    matched = {row["application"] for row in assigned}
    left = [entrants[reference] for reference in sorted(entrants.keys() - matched)]
    said = {row["application"]: row for row in solution.get("unmatched") or ()}
    paired = set(db.session.scalars(select(Pair.application_id).where(Pair.round_id == run.round_id)))
    unmatched = [_unmatched(run, entrant, said, paired) for entrant in left]
    for kind, rows in ((Visit, visits), (Unmatched, unmatched)):
        if rows:
            db.session.execute(insert(kind), rows)


def _entrants(run: Run) -> dict[str, Entrant]:
    entered = select(Application.reference, Entrant).join(Entrant.application)
    return dict(db.session.execute(entered.where(Entrant.round_id == run.round_id)).all())


def _visits(
    run: Run, assigned: list[dict[str, Any]], entrants: dict[str, Entrant]
) -> Iterator[dict[str, Any]]:
    hosts = {row["host"] for row in assigned}
    found = db.session.execute(select(Offer.reference, Offer.id).where(Offer.reference.in_(hosts)))
    offers = dict(found.all())
    pairs = _pairs(run, [entrants[row["application"]].application_id for row in assigned])
    for row in assigned:
        entrant, offer_id = entrants[row["application"]], offers[row["host"]]
        days, score, cost_cents = pairs[entrant.application_id, offer_id]
        yield {
            "run_id": run.id,
            "application_id": entrant.application_id,
            "offer_id": offer_id,
            "first_day": date.fromisoformat(row["first_day"]),
            "last_day": date.fromisoformat(row["last_day"]),
            "days": days,
            "priority": entrant.priority,
            "score": score,
            "cost_cents": cost_cents,
        }


def _pairs(run: Run, application_ids: list[int]) -> dict[tuple[int, int], tuple[int, int, int]]:
    columns = (Pair.application_id, Pair.offer_id, Pair.days, Pair.score, Pair.cost_cents)
    of_round = select(*columns).where(Pair.round_id == run.round_id, Pair.application_id.in_(application_ids))
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in db.session.execute(of_round)}


def _unmatched(
    run: Run, entrant: Entrant, said: dict[str, dict[str, Any]], paired: set[int]
) -> dict[str, Any]:
    code = "competition" if entrant.application_id in paired else "no_host"
    words = {"code": code} | UNSAID | said.get(entrant.application.reference, {})
    return {
        "run_id": run.id,
        "application_id": entrant.application_id,
        "priority": entrant.priority,
        "parts": entrant.parts,
        "code": words["code"],
        "text": words["text"],
        "evidence": words["evidence"],
    }
