"""The verbs of plans and agreements: begin, revise, draw up, sign, amend, move dates."""

from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any

from mobility.accounts.models import User
from mobility.agreements import content, letters, queries, rules
from mobility.agreements.document import document
from mobility.agreements.draft import AgendaDay, PlanDraft
from mobility.agreements.enums import LIFECYCLE, SLOTS, AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement, Plan, Signature
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.forms import LINE
from mobility.core.references import next_reference
from mobility.core.states import expect_version, given_text
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.mail.services import write
from mobility.papers import services as papers
from mobility.papers.models import Paper

PAPER = "agreement"
TEMPLATES = {
    AgreementKind.COMMITMENT: "pdf/commitment.html",
    AgreementKind.FINANCIAL: "pdf/financial_agreement.html",
}
# Reasons of the house, worded in `wording.VOID_REASONS`.
PLAN_CHANGED = "plan-changed"
EXCHANGE_CANCELLED = "exchange-cancelled"


def plan_of(exchange: Exchange) -> Plan | None:
    """What both sides have written so far; None before anybody began."""
    return queries.plan_of(exchange)


def begin_plan(exchange: Exchange, *, actor: Actor | None) -> Plan:
    """The plan of an exchange, begun with an agenda of its working days if there is none yet.

    Raises `RuleBroken("not-agreed")`.
    """
    _hold(exchange)
    before = queries.plan_of(exchange)
    if before is not None:
        return before
    _require_agreed(exchange)
    plan = Plan(
        exchange=exchange, begun_at=clock.utcnow(), agenda=_rows(rules.agenda_on(rules.days_of(exchange), []))
    )
    db.session.add(plan)
    record("plan.begun", exchange, actor=actor)
    return plan


def revise_plan(plan: Plan, draft: PlanDraft, *, actor: Actor | None, version: int | None = None) -> bool:
    """Write the plan; what was drawn up from it before is void. False if nothing changes.

    Raises `RuleBroken`: "stale", "not-agreed".
    """
    exchange = plan.exchange
    _hold(exchange)
    db.session.refresh(plan)
    if version is not None:
        expect_version(plan, version)
    _require_agreed(exchange)
    written = asdict(draft) | {"agenda": _rows(draft.agenda)}
    changed = sorted(name for name, value in written.items() if getattr(plan, name) != value)
    if not changed:
        return False
    for name in changed:
        setattr(plan, name, written[name])
    record("plan.revised", exchange, actor=actor, changed=changed)
    _void_all(exchange, PLAN_CHANGED, actor=actor)
    return True


def draw_up(exchange: Exchange, *, actor: Actor | None, version: int | None = None) -> Agreement:
    """Freeze the Commitment to Quality, from this version of the plan, and ask its four parties to sign.

    Raises `RuleBroken`: "not-agreed", "already-drawn-up", "stale", "plan-not-ready".
    """
    _hold(exchange)
    _require_agreed(exchange)
    before = queries.in_force(exchange, AgreementKind.COMMITMENT)
    if before is not None:
        raise RuleBroken("already-drawn-up", number=before.number)
    plan = queries.plan_of(exchange)
    if plan is None:
        raise RuleBroken("plan-not-ready")
    db.session.refresh(plan)
    if version is not None:
        expect_version(plan, version)
    visited = queries.has_visited(exchange)
    found = rules.findings(exchange, plan, today=clock.today(), has_visited=visited)
    failed = [finding.code for finding in found if not finding.passed]
    if failed:
        raise RuleBroken("plan-not-ready", missing=failed)
    reference, revision = _next(exchange, AgreementKind.COMMITMENT)
    text = content.of_commitment(exchange, plan, reference, revision)
    return _freeze(exchange, AgreementKind.COMMITMENT, reference, revision, text, actor=actor)


