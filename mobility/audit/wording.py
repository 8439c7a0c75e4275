"""What the verification of the log found, in sentences."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.audit.chain import Fault
from mobility.audit.services import Verdict

FAULTS = {
    "gap": _l("The chain has no seal %(position)s: the next one there is %(next)s."),
    "entry-gone": _l("The entry of seal %(position)s is gone."),
    "changed": _l("Seal %(position)s does not fit: entry %(entry)s, or the seal, was changed or moved."),
    "head-differs": _l("At seal %(position)s the chain is another than was noted there."),
    "head-gone": _l("The chain ends at seal %(position)s, where no end was noted."),
    "cut": _l("The chain once reached seal %(position)s, which is gone."),
    "kept-head-gone": _l("The head you kept, seal %(position)s, is not in the chain."),
    "kept-head-differs": _l("Seal %(position)s is not the one you kept: the chain was made anew."),
}


def fault(found: Fault) -> str:
    """What does not fit, as people read it."""
    return str(FAULTS[found.code] % (found.values | {"position": found.position}))


def summary(verdict: Verdict) -> str:
    """The verdict in one sentence."""
    values = {"sealed": verdict.sealed, "unsealed": verdict.unsealed, "faults": len(verdict.faults)}
    if verdict.holds:
        return _("The chain holds: %(sealed)s entries are sealed, %(unsealed)s are not yet sealed.", **values)
    return _(
        "The chain is broken in %(faults)s places; %(sealed)s entries are sealed, %(unsealed)s are not yet.",
        **values,
    )
