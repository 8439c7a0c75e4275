"""What happens before the stay: people come in, offer, apply, are assessed, matched, and sign."""

import re
import time
from datetime import date

from playwright.sync_api import expect

from mobility.accounts.second_factor import STEP_S, codes
from tests.journeys.steps import Person, enter_organisation, give_password, link_in
from tests.make.accounts import PASSWORD


def invite_for_money(first: Person, second: Person, newcomer: Person) -> None:
    """One administrator invites somebody for money, another approves the role, the person sets up both steps."""
    first.go("/people")
    first.follow("Invite somebody")
    first.fill(email=newcomer.email, name=newcomer.name, role="finance_initiator")
    first.page.get_by_label("Partnership").select_option(label="GREEN, Green partnership")
    first.press("Send the invitation")
    first.sees("The invitation is on its way to", "Waits")
    expect(first.page.get_by_role("button", name="Approve")).to_have_count(0)

    second.go("/people")
    second.sees("Waiting for a second administrator", newcomer.name)
    second.follow(newcomer.name)
    second.press("Approve Finance initiator")
    second.sees("Approved. The role counts from now on.")

    newcomer.go(link_in(newcomer.newest_letter("accounts.invited")))
    newcomer.fill(password=PASSWORD, password_confirm=PASSWORD)
    newcomer.press("Save the new password")
    give_password(newcomer)
    set_up_second_step(newcomer)


