"""What a person may do with a pair, and what of it they may see."""

from dataclasses import dataclass

from mobility.accounts.models import User
from mobility.catalogue import queries
from mobility.catalogue.enums import PairStatus, Side
from mobility.catalogue.models import AgreedPair
from mobility.core.access import Permission

ENDED = frozenset({PairStatus.BUILT, PairStatus.DECLINED, PairStatus.WITHDRAWN})


@dataclass(frozen=True)
class Acts:
    """For whom somebody stands in a pair: its sides, and the partnerships ("vop", "hop") they validate for."""

    pair: AgreedPair
    user_id: int
    sides: frozenset[Side]
    slots: frozenset[str]
    may_agree: bool
    knows_visitor: bool
    knows_host: bool

    @property
    def may_confirm(self) -> bool:
        """Whether theirs is the side that is asked."""
        is_asked = self.pair.status is PairStatus.ENTERED and self.pair.entered_by.other in self.sides
        return is_asked and self.may_agree

    @property
    def to_validate(self) -> list[str]:
        """The partnerships that they can validate for now."""
        if self.pair.status is not PairStatus.CONFIRMED or self.sides:
            return []
        return [slot for slot in sorted(self.slots, reverse=True) if self._is_open(slot)]

    @property
    def ending(self) -> str | None:
        """How they can end the pair: "decline", "withdraw" or not at all."""
        status = self.pair.status
        if status in ENDED or not (self.slots or (self.sides and self.may_agree)):
            return None
        if self.sides:
            return "decline" if self.may_confirm else "withdraw"
        return "withdraw" if status is PairStatus.VALIDATED else "decline"

    @property
    def sees_money(self) -> bool:
        """The lump sum is no business of the host's."""
        return self.sides != {Side.HOST}

    def _is_open(self, slot: str) -> bool:
        return not (is_validated(self.pair, slot) or has_validated_other(self.pair, slot, self.user_id))

    def speaks_for(self, side: Side) -> Side | None:
        """The side they end it for: that one if it is theirs, else their own; none for a partnership."""
        return side if side in self.sides else next(iter(self.sides), None)


def acts_of(user: User, pair: AgreedPair) -> Acts:
    """What the person may do with the pair."""
    scopes, call_id = user.scopes(Permission.PAIRS_VALIDATE), pair.application.call_id
    partnerships = {"vop": pair.application.partnership_id, "hop": pair.offer.partnership_id}
    sides = queries.sides_of(user, pair.application, pair.offer)
    known = queries.known(user, [pair])
    return Acts(
        pair,
        user.id,
        sides,
        frozenset(
            slot
            for slot, held_by in partnerships.items()
            if any(one.covers(held_by, call_id) for one in scopes)
        ),
        may_agree=user.may(Permission.PAIRS_AGREE),
        knows_visitor=pair.id in known[Side.VISITOR],
        knows_host=pair.id in known[Side.HOST],
    )


def is_validated(pair: AgreedPair, slot: str) -> bool:
    """Whether that partnership has validated."""
    return (pair.vop_validated_at if slot == "vop" else pair.hop_validated_at) is not None


def has_validated_other(pair: AgreedPair, slot: str, user_id: int) -> bool:
    """Whether the person has validated for the other of two partnerships: each has its own eyes."""
    if pair.application.partnership_id == pair.offer.partnership_id:
        return False
    other_id = pair.hop_validated_by_id if slot == "vop" else pair.vop_validated_by_id
    return other_id == user_id
