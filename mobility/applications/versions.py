"""The answers of an application as they were sent: kept as plain data, and put together with later ones."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date
from hashlib import sha256
from typing import Any

from mobility.applications.draft import AnswerDraft, ApplicationDraft, WishDraft
from mobility.applications.sections import Section
from mobility.calls.enums import Mode

DAYS = ("windows", "excluded")
SEVERAL = ("ecosystems", "industries", "purposes", "countries", "partner_types")


def kept(content: ApplicationDraft) -> dict[str, Any]:
    """The answers as they are stored."""
    days = {
        name: [[first.isoformat(), last.isoformat()] for first, last in getattr(content, name)]
        for name in DAYS
    }
    return asdict(content) | days | {"mode": content.mode.value}


def as_kept(stored: dict[str, Any]) -> ApplicationDraft:
    """The answers that were stored."""
    several = {name: tuple(stored[name]) for name in SEVERAL}
    days = {
        name: tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in stored[name])
        for name in DAYS
    }
    wishes = tuple(WishDraft(**wish) for wish in stored["wishes"])
    # What was kept before calls had questions of their own has none.
    answers = tuple(AnswerDraft(**answer) for answer in stored.get("answers", ()))
    made = {"wishes": wishes, "answers": answers, "mode": Mode(stored["mode"])}
    return ApplicationDraft(**stored | several | days | made)


def changed_in(
    sections: Iterable[Section], content: ApplicationDraft, before: ApplicationDraft
) -> ApplicationDraft:
    """What was typed in these sections; all else as it was before."""
    names = {name for section in sections for name in answers_of(section)}
    return replace(before, **{name: getattr(content, name) for name in names})


def digest_of(section: Section, content: ApplicationDraft) -> str:
    """What tells the answers of a section from any others."""
    answers = kept(content)
    written = json.dumps([[name, answers[name]] for name in sorted(answers_of(section))], sort_keys=True)
    return sha256(written.encode()).hexdigest()


def answers_of(section: Section) -> set[str]:
    """The names of a section's answers, as the draft has them."""
    return {_in_draft(name) for name in section.fields}


def _in_draft(name: str) -> str:
    if name == "consent":
        return "consent_version"
    if name == "answer":
        return "answers"
    if name == "no_cv":
        return "cv"
    if name == "never" or name.startswith("wish_"):
        return "wishes"
    # Typed as text, beside the fields with a calendar.
    return name.removeprefix("more_")
