"""The reasons in sentences that a person understands."""

from collections.abc import Mapping
from typing import Any

Evidence = Mapping[str, Any]


def sentence(code: str, evidence: Evidence) -> str:
    """Return why an application is not matched, and what would help."""
    return " ".join(part for part in (_SENTENCES[code](evidence), _help(evidence)) if part)


def _no_host(evidence: Evidence) -> str:
    funnel = evidence["funnel"]
    found = f"Of {funnel['hosts']} hosts the rules leave none: {funnel['no_pair']} do not suit"
    return found + (f", {funnel['forbidden']} were ruled out by staff." if funnel["forbidden"] else ".")


def _no_dates(evidence: Evidence) -> str:
    funnel = evidence["funnel"]
    suited = funnel["hosts"] - funnel["no_pair"] - funnel["forbidden"]
    found = f"{_hosts(suited)} would suit, but none has places for the whole stay on the days wished."
    shift = evidence.get("shift")
    if not shift:
        return found
    return (
        f"{found} The nearest that one has are {' to '.join(shift['window'])} at {shift['witness']['host']}."
    )


def _limit(evidence: Evidence) -> str:
    each = ", ".join(f"{name} lacks {by}" for name, by in evidence["limit"].items())
    return f"A limit is used up: {each}."


def _group(evidence: Evidence) -> str:
    return (
        f"The group {evidence['group']} cannot stay together: no host takes all its members from one day on."
    )


def _competition(evidence: Evidence) -> str:
    displaced = evidence.get("displaces")
    if displaced is None:
        return "Every visit that fits went to others."
    if not displaced["applications"]:
        return "A visit is still free."
    names = ", ".join(displaced["applications"])
    costs = ", ".join(f"{by} of {goal}" for goal, by in displaced["loss"].items() if by > 0)
    price = f", which would cost {costs}" if costs else ", at no cost by the goals"
    witness = displaced["witness"]
    where = f"A visit to {witness['host']} from {witness['first_day']}"
    return f"{where} would displace {names}{price}."


def _hosts(number: int) -> str:
    return "One host" if number == 1 else f"{number} hosts"


def _help(evidence: Evidence) -> str:
    offers = [_offer(one) for one in evidence.get("helps", ())]
    return f"What would help: {'; or '.join(offers)}." if offers else ""


def _offer(one: Evidence) -> str:
    host, first = one["witness"]["host"], one["witness"]["first_day"]
    visit = f"a visit to {host} from {first}"
    if one["change"] == "limit":
        return f"{one['by']} more under {one['limit']} would allow {visit}"
    if one["change"] == "place":
        ends = " to ".join(one["window"])
        return f"one more place at {host} from {ends} would allow {visit}"
    if one["change"] == "dates":
        return f"the days from {' to '.join(one['window'])} would allow {visit}"
    return f"{visit} fits as it is"


_SENTENCES = {
    "no_host": _no_host,
    "no_dates": _no_dates,
    "limit": _limit,
    "group": _group,
    "competition": _competition,
}
