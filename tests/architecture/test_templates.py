"""Templates: every word through gettext, nothing that a strict policy blocks."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
# Words that are names and are the same in every language.
NAMES = re.compile(r"\b(ClusterXchange|CSV|PDF|XLSX|SEPA|IBAN|BIC|JSON|A–Z|km|n|s|VO|HO|VOP|HOP|NUTS|ECCP)\b")
JINJA = re.compile(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}")
MARKUP = re.compile(r"(?s)<!--.*?-->|<(script|style)\b.*?</\1>|<[^>]*>|&\w+;")
SPOKEN = re.compile(r'(?:aria-label|title|placeholder|alt)="([^"{]*[A-Za-z]{2}[^"{]*)"')


def bare_words(page: str) -> list[str]:
    """Words of a template that no translator would see."""
    # What Jinja says goes first: it may hold a ">" inside a tag.
    plain = JINJA.sub("\n", page)
    text = NAMES.sub("", MARKUP.sub("\n", plain))
    return re.findall(r"[A-Za-z]{2,}[^\n]*", text) + SPOKEN.findall(plain)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_every_word_of_a_page_goes_through_gettext(page: Path) -> None:
    assert bare_words(page.read_text()) == []


def test_a_bare_word_is_found() -> None:
    assert bare_words("<p>Hello {{ name }}</p>") == ["Hello "]
    assert bare_words('<a title="More">{{ _("x") }}</a>') == ["More"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_a_page_has_no_inline_style_or_script(page: Path) -> None:
    written = page.read_text()

    assert not re.search(r"\sstyle\s*=|\son\w+\s*=|<style|hx-on|javascript:", written)
    assert not re.search(r"<script(?![^>]*\bsrc=)", written)
