"""Why a record stays as it is, in words."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import lazy_gettext as _l

KEPT = {
    "wrong-state": _l("it does not wait for its decision"),
    "findings-fail": _l("a rule is not met"),
    "no-change": _l("it is so already"),
    "not-yours": _l("it is not yours to assess"),
    "not-in-call": _l("that partnership does not take part in its call"),
    "stale": _l("it has changed since you looked"),
    "letter-left": _l("its letter has left"),
    "built-upon": _l("something was built upon it"),
}
ACTS = {"accept": _l("Accepted"), "take": _l("Taken by you"), "give": _l("Given to a partnership")}
REFUSALS = {
    "built-upon": _l("Something was built upon it, so it cannot be taken back."),
    "letter-left": _l("The letter has left, so it cannot be taken back."),
    "nothing-changed": _l("None of them could be changed. Open the list again to see where they stand."),
    "undo-over": _l("This can no longer be taken back."),
}


def kept_because(code: str) -> str:
    """Why a record stayed as it was."""
    return str(KEPT.get(code, code))


def act(code: str) -> str:
    """What was done to several records."""
    return str(ACTS[code])


def sorted_out(
    records: Iterable[Any], wanted: Iterable[str], against: Callable[[Any], str | None]
) -> dict[str, list[Any]]:
    """Who would change, and who not with why."""
    judged = [(one, against(one)) for one in records]
    found = {one.reference for one, _code in judged}
    kept = [(one.reference, kept_because(code)) for one, code in judged if code]
    kept += [(reference, kept_because("not-yours")) for reference in wanted if reference not in found]
    return {"changing": [one for one, code in judged if not code], "kept": kept}
