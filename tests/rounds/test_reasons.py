"""Why somebody stays without a host, in words, from the engine's evidence."""

from typing import Any

import pytest

from mobility.rounds.reasons import Names, reason

pytestmark = pytest.mark.usefixtures("session")
NAMES = Names({"DRIVESHIFT": "DriveShift"}, {"OFF-2025-0084": "Porto Wind"})
WITNESS = {"host": "OFF-2025-0084", "first_day": "2026-01-05"}
FUNNEL = {"hosts": 12, "no_pair": 9, "forbidden": 1, "no_dates": 0, "left": 2}
ONE_MORE = {"change": "limit", "limit": "visits:OFF-2025-0084", "by": 1, "witness": WITNESS}
RAISED = {"change": "limit", "limit": "budget:DRIVESHIFT", "by": 27000, "witness": WITNESS}


@pytest.mark.parametrize(
    ("code", "evidence", "words"),
    [
        (
            "limit",
            {"limit": {"budget:DRIVESHIFT": 27000}, "helps": [RAISED]},
            "DriveShift’s budget lacks €270.00."
            " With €270.00 more a visit to Porto Wind (OFF-2025-0084) from Mon 5 January 2026 would fit.",
        ),
        (
            "limit",
            {"limit": {"visits:OFF-2025-0084": 1}},
            "Porto Wind (OFF-2025-0084) would have to take 1 visit more than it offers.",
        ),
        ("no_host", {"funnel": FUNNEL}, "Of 12 hosts 9 do not suit. 1 was ruled out by staff."),
        (
            "no_dates",
            {
                "funnel": FUNNEL,
                "shift": {"change": "dates", "window": ["2026-01-05", "2026-01-09"], "witness": WITNESS},
            },
            "2 hosts would suit, but none has a place for the whole stay on the days wished."
            " The nearest free days are Mon 5 January 2026 to Fri 9 January 2026 at Porto Wind (OFF-2025-0084).",
        ),
        (
            "group",
            {"group": "TRIP", "funnel": FUNNEL},
            "The group TRIP cannot stay together: no host takes all its members from one day on.",
        ),
        (
            "competition",
            {
                "displaces": {
                    "applications": ["APP-1"],
                    "loss": {"priority": 5, "cost": 27000, "score": 0},
                    "witness": WITNESS,
                },
                "helps": [RAISED],
            },
            "A visit to Porto Wind (OFF-2025-0084) from Mon 5 January 2026 would take the place of APP-1."
            " It would cost: Priority points 5, Lump sums €270.00."
            " With €270.00 more in DriveShift’s budget a visit to Porto Wind (OFF-2025-0084)"
            " from Mon 5 January 2026 would fit.",
        ),
        (
            "competition",
            {"displaces": None, "helps": [ONE_MORE]},
            "Every visit that fits went to others. With 1 visit more at Porto Wind (OFF-2025-0084)"
            " a visit to Porto Wind (OFF-2025-0084) from Mon 5 January 2026 would fit.",
        ),
        ("no_host", {}, ""),
    ],
)
def test_evidence_is_told_in_words_of_the_scheme(code: str, evidence: dict[str, Any], words: str) -> None:
    assert reason(code, evidence, NAMES) == words
