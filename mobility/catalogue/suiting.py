"""The hosts that the rules leave to each of many visitors. Pure.

A visitor asked for all hosts one by one is a million questions in a large round: here each rule is asked once for all
visitors who are alike to it, and its answer is a number with a bit for each host.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from datetime import date

from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.catalogue.rules import GENERAL, is_waived_if_named
from mobility.hosts.models import Offer


class Suiting:
    """Offers of a call, and which of them `rules_against` leaves to whom."""

    def __init__(self, offers: Sequence[Offer], *, call: Call, first_day: date) -> None:
        self.offers, self.call, self.first_day = offers, call, first_day
        self._bits = {offer.id: 1 << place for place, offer in enumerate(offers)}
        self._of_organisation: defaultdict[int, int] = defaultdict(int)
        for offer in offers:
            self._of_organisation[offer.organisation_id] |= self._bits[offer.id]
        self._answers: dict[tuple[str, Hashable], int] = {}

    def places(self, application: Application, *, without: Collection[int] = ()) -> Iterator[int]:
        """The places in the list of the offers that suit somebody who has not visited, but for some by their keys."""
        left = self._all_but(without) & ~self._of_organisation[application.organisation_id]
        named = 0
        for wish in application.wishes:
            bit = self._bits.get(wish.offer_id, 0)
            if wish.rank is None:
                left &= ~bit
            else:
                named |= bit
        for code, rule in GENERAL.items():
            waived = named if is_waived_if_named(code, application) else 0
            left &= self._answer(code, rule.reads(application, self.call)) | waived
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest

    def _all_but(self, without: Collection[int]) -> int:
        left = (1 << len(self.offers)) - 1
        for offer_id in without:
            left &= ~self._bits.get(offer_id, 0)
        return left

    def _answer(self, code: str, read: Hashable) -> int:
        """The offers that a rule leaves to whoever is alike."""
        found = self._answers.get((code, read))
        if found is None:
            forbids = GENERAL[code].forbids
            found = sum(
                self._bits[offer.id]
                for offer in self.offers
                if not forbids(read, offer, self.call, self.first_day)
            )
            self._answers[code, read] = found
        return found
