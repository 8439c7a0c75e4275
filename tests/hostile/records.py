"""The records of a side that come after a match: contacts, pairs, agreements, reports, orders, batches, papers."""

from typing import Any

from mobility.accounts.enums import Role
from mobility.accounts.second_factor import recovery_codes
from mobility.accounts.services import close_account, grant
from mobility.agreements.enums import AgreementKind
from mobility.agreements.models import Agreement
from mobility.agreements.queries import in_force
from mobility.agreements.services import PAPER as AGREEMENT
from mobility.agreements.services import amend
from mobility.applications.models import Application
from mobility.catalogue.enums import PairStatus, Side
from mobility.catalogue.services import answer_contact, decline_pair, withdraw_pair
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.exchanges.services import build
from mobility.imports.enums import ImportStatus
from mobility.organisations.models import Organisation
from mobility.partnerships.bank import AccountDraft
from mobility.payments import services as payments
from mobility.payments.batches import PAPER as LIST
from mobility.payments.models import PaymentOrder
from mobility.reporting.enums import ReportStatus
from mobility.reporting.enums import Side as Author
from mobility.reporting.models import ClosingReport
from mobility.reporting.services import CERTIFICATES, bypass
from tests.hostile.side import Parties
from tests.hostile.side import Side as Records
from tests.make.accounts import make_user
from tests.make.agreements import make_agreed_exchange, make_commitment, make_plan, sign_all
from tests.make.calls import make_call
from tests.make.catalogue import five_days, make_contact, make_pair
from tests.make.hosts import PORTO
from tests.make.imports import make_import
from tests.make.organisations import make_organisation
from tests.make.papers import make_paper
from tests.make.payments import Finance, make_batch, make_order
from tests.make.reporting import make_over_exchange, make_report
from tests.make.rounds import PORTO_CLUSTER, SEVILLA, make_host, make_visitor

ACCOUNT = "BE68 5390 0754 7034"


def people(side: Records, parties: Parties) -> None:
    """Somebody whose role for money waits for a second administrator, and somebody whose account is closed."""
    first = parties.users["other administrator"]
    waiting = make_user(Role.HOST, name=side.secret("waiting"), has_second_factor=True)
    given = grant(waiting, Role.FINANCE_APPROVER, partnership_id=parties.partnership.id, actor=first)
    closed = make_user(Role.HOST, name=side.secret("closed"))
    close_account(closed, side.secret("closed why"), actor=first)
    recovery = recovery_codes().create_recovery_codes(waiting)
    db.session.flush()
    assert given is not None
    side.references["recovery"] = recovery[0]
    side.references |= {"person": str(waiting.id), "grant": str(given.id), "person closed": str(closed.id)}
    parties.users[f"secured {side.letter}"] = waiting


def imports(side: Records, parties: Parties) -> None:
    """Files that wait, can be taken and were refused."""
    officer = make_user(Role.SUPPORT_OFFICER)
    for status in (ImportStatus.CHECKING, ImportStatus.CHECKED, ImportStatus.REFUSED):
        found = make_import(parties.call, officer, status, filename=side.secret(f"import {status}"))
        side.references[f"import {status}"] = found.reference


def meetings(side: Records, parties: Parties) -> None:
    """Contacts and agreed pairs in every state, in a call of their own, so that sides do not mix."""
    call = make_call(title=f"Pairs {side.letter}")
    offer = make_host(
        call,
        organisation=make_organisation(member=parties.host, **PORTO_CLUSTER),
        partnership=parties.partnership,
        author=parties.host,
        contact_name=side.secret("met host"),
    )

    def visitor(name: str) -> Application:
        mine = make_organisation(member=parties.applicant, **SEVILLA | {"name": side.secret(f"meets {name}")})
        return make_visitor(
            call,
            organisation=mine,
            partnership=parties.partnership,
            author=parties.applicant,
            person_name=side.secret(f"met {name}"),
        )

    for status in PairStatus:
        until = PairStatus.VALIDATED if status is PairStatus.BUILT else status
        days = five_days(offer, 1 if status is PairStatus.BUILT else 0)
        pair = make_pair(visitor(status), offer, status=until, days=days)
        pair.note = side.secret("note")
        if status is PairStatus.DECLINED:
            decline_pair(pair, side.secret("declined"), actor=None)
        elif status is PairStatus.WITHDRAWN:
            withdraw_pair(pair, side.secret("withdrawn"), actor=None)
        elif status is PairStatus.BUILT:
            side.references["exchange of pair"] = build(pair, actor=None).reference
        side.references[f"pair {status}"] = pair.reference
    for answer in ("open", "accepted", "declined"):
        application = visitor(f"contact {answer}")
        written = make_contact(application, offer, side=Side.VISITOR)
        written.message = side.secret("message")
        if answer != "open":
            answer_contact(written, accepted=answer == "accepted", reply=side.secret("reply"), actor=None)
        side.references[f"contact {answer}"] = application.reference
    days = five_days(offer, 2)
    side.references["days"] = f"{days[0]} {days[1]}"
    # The newest application of the person: what the catalogue is shown for.
    side.references |= {"contact none": visitor("nobody").reference, "contact offer": offer.reference}