def sign(
    agreement: Agreement,
    slot: Slot,
    *,
    sha256: str,
    name: str,
    position: str = "",
    address: str = "",
    actor: User,
) -> Signature:
    """Sign for one party the text with this hash; the last signature moves the exchange on.

    Raises `RuleBroken`: "wrong-state", "not-agreed", "too-late-to-sign", "other-text-shown", "signer-unnamed",
    "not-your-slot", "already-signed", "one-person-two-sides".
    """
    _hold(agreement.exchange)
    db.session.refresh(agreement)
    name = name.strip()[:LINE]
    _require_signable(agreement, sha256, name)
    _require_slot(agreement, slot, actor)
    signature = Signature(
        agreement=agreement,
        slot=slot,
        user_id=actor.id,
        name=name,
        position=position.strip()[:LINE],
        sha256=sha256,
        address=address,
        signed_at=clock.utcnow(),
    )
    db.session.add(signature)
    record("agreement.signed", agreement, actor=actor, slot=slot, sha256=sha256)
    db.session.refresh(agreement, ["signatures"])
    if not rules.missing(agreement):
        _complete(agreement, actor=actor)
    return signature


def amend(exchange: Exchange, reason: str, *, actor: Actor | None) -> list[Agreement]:
    """Take back what is in force, so that it can be changed and drawn up anew; who signed is told.

    Raises `RuleBroken`: "reason-needed", "not-agreed", "nothing-in-force".
    """
    reason = given_text(reason)
    _hold(exchange)
    _require_agreed(exchange)
    voided = _void_all(exchange, reason, actor=actor)
    if not voided:
        raise RuleBroken("nothing-in-force")
    return voided


def move_dates(
    exchange: Exchange, first_day: date, last_day: date, reason: str, *, actor: Actor | None
) -> None:
    """Give an agreed exchange other dates; what was signed for the old ones is void.

    Raises `RuleBroken`: "reason-needed", "not-agreed", "same-dates", "stay-in-the-past", "stay-too-long", and
    what `exchanges.move` refuses.
    """
    reason = given_text(reason)
    _hold(exchange)
    _require_agreed(exchange)
    if (first_day, last_day) == (exchange.first_day, exchange.last_day):
        raise RuleBroken("same-dates")
    if first_day <= clock.today():
        raise RuleBroken("stay-in-the-past")
    if not first_day <= last_day < rules.month_after(first_day):
        raise RuleBroken("stay-too-long")
    exchanges.move(exchange, first_day, last_day, actor=actor)
    record("plan.moved", exchange, actor=actor, reason=reason)
    _void_all(exchange, reason, actor=actor)
    for slot in Slot:
        write(letters.moved(exchange, slot, reason))


def void_cancelled(exchange: Exchange) -> list[Agreement]:
    """Take back the agreements of a cancelled exchange; its letter has told everybody."""
    _hold(exchange)
    if exchange.status is not ExchangeStatus.CANCELLED:
        return []
    return _void_all(exchange, EXCHANGE_CANCELLED, actor=None, tell=False)


def remind(agreement: Agreement) -> int:
    """Remind who has not signed while the stay is near; how many letters were written."""
    days = rules.reminder_due(agreement, clock.today())
    if days is None:
        return 0
    return sum(write(letters.reminder(agreement, slot, days)) for slot in rules.missing(agreement))


def print_agreement(agreement: Agreement, *, actor: Actor | None = None) -> Paper | None:
    """Print what is in force, for signing or with its signatures; a void one gets no paper."""
    db.session.refresh(agreement, with_for_update={"of": Agreement})
    if agreement.status is AgreementStatus.VOID:
        return None
    return papers.issue_if_new(
        PAPER, agreement, agreement.number, TEMPLATES[agreement.kind], partial(document, agreement), actor
    )


def _hold(exchange: Exchange) -> None:
    """Whoever comes second waits here, and then sees what the first has done."""
    db.session.flush()
    db.session.refresh(exchange, with_for_update={"of": Exchange})


def _require_agreed(exchange: Exchange) -> None:
    if exchange.status is not ExchangeStatus.AGREED:
        raise RuleBroken("not-agreed", state=exchange.status)


