"""What is studied of a solved run: what a little more would gain, and who is on reserve at each host."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from mobility.applications.models import Application
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.db import db
from mobility.hosts.models import Offer
from mobility.rounds import runs
from mobility.rounds.models import Gain, Reserve
from mobility.rounds.problem import is_fixed


def keep(run_id: int, gains: Sequence[dict[str, Any]], reserves: Mapping[str, Sequence[str]]) -> None:
    """Store what was found of a run, once; what gains nothing is left out."""
    run = runs.locked(run_id)
    if run.studied_at is not None:
        return
    hosts = [gain["of"] for gain in gains if gain["what"] != "limit"]
    offers = _ids(Offer, {*hosts, *reserves})
    people = _ids(Application, {one for waiting in reserves.values() for one in waiting})
    rows = {
        Gain: list(_gains(run_id, gains, offers)),
        Reserve: list(_reserves(run_id, reserves, offers, people)),
    }
    for kind, found in rows.items():
        if found:
            db.session.execute(insert(kind), found)
    run.studied_at = clock.utcnow()
    record("run.studied", run, actor=None, gains=len(rows[Gain]), reserve=len(rows[Reserve]))


def _ids(kind: type[Offer] | type[Application], references: Iterable[str]) -> dict[str, int]:
    named = select(kind.reference, kind.id).where(kind.reference.in_(references))
    return dict(db.session.execute(named).all())


def _gains(
    run_id: int, gains: Sequence[dict[str, Any]], offers: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    for gain in gains:
        estimate = None if gain["estimate"] is None else round(100 * gain["estimate"])
        if gain["sure"] or estimate:
            yield {
                "run_id": run_id,
                "what": gain["what"],
                "of": gain["of"],
                "by": gain["by"],
                "offer_id": offers.get(gain["of"]),
                "sure": gain["sure"],
                "estimate_hundredths": estimate,
                "let_in": gain["let_in"],
            }


def _reserves(
    run_id: int,
    reserves: Mapping[str, Sequence[str]],
    offers: Mapping[str, int],
    people: Mapping[str, int],
) -> Iterator[dict[str, Any]]:
    for host, waiting in reserves.items():
        entrants = [one for one in waiting if not is_fixed(one)]
        for place, one in enumerate(entrants, 1):
            yield {
                "run_id": run_id,
                "offer_id": offers[host],
                "application_id": people[one],
                "place": place,
            }
