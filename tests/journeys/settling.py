"""What happens after the stay: reports, money, surveys, the log."""

import re
from datetime import date

from playwright.sync_api import expect
from sqlalchemy import select

from mobility.accounts.services import user_by_email
from mobility.accounts.tries import STAMP
from mobility.audit.services import verify
from mobility.audit.tasks import seal
from mobility.core.db import db
from mobility.core.sessions import SERIALIZER, BrowserSession
from tests.journeys.steps import Person, link_in
from tests.make.accounts import PASSWORD
from tests.make.reporting import make_pdf
from tests.payments.pdf_text import text_of

# The example IBAN of the Portuguese standard.
PAYING_IBAN = "PT50 0002 0123 1234 5678 9015 4"
CODE = re.compile(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3,}")
SURVEY = {
    "took_place": "yes",
    "objectives": "5",
    "welcome": "5",
    "needs_matched": "4",
    "skills_sector": "4",
    "insight": "4",
    "partnership_support": "5",
    "recommend": "9",
}


def report(person: Person, days: tuple[date, date], *, evidence: str = "", **answers: str) -> str:
    """Write the closing report that waits, attach a PDF as evidence and file it; its reference."""
    person.go("/reports")
    person.open_first()
    person.follow("Write the report")
    person.fill(first_day=days[0], last_day=days[1], **answers)
    person.tick("Yes, all of it")
    person.press("Save and go on")
    if evidence:
        person.sees("Attach a document")
        person.fill(kind="boarding_pass")
        file = {"name": evidence, "mimeType": "application/pdf", "buffer": make_pdf()}
        person.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        person.press("Attach this file")
        person.sees(f"Attached: {evidence}")
    person.press("File the report")
    person.sees("Filed. Your partnership looks at it and writes to you.")
    return person.reference


def accept_report(officer: Person, reference: str, button: str) -> None:
    """Find the report that waits, look at what will happen and accept it."""
    officer.go("/reports?status=filed")
    officer.open(reference)
    officer.sees("Compare it with the evidence, then decide")
    officer.follow("Accept…")
    officer.sees("What will happen")
    officer.press(button)
    officer.sees("Accepted. The author gets a letter.")


def enter_paying_account(initiator: Person) -> None:
    """Tell from which account the partnership pays."""
    initiator.go("/payments")
    initiator.follow("Draw up a batch")
    initiator.sees("is not known yet")
    initiator.follow("Enter the paying account")
    initiator.fill(holder="Green partnership", iban=PAYING_IBAN)
    initiator.press("Save the account")
    initiator.sees("The paying account is saved.")


def propose_batch(initiator: Person, exchange: str) -> str:
    """Find what is due, download its paper, draw up the batch and propose it; its reference."""
    initiator.go("/payments")
    initiator.sees(exchange, "Solarwerk", "€780.00")
    initiator.open_first()
    initiator.sees("Ordered, not yet paid")
    name, paper = initiator.download("Payment order (PDF)")
    assert initiator.reference in name
    assert paper.startswith(b"%PDF-")
    initiator.follow("Draw up a batch")
    initiator.press("Draw up the batch")
    initiator.sees("The batch is drawn up. Look at it, then propose it.")
    initiator.press("Propose €780.00")
    initiator.sees("The batch is proposed. Another person approves it.", "Wait for a second person")
    expect(initiator.page.get_by_role("button", name="Approve")).to_have_count(0)
    return initiator.reference


def approve_batch(approver: Person, batch: str) -> None:
    """The second person compares, approves with the password given once more, and makes the file."""
    approver.go("/work")
    approver.go("/payments/batches")
    approver.open(batch)
    approver.tick("I looked at each line and its payment order.")
    let_ten_minutes_pass(approver)
    approver.press("Approve €780.00", status=401)
    approver.sees("Give your password once more")
    approver.fill(password_again=PASSWORD)
    approver.press("Go on")
    approver.sees("The batch is approved. Its file can be made for the bank.")
    approver.press("Make the file of €780.00")
    approver.sees("The file is made.")


