"""The public lottery that decides between equals: announced before anybody is taken down, drawn before solving.

Anybody can draw again: `digest` is SHA-256 of the seed, a colon and an application's reference, as UTF-8. The smallest
digest has drawn the best lot.
"""

import secrets
from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy.exc import IntegrityError

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import given_text
from mobility.rounds import queries
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Lottery, Round

GOAL = "lottery"
SEED_BYTES = 16


def digest(seed: str, reference: str) -> str:
    """What an application draws."""
    return sha256(f"{seed}:{reference}".encode()).hexdigest()


def draw_order(seed: str, references: Iterable[str]) -> list[tuple[str, str]]:
    """The digests with their references, the best lot first."""
    return sorted((digest(seed, reference), reference) for reference in references)


def lots(lottery: Lottery | None, references: Iterable[str]) -> dict[str, int]:
    """The lot of each application, more being better; none where there is no lottery."""
    if lottery is None or not lottery.is_drawn:
        return {}
    order = draw_order(lottery.seed, references)
    return {reference: len(order) - place for place, (_digest, reference) in enumerate(order)}


def announce(round_: Round, *, source: str = "", reason: str, actor: Actor | None) -> Lottery:
    """Announce how an open round draws lots: from a public source, or by a seed of which the hash is shown now.

    Raises `RuleBroken`: "wrong-state", "reason-needed", "lottery-follows" (after declines), "lottery-announced".
    """
    round_, reason = _open(round_), given_text(reason)
    if round_.after_id is not None:
        # Its lots are those of the first round: another lottery would count for nothing.
        raise RuleBroken("lottery-follows", round=round_.reference)
    seed = "" if source else secrets.token_hex(SEED_BYTES)
    lottery = Lottery(
        round_id=round_.id,
        source=source.strip(),
        reason=reason,
        seed=seed,
        seed_sha256=sha256(seed.encode()).hexdigest() if seed else "",
        announced_at=clock.utcnow(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(lottery)
    except IntegrityError:
        raise RuleBroken("lottery-announced", round=round_.reference) from None
    record(
        "round.lottery-announced",
        round_,
        actor=actor,
        source=lottery.source,
        sha256=lottery.seed_sha256,
        reason=reason,
    )
    return lottery


def draw(round_: Round, seed: str, *, actor: Actor | None) -> None:
    """Write down, once, what the public source gave. Raises `RuleBroken`: "wrong-state", "lottery-drawn"."""
    round_, seed = _open(round_), given_text(seed, "seed-needed")
    lottery = queries.lottery_of(round_)
    if lottery is None or lottery.is_drawn or not lottery.source:
        raise RuleBroken("lottery-drawn", round=round_.reference)
    lottery.seed, lottery.seed_sha256 = seed, sha256(seed.encode()).hexdigest()
    lottery.drawn_at = clock.utcnow()
    record("round.lottery-drawn", round_, actor=actor, seed=seed)


def reveal(round_: Round, *, actor: Actor | None) -> None:
    """Show, once, the seed of which the hash was announced, as the round is frozen.

    Raises `RuleBroken("lottery-not-drawn")` where a public source was announced and is not written down yet.
    """
    lottery = queries.lottery_of(round_)
    if lottery is None or lottery.is_drawn:
        return
    if lottery.source:
        raise RuleBroken("lottery-not-drawn", round=round_.reference)
    lottery.drawn_at = clock.utcnow()
    record("round.lottery-drawn", round_, actor=actor, seed=lottery.seed)


def _open(round_: Round) -> Round:
    round_ = queries.locked_round(round_.id)
    if round_.status is not RoundStatus.OPEN:
        raise RuleBroken("wrong-state", state=round_.status, to=RoundStatus.OPEN)
    return round_