def _require_signable(agreement: Agreement, sha256: str, name: str) -> None:
    if agreement.status is not AgreementStatus.SIGNING:
        raise RuleBroken("wrong-state", state=agreement.status, to=AgreementStatus.SIGNED)
    exchange = agreement.exchange
    _require_agreed(exchange)
    if sha256 != agreement.sha256:
        raise RuleBroken("other-text-shown")
    if clock.today() > exchange.first_day:
        raise RuleBroken("too-late-to-sign", first_day=exchange.first_day)
    if not name:
        raise RuleBroken("signer-unnamed")


def _require_slot(agreement: Agreement, slot: Slot, actor: User) -> None:
    exchange = agreement.exchange
    if slot not in SLOTS[agreement.kind] or slot not in queries.slots_of(actor, exchange):
        raise RuleBroken("not-your-slot", slot=slot)
    if slot not in rules.missing(agreement):
        raise RuleBroken("already-signed", slot=slot)
    if not rules.go_together({slot, *queries.signed_by(actor, exchange)}):
        raise RuleBroken("one-person-two-sides", slot=slot)


def _complete(agreement: Agreement, *, actor: Actor) -> None:
    LIFECYCLE.move(agreement, to=AgreementStatus.SIGNED, signed_at=clock.utcnow())
    record("agreement.complete", agreement, actor=actor)
    for slot in SLOTS[agreement.kind]:
        write(letters.all_signed(agreement, slot))
    exchange = agreement.exchange
    # Without a lump sum, as for a virtual stay, there is nothing to agree about money.
    if agreement.kind is AgreementKind.COMMITMENT and exchange.lump_sum_cents:
        _draw_up_financial(exchange, agreement, actor=actor)
    else:
        exchanges.confirm(exchange, actor=actor)


def _draw_up_financial(exchange: Exchange, commitment: Agreement, *, actor: Actor) -> Agreement:
    reference, revision = _next(exchange, AgreementKind.FINANCIAL)
    text = content.of_financial(exchange, commitment, reference, revision)
    return _freeze(exchange, AgreementKind.FINANCIAL, reference, revision, text, actor=actor)


def _next(exchange: Exchange, kind: AgreementKind) -> tuple[str, int]:
    """Reference and revision of the next agreement: what is drawn up anew keeps its reference."""
    last = queries.last_revision(exchange, kind)
    return (next_reference(rules.prefix(kind)), 1) if last is None else (last.reference, last.revision + 1)


def _freeze(
    exchange: Exchange,
    kind: AgreementKind,
    reference: str,
    revision: int,
    text: dict[str, Any],
    *,
    actor: Actor | None,
) -> Agreement:
    agreement = Agreement(
        reference=reference,
        exchange=exchange,
        kind=kind,
        revision=revision,
        status=AgreementStatus.SIGNING,
        content=text,
        sha256=rules.sha256_of(text),
        lump_sum_cents=exchange.lump_sum_cents if kind is AgreementKind.FINANCIAL else None,
        drawn_up_at=clock.utcnow(),
        drawn_up_by_id=actor.id if actor else None,
    )
    db.session.add(agreement)
    record(
        "agreement.drawn_up", agreement, actor=actor, kind=kind, revision=revision, sha256=agreement.sha256
    )
    for slot in SLOTS[agreement.kind]:
        write(letters.please_sign(agreement, slot, rules.ask_by(exchange, clock.today())))
    return agreement


def _void_all(exchange: Exchange, reason: str, *, actor: Actor | None, tell: bool = True) -> list[Agreement]:
    in_force = queries.all_in_force(exchange)
    for agreement in in_force:
        LIFECYCLE.move(agreement, to=AgreementStatus.VOID, voided_at=clock.utcnow(), void_reason=reason)
        record("agreement.voided", agreement, actor=actor, reason=reason)
        papers.cancel(PAPER, agreement, actor=actor)
        for signature in agreement.signatures if tell else []:
            write(letters.voided(agreement, signature.slot))
    return in_force


def _rows(agenda: tuple[AgendaDay, ...]) -> list[dict[str, Any]]:
    return [{"day": row.day.isoformat(), "text": row.text} for row in agenda]
