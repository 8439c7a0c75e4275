"""The chain over the log: what a seal is the hash of, and what does not fit. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

# What the first seal follows.
BEGINNING = "0" * 64


@dataclass(frozen=True)
class Logged:
    """An entry as it is sealed: every column of it."""

    id: int
    at: datetime
    actor_id: int | None
    verb: str
    about_kind: str
    about_id: int
    about_ref: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Link:
    """A stored seal with the entry it seals and the head noted at its position, where these are there."""

    position: int
    sha256: str
    sealed_at: datetime
    logged: Logged | None
    head: str | None


@dataclass(frozen=True)
class Fault:
    """Something that does not fit, by code, and where in the chain."""

    code: str
    position: int
    values: dict[str, Any] = field(default_factory=dict)


def digest(previous: str, position: int, sealed_at: datetime, logged: Logged) -> str:
    """The hash of a seal: of the seal before it, its own place and day, and all that the entry says."""
    sealed = {"position": position, "sealed_at": _instant(sealed_at), "entry": _plain(logged)}
    canonical = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{previous}\n{canonical}".encode("utf-8", "surrogatepass")).hexdigest()


def faults(links: Iterable[Link]) -> Iterator[Fault]:
    """What does not fit in a chain read from its beginning, each at its own place."""
    expected, previous, last = 1, BEGINNING, None
    for link in links:
        if link.position != expected:
            yield Fault("gap", expected, {"next": link.position})
        if link.logged is None:
            yield Fault("entry-gone", link.position)
        elif digest(previous, link.position, link.sealed_at, link.logged) != link.sha256:
            yield Fault("changed", link.position, {"entry": link.logged.id})
        if link.head is not None and link.head != link.sha256:
            yield Fault("head-differs", link.position)
        # Each link is judged by what its neighbour says, so that one change is one fault.
        expected, previous, last = link.position + 1, link.sha256, link
    if last is not None and last.head is None:
        yield Fault("head-gone", last.position)


def _plain(logged: Logged) -> dict[str, Any]:
    return asdict(logged) | {"at": _instant(logged.at)}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
