"""Hostile values, by the kind of control that they are typed into."""

from tests.hostile.forms import TYPED, Control, Form

NUL = "a\0b"
SURROGATE = "a\ud800b"
MEGABYTE = "x" * 10**6  # twice, for a password and its repetition, still fits a request
TOO_LARGE = str(2**63)
MARK_UP = "\"'><script>alert('typed')</script>{{7*7}}"

# What no field of these kinds takes; other text is taken as text, mark-up too.
REFUSED_TEXT = {"NUL": NUL, "half a surrogate pair": SURROGATE, "1 MB": MEGABYTE}
TEXT = {**REFUSED_TEXT, "2^63": TOO_LARGE, "mark-up": MARK_UP, "missing": ""}
NUMBER = {
    "2^63": TOO_LARGE,
    "below": "-1",
    "half": "1.5",
    "other digits": "٣",
    "two signs": "--5",
    **REFUSED_TEXT,
}
DAY = {
    "no such day": "2027-02-30",
    "far": "99999-01-01",
    "2^63": TOO_LARGE,
    "mark-up": MARK_UP,
    **REFUSED_TEXT,
}
CHOICE = {"NUL": NUL, "half a surrogate pair": SURROGATE, "mark-up": MARK_UP}
OF_KIND = {"number": NUMBER, "date": DAY, "select": CHOICE, "radio": CHOICE, "checkbox": CHOICE}


def hostile(form: Form, name: str) -> dict[str, str]:
    """What to send in the field of that name."""
    control = form.control(name)
    return {} if is_tick(form, control) else OF_KIND.get(control.kind, TEXT)


def is_tick(form: Form, control: Control) -> bool:
    """Whether the control is a single box, which is on whatever it holds."""
    same = [one for one in form.controls if one.name == control.name]
    return control.kind == "checkbox" and len(same) == 1 and control.value == "y"


def must_be_refused(control: Control, value: str) -> bool:
    """Whether the field may not take this."""
    if control.kind in {"text", "textarea", "password"}:
        return value in REFUSED_TEXT.values()
    return value != "" or control.kind not in TYPED


def as_received(value: str) -> str:
    """What a server reads of it: what cannot be read stands as replaced."""
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
