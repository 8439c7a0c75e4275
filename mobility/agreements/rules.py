"""When an exchange can be drawn up, who signs what until when, and what a frozen text is known by. Pure."""

import json
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from mobility.agreements.draft import AgendaDay
from mobility.agreements.enums import SLOTS, AgreementKind, Slot
from mobility.agreements.models import Agreement, Plan
from mobility.calls.findings import Finding
from mobility.exchanges.models import Exchange
from mobility.hosts.rules import open_days

# Signed two weeks before the stay, so that travel can be booked; a wish, not a rule (domain 11).
SIGNED_BEFORE = timedelta(days=14)
REMIND_DAYS = (7, 3)
PARTNERSHIPS = frozenset({Slot.VOP, Slot.HOP})
TEXTS = ("objectives_visitor", "objectives_host", "outcomes_visitor", "outcomes_host", "tasks", "place")


def days_of(exchange: Exchange) -> list[date]:
    """The working days of the stay that count: those on which the host is open."""
    return open_days(exchange.offer, exchange.first_day, exchange.last_day)


def agenda_on(days: Sequence[date], stored: Sequence[dict[str, Any]]) -> tuple[AgendaDay, ...]:
    """The agenda laid on these days: by date, or in its order after the stay was moved; nothing written is lost."""
    written = [(date.fromisoformat(row["day"]), str(row["text"])) for row in stored]
    if {day for day, text in written if text} <= set(days):
        by_day = dict(written)
        return tuple(AgendaDay(day, by_day.get(day, "")) for day in days)
    texts = [text for _day, text in written]
    kept, surplus = texts[: len(days)], [text for text in texts[len(days) :] if text]
    kept += [""] * (len(days) - len(kept))
    if surplus and kept:
        kept[-1] = "\n".join(part for part in (kept[-1], *surplus) if part)
    return tuple(AgendaDay(day, text) for day, text in zip(days, kept, strict=True))


def findings(exchange: Exchange, plan: Plan | None, *, today: date, has_visited: bool) -> list[Finding]:
    """Whether the Commitment to Quality can be drawn up, each rule with its reason (domain 4.3)."""
    visitor, host = exchange.visiting_organisation, exchange.host_organisation
    return [
        Finding("transnational", visitor.country != host.country, {"country": host.country}),
        Finding("first-visit", not has_visited, {"organisation": visitor.name}),
        Finding("in-future", exchange.first_day > today, {"first_day": exchange.first_day.isoformat()}),
        _long_enough(exchange),
        _short_enough(exchange),
        *(Finding(name.replace("_", "-"), bool(plan and getattr(plan, name))) for name in TEXTS),
        _agenda(exchange, plan),
    ]


def _long_enough(exchange: Exchange) -> Finding:
    days, needed = exchange.working_days, exchange.call.min_days
    return Finding("min-length", days >= needed, {"days": days, "needed": needed})


def _short_enough(exchange: Exchange) -> Finding:
    last_day = exchange.last_day
    return Finding(
        "max-length", last_day < month_after(exchange.first_day), {"last_day": last_day.isoformat()}
    )


def _agenda(exchange: Exchange, plan: Plan | None) -> Finding:
    rows = agenda_on(days_of(exchange), plan.agenda if plan else [])
    empty = [row.day.isoformat() for row in rows if not row.text]
    return Finding("agenda", not empty, {"missing": empty})


def month_after(day: date) -> date:
    """The same day of the next month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def sign_by(exchange: Exchange) -> date:
    """By when all should have signed."""
    return exchange.first_day - SIGNED_BEFORE


def ask_by(exchange: Exchange, today: date) -> date:
    """The day to write into a letter: when all should have signed, or once that is over the eve of the stay."""
    return max(sign_by(exchange), min(today, exchange.first_day - timedelta(days=1)))


def missing(agreement: Agreement) -> list[Slot]:
    """The slots that nobody has signed, in their order."""
    signed = {signature.slot for signature in agreement.signatures}
    return [slot for slot in SLOTS[agreement.kind] if slot not in signed]


def go_together(slots: Iterable[Slot]) -> bool:
    """Whether one person may sign for all of these: one side only, or partnerships only."""
    held = set(slots)
    return len(held) <= 1 or held <= PARTNERSHIPS


def reminder_due(agreement: Agreement, today: date) -> int | None:
    """Of the days before the stay on which the unsigned are reminded, the one that has come."""
    left = (agreement.exchange.first_day - today).days
    reached = [days for days in REMIND_DAYS if 0 <= left <= days]
    return min(reached, default=None)


def sha256_of(content: dict[str, Any]) -> str:
    """What a frozen text is known by: the SHA-256 of its canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode()).hexdigest()


def prefix(kind: AgreementKind) -> str:
    """How references of a kind begin."""
    return "CQ" if kind is AgreementKind.COMMITMENT else "FA"