def hand_to_the_bank(initiator: Person, batch: str) -> None:
    """Download the file for the bank and the lists, all with one total."""
    initiator.go(f"/payments/batches/{batch}")
    name, file = initiator.download("SEPA credit transfer")
    assert name == f"{batch}.xml"
    for part in (b"pain.001.001.09", b"<CtrlSum>780.00</CtrlSum>", b"BE68539007547034", b"Solarwerk"):
        assert part in file
    _name, table = initiator.download("Table (CSV)")
    assert b"BE68539007547034" not in table
    _name, printed = initiator.download("List of the batch (PDF)")
    assert "780.00" in text_of(printed)


def enter_the_banks_answer(initiator: Person, batch: str) -> None:
    """On the execution day the bank has paid."""
    initiator.go(f"/payments/batches/{batch}")
    initiator.fill(bank_reference="AB-1")
    initiator.press("Mark 1 order, €780.00, as paid")
    initiator.sees("The payments are taken down, and the visitors are told.", "Settled")


def answer_the_survey(visitor: Person) -> None:
    """By the link of the letter, without an account; the second look says thank you."""
    visitor.go(link_in(visitor.newest_letter("survey.invited")))
    visitor.fill(days=5, quote="Three days that saved us a year.")
    for question, choice in SURVEY.items():
        visitor.page.locator(f"input[name='{question}'][value='{choice}']").check()
    visitor.press("Send my answers")
    visitor.sees("Thank you", "There is nothing left for you to do")


def look_at_the_results(support: Person) -> None:
    """The support officer reads what came back, and the figures of the call."""
    support.go("/surveys")
    support.follow("See the results")
    support.sees("Three days that saved us a year.")
    expect(support.page.locator("[data-figure='surveys_answered']")).to_have_text("1")
    expect(support.page.locator("[data-figure='surveys_response_percent']")).to_have_text("50%")
    support.go("/dashboard")
    support.sees("€780.00")


def audit(auditor: Person, exchange: str, batch: str) -> None:
    """The auditor finds each step in the log, sees the seal of the log, and who looked at account numbers."""
    with auditor.server.app.app_context():
        seal.func(timestamp=0)
        verdict = verify()
        assert verdict.holds, verdict
    auditor.go("/audit")
    auditor.sees("Seal of the log", "Fingerprint")
    auditor.fill(reference=exchange)
    auditor.press("Search")
    auditor.sees("Exchange confirmed", "Exchange closed")
    auditor.fill(reference=batch)
    auditor.press("Search")
    auditor.sees("Batch proposed", "Batch approved", "File for the bank made")
    auditor.follow("What was looked at")
    auditor.sees(batch)
    auditor.go(f"/payments/batches/{batch}")
    expect(auditor.page.locator("main form button")).to_have_count(0)


def check_paper(stranger: Person, paper: bytes) -> None:
    """Somebody without an account types the code at the foot of a paper and holds the copy against it."""
    found = CODE.search(text_of(paper))
    assert found
    stranger.go("/")
    stranger.follow("Check a paper")
    stranger.fill(code=found[0])
    stranger.press("Check")
    stranger.sees("Valid", "This paper was issued by ClusterXchange and is in force.")
    assert stranger.path == f"/verify/{found[0]}"
    file = {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": paper}
    stranger.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    stranger.press("Compare")
    stranger.sees("Your file is this paper, byte by byte.")


def let_ten_minutes_pass(person: Person) -> None:
    """Since the person gave a password: sessions keep real time, so what the server remembers is set back."""
    with person.server.app.app_context():
        user = user_by_email(person.email)
        assert user
        own = BrowserSession.user_key == user.fs_uniquifier
        for row in db.session.scalars(select(BrowserSession).where(own)).all():
            kept = SERIALIZER.loads(row.data)
            kept[STAMP] -= 601
            row.data = SERIALIZER.dumps(kept)
        db.session.commit()
