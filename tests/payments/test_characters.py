"""Text for banks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobility.payments.characters import ALLOWED, bank_text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Žilina Kovárna s.r.o.", "Zilina Kovarna s.r.o."),
        ("Αναπτυξιακή Θερμαϊκού Α.Ε.", "Anaptyxiaki Thermaikoy A.E."),
        ("Български мед ООД", "Balgarski med OOD"),
        ("Łódź & Ćma – „x“", "Lodz + Cma - 'x'"),
        ("Straße İstanbul Ørsted Þór", "Strasse Istanbul Orsted THor"),
        ("Երևան", "Erevan"),
        ("//a//b/", "a/b"),
        ("<script>alert(1)</script>", "(script)alert(1)(/script)"),
        ("日本", ""),
    ],
)
def test_names_are_written_as_banks_take_them(text: str, written: str) -> None:
    assert bank_text(text, 70) == written


@given(st.text(max_size=200), st.integers(1, 140))
def test_whatever_is_typed_only_allowed_signs_remain(text: str, longest: int) -> None:
    written = bank_text(text, longest)

    assert set(written) <= ALLOWED
    assert len(written) <= longest
    assert not written.startswith(("/", " "))
    assert not written.endswith(("/", " "))
    assert "//" not in written