def set_up_second_step(person: Person) -> None:
    """Type the code of the key that the page shows, keep the recovery codes and go on."""
    person.sees("Your role needs it")
    key = person.page.locator("b.code").inner_text().replace(" ", "")
    with person.server.app.app_context():
        code = codes().code(key, int(time.time()) // STEP_S)
    person.fill(code=code)
    person.press("Confirm")
    person.sees("Recovery codes, for the day you lose your device")
    person.follow("I have kept them, go on")
    expect(person.page).to_have_url(re.compile("/work$"))


def offer_places(host: Person, window: tuple[date, date]) -> str:
    """Register the host's organisation, fill the offer, look through it and send it; its reference."""
    enter_organisation(host, name="Porto Wind", country="PT", town="Porto", registration="PT500100200")
    begin(host, "/hosts", "Offer places in")
    host.fill(title="A week in the test hall", description="Tests, talks and two visits.", max_visits=2)
    host.fill(languages__0__language="en", languages__0__level="C1", min_days=3, max_days=5)
    host.fill(windows__0__first_day=window[0], windows__0__last_day=window[1], windows__0__places=1)
    host.tick("Renewable energy", "Learn from another cluster or country", "In person")
    host.press("Check and send")
    host.sees("Draft, not sent yet")
    host.press("Send offer")
    host.sees("Sent. The receipt goes to", "Blue partnership assesses it")
    assert host.reference in host.newest_letter("hosts.received").body
    return host.reference


def apply(applicant: Person, window: tuple[date, date]) -> str:
    """Register the visitor's organisation, fill the application and send it; its reference."""
    enter_organisation(
        applicant,
        name="Solarwerk",
        country="BE",
        town="Ghent",
        iban="BE68 5390 0754 7034",
        account_holder="Solarwerk",
    )
    begin(applicant, "/applications", "New application in")
    applicant.fill(languages__0__language="en", languages__0__level="B2")
    applicant.press("Save and go on")
    applicant.fill(motivation="To see blades tested.")
    applicant.tick("Renewable energy", "Learn from another cluster or country")
    applicant.press("Save and go on")
    watch_the_rules_while_typing(applicant, window)
    applicant.press("Save and go on")
    applicant.sees("Draft, not sent yet")
    expect(applicant.page.locator(".sign-fail")).to_have_count(0)
    applicant.press("Send application")
    reference = applicant.reference
    applicant.sees(f"Sent. The receipt goes to {applicant.email}", reference, "Received")
    letter = applicant.newest_letter("applications.received")
    assert reference in letter.body + letter.subject
    applicant.sees(letter.subject)
    return reference


def begin(person: Person, list_path: str, button: str) -> None:
    """From the list through the page that asks for the organisation to the form."""
    person.go(list_path)
    person.follow(button)
    person.press("Begin")
    assert "/edit" in person.path


def watch_the_rules_while_typing(applicant: Person, window: tuple[date, date]) -> None:
    """Through dates, hosts and consent: the findings beside follow what is typed, before it is saved."""
    days = applicant.page.locator("#findings [data-finding='min-days'] .sign")
    consent = applicant.page.locator("#findings [data-finding='consent'] .sign")
    amounts = applicant.page.locator("#findings #lump")
    expect(days).to_have_text("Not met")
    applicant.fill(windows__0__first_day=window[0], windows__0__last_day=window[1], min_days=3, max_days=5)
    expect(days).to_have_text("Met", timeout=15_000)
    applicant.tick("In person")
    applicant.press("Save and go on")
    applicant.page.locator("[name='wish_1']").select_option(index=1)
    expect(amounts).to_contain_text("€780.00", timeout=15_000)
    applicant.press("Save and go back")
    applicant.fill(max_days=4)
    expect(amounts).to_contain_text("€390.00", timeout=15_000)
    applicant.fill(max_days=5)
    applicant.press("Save and go on")
    applicant.press("Save and go on")
    expect(consent).to_have_text("Not met")
    applicant.page.locator("[name='consent']").check()
    expect(consent).to_have_text("Met", timeout=15_000)


def assess(officer: Person, listed: str, reference: str) -> None:
    """The officer finds it in the work list and accepts it."""
    officer.go(listed)
    officer.open(reference)
    officer.sees("Your decision")
    officer.tick("Accept")
    officer.press("Decide")
    officer.sees("Decided.")


def solve_a_round(support: Person, call: str, application: str) -> str:
    """Open a round, freeze it, have it solved and look at the result; its reference."""
    support.go("/rounds")
    support.follow("Open a round")
    support.fill(call=call)
    support.press("Open the round")
    round_ = support.reference
    support.press("Freeze")
    support.sees("The round is frozen")
    expect(support.page.locator("[data-figure='round_pairs']")).to_have_text("1")
    support.follow("Solve…")
    support.fill(time_limit_s=10)
    support.press("Start")
    # The page follows the worker by itself.
    expect(support.page.locator("[data-figure='matched_share']")).to_contain_text("100", timeout=60_000)
    support.sees(application, "Porto Wind", "matched: 1 of 1 visitors")
    support.look()
    return round_


def publish(support: Person, round_: str) -> None:
    """See what will happen, then publish."""
    support.follow("Publish…")
    support.sees("What will happen")
    support.press("Publish 1 proposal")
    support.sees("Published.", "The round is published")
    assert support.path == f"/rounds/{round_}"


def accept(person: Person, heading: str, outcome: str) -> None:
    """Find the proposal that waits and accept it."""
    person.go("/exchanges")
    person.sees("Waiting for your answer", "Answer by")
    person.open_waiting()
    person.sees(heading, "points")
    person.press("Accept")
    person.sees(outcome)


def plan_together(visitor: Person, host: Person, exchange: str) -> None:
    """Each side writes its part on the shared page; the visitor draws up the Commitment to Quality."""
    write_plan(
        visitor,
        exchange,
        objectives_visitor="Learn how blades are tested.",
        outcomes_visitor="A test plan for two blades.",
        tasks="The visitor brings drawings, the host gives access to the rig.",
    )
    visitor.sees("things are missing")
    write_plan(
        host,
        exchange,
        objectives_host="Find a partner for used blades.",
        outcomes_host="A letter of intent.",
        place="Test centre, Rua do Ouro 1, Porto",
        **{f"agenda__{row}": f"Test rig, part {row + 1}." for row in range(5)},
    )
    host.sees("The plan is complete")
    visitor.go(f"/exchanges/{exchange}/plan")
    visitor.press("Draw up the Commitment to Quality")
    visitor.sees("The Commitment to Quality is drawn up. All four parties are asked to sign.")


def write_plan(person: Person, exchange: str, **answers: str) -> None:
    """From the exchange to its plan; write and save."""
    person.go(f"/exchanges/{exchange}")
    person.follow("Plan and agreements")
    person.follow("Open the plan")
    person.fill(**answers)
    person.press("Save the plan")
    person.sees("The plan is saved.")


def sign(person: Person, kind: str, *, position: str) -> str:
    """Find the agreement that waits for one's signature, read and sign it; its number."""
    person.go("/agreements")
    person.sees("Waiting for your signature")
    person.follow(f"{kind} ")
    person.fill(position=position)
    person.tick("I have read the text on this page and sign it for this party.")
    person.press(f"Sign the {kind}")
    person.sees("You have signed.")
    return person.reference