def agreements(side: Records, parties: Parties) -> None:
    """A plan, and agreements that wait, are signed or void; with their papers."""

    def exchange(name: str) -> Exchange:
        return make_agreed_exchange(**_both(side, parties, name))

    written = {f"{name}_{who}": side.secret(name) for name in ("objectives", "outcomes") for who in WHO}
    written |= {"tasks": side.secret("tasks"), "place": side.secret("place")}
    side.references["exchange planned"] = make_plan(exchange("planned"), **written).exchange.reference
    for name in ("signing", "signed", "void"):
        agreement = make_commitment(make_plan(exchange(name), **written).exchange)
        side.references[f"agreement {name}"] = agreement.number
        side.references[f"exchange {name}"] = agreement.exchange.reference
        if name == "void":
            amend(agreement.exchange, side.secret("void"), actor=None)
        elif name == "signed":
            sign_all(agreement)
            financial = in_force(agreement.exchange, AgreementKind.FINANCIAL)
            assert financial is not None
            side.references["agreement financial"] = financial.number
            _paper(side, AGREEMENT, financial)
        _paper(side, AGREEMENT, agreement)


def reports(side: Records, parties: Parties) -> None:
    """Closing reports in every state, with evidence and certificates."""

    def report(status: ReportStatus, author: Author = Author.VISITOR) -> ClosingReport:
        exchange = make_over_exchange(**_both(side, parties, f"reports {status} {author}"))
        return make_report(
            author, exchange=exchange, status=status, results=side.secret("results"), deviations="Rain."
        )

    for status in ReportStatus:
        if status is ReportStatus.BYPASSED:
            found = report(ReportStatus.DRAFT, Author.HOST)
            bypass(found, side.secret("bypassed"), actor=None)
        else:
            found = report(status)
        side.references[f"report {status}"] = found.reference
        side.references[f"evidence {status}"] = found.evidence[0].sha256
        if status is ReportStatus.ACCEPTED:
            _paper(side, CERTIFICATES[found.side], found.exchange)
    side.references["report of host"] = report(ReportStatus.DRAFT, Author.HOST).reference


def money(side: Records, parties: Parties) -> None:
    """Orders and batches in every state, with their papers."""
    finance = Finance(parties.users["finance_initiator"], parties.users["finance_approver"])

    def order() -> PaymentOrder:
        return make_order(vop=parties.partnership, visitor=_paid(side, parties), call=parties.call)

    for until in ("drawn_up", "proposed", "approved", "exported", "settled"):
        orders = [order(), order()]
        batch = make_batch(people=finance, orders=orders, until=until)
        side.references |= {f"batch {until}": batch.reference, f"order {until}": orders[0].reference}
        if until == "exported":
            payments.fail(orders[1], side.secret("failed"), actor=None)
            side.references["order failed"] = orders[1].reference
            _paper(side, LIST, batch)
        if until == "settled":
            payments.recover(orders[1], side.secret("recovered"), actor=None)
            side.references["order recovered"] = orders[1].reference
    given_up = make_batch(people=finance, orders=[order()])
    payments.void_batch(given_up, side.secret("given up"), actor=None)
    side.references["batch void"] = given_up.reference
    due, held, taken_back = order(), order(), order()
    payments.hold(held, side.secret("held"), actor=None)
    payments.void(taken_back, side.secret("void"), actor=None)
    _paper(side, payments.PAPER, due)
    side.references |= {
        "order due": due.reference,
        "order held": held.reference,
        "order void": taken_back.reference,
        "account": parties.partnership.code,
    }


WHO = ("visitor", "host")


def _both(side: Records, parties: Parties, name: str) -> dict[str, Any]:
    return {
        "call": parties.call,
        "vop": parties.partnership,
        "hop": parties.partnership,
        "author": parties.applicant,
        "visitor": make_organisation(member=parties.applicant, name=side.secret(f"stay {name}")),
        "host": make_organisation(member=parties.host, **PORTO | {"name": side.secret("stays with")}),
    }


def _paid(side: Records, parties: Parties) -> Organisation:
    account = AccountDraft(side.secret("paid holder"), ACCOUNT, "")
    return make_organisation(member=parties.applicant, name=side.secret("paid"), account=account)


def _paper(side: Records, kind: str, about: Agreement | Exchange | PaymentOrder | Any) -> None:
    number = f"PAPER-{side.letter}-{kind}-{about.id}"
    content = f"%PDF-1.7 {side.mark('paper')} {number} {clock.today()}".encode()
    issued = make_paper(about, kind=kind, number=number, title=side.secret("title"), content=content)
    side.references[f"paper {kind}"] = issued.code
