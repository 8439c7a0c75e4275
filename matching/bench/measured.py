"""One run of one method, in a process of its own, and what came of it."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from math import floor
from pathlib import Path

from matching.bench.instances import Instance

Point = tuple[float, float | None, float | None]
"""Seconds since the process began, a better value or None, a better bound or None."""

GRACE = 120.0
"""Seconds beyond twice its limit after which a process is ended; reading and checking do not count as solving."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run gave; None where it gave nothing. `seconds` count from the start of its process."""

    instance: Instance
    method: str
    matched: int | None = None
    value: float | None = None
    bound: float | None = None
    mean_score: float | None = None
    seconds: float | None = None
    peak_mib: int | None = None
    violations: int | None = None
    note: str = ""
    trace: tuple[Point, ...] = field(default=(), repr=False)

    @property
    def gap(self) -> float | None:
        """Return the share that the method's own bound leaves open."""
        return self.gap_to(self.bound)

    def gap_to(self, bound: float | None) -> float | None:
        """Return |bound - value| / max(|bound|, |value|), or None where one of them is unknown."""
        if self.value is None or bound is None:
            return None
        size = max(abs(bound), abs(self.value))
        return abs(bound - self.value) / size if size else 0.0


def measure(
    instance: Instance, problem: Path, method: str, *, seconds: float, workers: int, seed: int
) -> Measured:
    """Run a method on a problem file in a new process, which is ended where it overruns by far."""
    command = [sys.executable, "-m", "matching.bench.one", method, str(problem)]
    options = ["--seconds", str(seconds), "--workers", str(workers), "--seed", str(seed)]
    try:
        done = subprocess.run(  # noqa: S603
            [*command, *options], capture_output=True, text=True, check=False, timeout=2 * seconds + GRACE
        )
    except subprocess.TimeoutExpired as late:
        # What was written until then comes as bytes, whatever was asked for.
        return read(instance, method, (late.stdout or b"").decode(), "ended: did not stop in time")
    note = "" if done.returncode == 0 else f"failed: {_last_line(done.stderr)}"
    return read(instance, method, done.stdout, note)


def read(instance: Instance, method: str, said: str, note: str = "") -> Measured:
    """Make sense of what a process wrote; solvers may write to standard output, too."""
    rows = [json.loads(line) for line in said.splitlines() if line.startswith("{") and line.endswith("}")]
    trace = tuple((row["at"], row["value"], row["bound"]) for row in rows if "at" in row)
    outcome = {key: value for row in rows if "at" not in row for key, value in row.items()}
    bound = outcome.get("bound")
    return Measured(
        instance=instance,
        method=method,
        matched=outcome.get("matched"),
        value=outcome.get("value"),
        # Priorities are whole, so a bound may be rounded down; the small excess is for the solvers' floats.
        bound=None if bound is None else floor(bound + 1e-6),
        mean_score=outcome.get("mean_score"),
        seconds=outcome.get("ended"),
        peak_mib=outcome.get("peak_mib"),
        violations=outcome.get("violations"),
        note=note or ("" if outcome.get("matched") is not None else "no solution in time"),
        trace=trace,
    )


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no word"])[-1]
