"""The form of a note."""

from flask_babel import lazy_gettext as _l

from mobility.core.forms import HouseForm, Paragraph, Tick


class NoteForm(HouseForm):
    """What to note, and whether the applicant or host may read it too."""

    note = Paragraph(_l("New note"), longest=2000)
    is_shared = Tick(_l("Also for the other side"))
