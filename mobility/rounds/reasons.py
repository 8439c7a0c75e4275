"""Why a visitor stays without a host, for staff: the engine's evidence in the words of the scheme."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from mobility.core.dates import day
from mobility.core.money import euro
from mobility.hosts.wording import named
from mobility.rounds import wording

Evidence = Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """What the evidence names by code or reference: partnerships and hosts."""

    partnerships: Mapping[str, str]
    hosts: Mapping[str, str]

    def host(self, reference: str) -> str:
        """The host with its offer's reference."""
        name = self.hosts.get(reference)
        return f"{name} ({reference})" if name else reference

    @property
    def by_code(self) -> Mapping[str, str]:
        """Both kinds of names; codes and references do not meet."""
        return {**self.partnerships, **self.hosts}

    def partnership(self, code: str) -> str:
        return self.partnerships.get(code, code)


def reason(code: str, evidence: Evidence, names: Names) -> str:
    """Why, and what would help; nothing where the engine said nothing."""
    if not evidence:
        return ""
    return " ".join(part for part in (REASONS[code](evidence, names), *_helps(evidence, names)) if part)


def _no_host(evidence: Evidence, _names: Names) -> str:
    funnel = evidence["funnel"]
    found = _(
        "Of %(hosts)s hosts %(unsuited)s do not suit.", hosts=funnel["hosts"], unsuited=funnel["no_pair"]
    )
    if not funnel["forbidden"]:
        return found
    ruled_out = ngettext(
        "%(num)s was ruled out by staff.", "%(num)s were ruled out by staff.", funnel["forbidden"]
    )
    return f"{found} {ruled_out}"


def _no_dates(evidence: Evidence, names: Names) -> str:
    funnel, shift = evidence["funnel"], evidence.get("shift")
    found = ngettext(
        "%(num)s host would suit, but has no place for the whole stay on the days wished.",
        "%(num)s hosts would suit, but none has a place for the whole stay on the days wished.",
        funnel["hosts"] - funnel["no_pair"] - funnel["forbidden"],
    )
    if not shift:
        return found
    nearest = _(
        "The nearest free days are %(days)s at %(host)s.",
        days=_days(shift["window"]),
        host=names.host(shift["witness"]["host"]),
    )
    return f"{found} {nearest}"


def _limit(evidence: Evidence, names: Names) -> str:
    return " ".join(_lacks(limit, by, names) for limit, by in evidence["limit"].items())


def _lacks(limit: str, by: int, names: Names) -> str:
    kind, _colon, whose = limit.partition(":")
    if kind == "budget":
        return _(
            "%(partnership)s’s budget lacks %(amount)s.",
            partnership=names.partnership(whose),
            amount=euro(by),
        )
    return ngettext(
        "%(host)s would have to take %(num)s visit more than it offers.",
        "%(host)s would have to take %(num)s visits more than it offers.",
        by,
        host=names.host(whose),
    )


def _group(evidence: Evidence, _names: Names) -> str:
    return _(
        "The group %(group)s cannot stay together: no host takes all its members from one day on.",
        group=evidence["group"],
    )


def _competition(evidence: Evidence, names: Names) -> str:
    displaced = evidence.get("displaces")
    if displaced is None:
        return _("Every visit that fits went to others.")
    if not displaced["applications"]:
        return _("A visit is still free.")
    words = _(
        "A visit to %(stay)s would take the place of %(others)s.",
        stay=_stay(displaced["witness"], names),
        others=named(displaced["applications"]),
    )
    losses = [wording.loss(goal, by) for goal, by in displaced["loss"].items() if by > 0]
    return f"{words} {_('It would cost: %(losses)s.', losses=named(losses))}" if losses else words


def _helps(evidence: Evidence, names: Names) -> list[str]:
    told = evidence.get("limit") or {}
    return [_help(one, names, told) for one in evidence.get("helps", ())]


def _help(one: Evidence, names: Names, told: Mapping[str, int]) -> str:
    stay = _stay(one["witness"], names)
    if one["change"] == "nothing":
        return _("A visit to %(stay)s fits as it is.", stay=stay)
    return _("With %(change)s a visit to %(stay)s would fit.", change=_change(one, names, told), stay=stay)


def _change(one: Evidence, names: Names, told: Mapping[str, int]) -> str:
    if one["change"] == "limit":
        return _more(one["limit"], one["by"], names, is_told=one["limit"] in told)
    if one["change"] == "place":
        return _(
            "one place more at %(host)s from %(days)s",
            host=names.host(one["witness"]["host"]),
            days=_days(one["window"]),
        )
    return _("the days from %(days)s", days=_days(one["window"]))


def _more(limit: str, by: int, names: Names, *, is_told: bool) -> str:
    kind, _colon, whose = limit.partition(":")
    if kind != "budget":
        host = names.host(whose)
        return ngettext("%(num)s visit more at %(host)s", "%(num)s visits more at %(host)s", by, host=host)
    if is_told:
        return _("%(amount)s more", amount=euro(by))
    return _(
        "%(amount)s more in %(partnership)s’s budget",
        amount=euro(by),
        partnership=names.partnership(whose),
    )


def _stay(witness: Evidence, names: Names) -> str:
    first_day = date.fromisoformat(witness["first_day"])
    return _("%(host)s from %(day)s", host=names.host(witness["host"]), day=day(first_day))


def _days(window: list[str]) -> str:
    first, last = (day(date.fromisoformat(one)) for one in window)
    return _("%(first)s to %(last)s", first=first, last=last)


REASONS = {
    "no_host": _no_host,
    "no_dates": _no_dates,
    "limit": _limit,
    "group": _group,
    "competition": _competition,
}
