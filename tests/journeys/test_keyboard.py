"""People who use the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from mobility.core.db import db
from tests.conftest import LiveServer
from tests.make.accounts import PASSWORD, make_user

pytestmark = pytest.mark.journey


def test_login_and_a_form_work_by_keyboard_alone(live_server: LiveServer, page: Page) -> None:
    with live_server.app.app_context():
        make_user(email="keys@example.org", name="Kim Keys")
        db.session.commit()
    page.goto(live_server.url + "/login")

    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to(page, "email")
    page.keyboard.type("keys@example.org")
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/dashboard$"))

    page.goto(live_server.url + "/organisations/mine")
    fill_organisation_by_keyboard(page)
    expect(page.locator("main")).to_contain_text("Your organisation is saved.")
    expect(page.locator("[name='town']")).to_have_value("Ghent")


def test_a_refused_form_takes_the_keyboard_to_its_summary_and_on_to_the_field(
    live_server: LiveServer, page: Page
) -> None:
    page.goto(live_server.url + "/register")
    tab_to(page, "name")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("input[aria-invalid='true']:focus")).to_have_count(1)


def focused(page: Page) -> dict[str, str]:
    """Name and words of what has the focus, which must be outlined."""
    found: dict[str, str] = page.evaluate(
        """() => { const on = document.activeElement;
        return {name: on.name || "", text: on.textContent.trim(), outline: getComputedStyle(on).outlineStyle} }"""
    )
    assert found["outline"] != "none", f"no focus to be seen on {found}"
    return found


def tab_to(page: Page, name: str, within: int = 60) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(within):
        page.keyboard.press("Tab")
        if focused(page)["name"] == name:
            return
    raise AssertionError(f"Tab does not reach {name}")


def fill_organisation_by_keyboard(page: Page) -> None:
    """In the order of the page; letters choose in a list, Space ticks, Enter sends."""
    typed = {"name": "Solarwerk", "registration": "0123456749", "type": "Small", "country": "Belg"}
    for name, words in (typed | {"town": "Ghent", "staff": "12", "cluster_name": "Flux Cluster"}).items():
        tab_to(page, name)
        page.keyboard.type(words)
    tab_to(page, "cluster_has_profile")
    page.keyboard.press("Space")
    tab_to(page, "iban")
    page.keyboard.press("Enter")
