"""Who drives the browsers of a journey."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.conftest import LiveServer
from tests.journeys.looking import WIDE, Looking
from tests.journeys.steps import Person

NewPerson = Callable[..., Person]


@pytest.fixture
def looking(live_server: LiveServer) -> Looking:
    """Looks at each page that the people of a test open."""
    return Looking(live_server.app, live_server.url)


@pytest.fixture
def new_person(live_server: LiveServer, new_page: Callable[[], Page], looking: Looking) -> NewPerson:
    """Makes people by role, address and name, each with a browser that is watched."""

    def make(who: str, email: str = "", name: str = "") -> Person:
        page = new_page()
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        looking.watch.over(page)
        return Person(page, live_server, email or f"{who}@office.example", name, who, looking)

    return make
