"""What imports are called."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from mobility.core.files import Problem
from mobility.imports.enums import UNDER_WAY, ImportStatus
from mobility.imports.models import Import

KINDS = {
    "partnerships": _l("Partnerships and their budgets"),
    "organisations": _l("Organisations"),
    "offers": _l("Offers of hosts"),
    "applications": _l("Applications of visitors"),
}
REFUSALS = {
    "changed-on-site": _l(
        "was changed on the site since the import of %(since)s; take the row out or change it there: %(record)s"
    ),
    "kept-on-site": _l("is kept on the site by its people; take the row out or change it there: %(record)s"),
}
TAGS = {
    ImportStatus.CHECKING: ("open", _l("Being checked")),
    ImportStatus.CHECKED: ("wait", _l("Can be taken")),
    ImportStatus.IMPORTING: ("open", _l("Being imported")),
    ImportStatus.IMPORTED: ("good", _l("Imported")),
    ImportStatus.REFUSED: ("bad", _l("Refused")),
    ImportStatus.DISCARDED: ("closed", _l("Discarded")),
}


def progress_of(found: Import) -> dict[str, Any]:
    """How far the step under way is, for the page that looks each second."""
    words = (
        _("%(done)s of %(rows)s rows", done=found.done, rows=found.rows)
        if found.rows
        else _("waits its turn")
    )
    return {
        "value": found.done,
        "bound": found.rows or None,
        "text": words,
        "done": found.status not in UNDER_WAY,
    }


def problem(kept: dict[str, Any]) -> Problem:
    """A problem as it was found."""
    return Problem(**kept)


def rows(number: int) -> str:
    """A number of rows in words."""
    return ngettext("%(num)s row", "%(num)s rows", number)
