"""Blind rounds: whose pages show references instead of names until they are published."""

from mobility.applications.models import Application
from mobility.audit.services import record
from mobility.core.access import Actor
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer
from mobility.rounds import queries
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Round


def switch(round_: Round, *, is_blind: bool, actor: Actor | None) -> None:
    """Hide the names of a round that is still worked on, or show them again; the log keeps who did it.

    Raises `RuleBroken("wrong-state")` once the round is over.
    """
    round_ = queries.locked_round(round_.id)
    if round_.status not in {RoundStatus.OPEN, RoundStatus.FROZEN}:
        raise RuleBroken("wrong-state", state=round_.status, to=RoundStatus.OPEN)
    if round_.is_blind is not is_blind:
        round_.is_blind = is_blind
        record("round.names-hidden" if is_blind else "round.names-shown", round_, actor=actor)


def who(side: Application | Offer, round_: Round) -> str:
    """The organisation of a visitor or a host, or its reference where the round hides names."""
    return side.reference if round_.hides_names else side.organisation.name
