"""What stands in the rooms between a match and its payment, for people who look at their pages."""

from datetime import timedelta
from typing import Any

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.services import grant
from mobility.audit.services import note_viewing, seal
from mobility.calls.models import Call
from mobility.catalogue.enums import PairStatus, Side
from mobility.core.db import db
from mobility.core.references import next_reference
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.payments.models import Batch
from mobility.reporting import services as reporting
from mobility.reporting.enums import ReportStatus
from mobility.reporting.enums import Side as ReportSide
from tests.make.accounts import make_user
from tests.make.agreements import make_agreed_exchange, make_commitment
from tests.make.calls import make_call
from tests.make.catalogue import make_contact, make_pair
from tests.make.payments import Finance, make_batch, make_order
from tests.make.reporting import make_over_exchange, make_report
from tests.make.rounds import make_host, make_visitor

People = dict[str, User]


def fill(partnership: Partnership, people: People, host: Organisation) -> dict[str, str]:
    """Something to do and something done in each room; where, by name."""
    call = make_call(title="First call", reference="CXC-3")
    earlier = make_call(title="First call", reference="CXC-E", first_day=call.first_day - timedelta(days=90))
    usual = {"vop": partnership, "hop": partnership, "author": people["applicant"], "host": host}
    paths = _meet(call, partnership, people, host)
    paths |= _agree({"call": call, **usual})
    paths |= _report({"call": earlier, **usual})
    paths |= _pay(earlier, partnership, people)
    return paths | _administer(people)


def _meet(call: Call, partnership: Partnership, people: People, host: Organisation) -> dict[str, str]:
    """A contact to answer, a host to write to, a pair to confirm, one to validate, one validated."""
    own = make_host(
        call, author=people["host"], organisation=host, partnership=partnership, title="Wind tunnel"
    )
    other = make_host(call, partnership=partnership, title="Wind tunnel")
    visitors = [make_visitor(call, author=people["applicant"], partnership=partnership) for _ in range(2)]
    stranger, agreed, validated = (make_visitor(call, partnership=partnership) for _ in range(3))
    make_contact(stranger, own)
    pair = make_pair(visitors[1], own)
    to_validate = make_pair(agreed, own, status=PairStatus.CONFIRMED, side=Side.HOST)
    make_pair(validated, own, status=PairStatus.VALIDATED)
    return {
        "message": f"/catalogue/{other.reference}?of={visitors[0].reference}",
        "contact": f"/catalogue/{stranger.reference}?of={own.reference}",
        "pair": f"/pairs/{pair.reference}",
        "validate": f"/pairs/{to_validate.reference}",
    }


def _agree(usual: dict[str, Any]) -> dict[str, str]:
    """A stay whose plan is empty, and one whose commitment waits for signatures."""
    empty = make_agreed_exchange(**_named(usual))
    commitment = make_commitment(make_agreed_exchange(**_named(usual)))
    return {
        "plan": f"/exchanges/{empty.reference}/plan",
        "dates": f"/exchanges/{empty.reference}/dates",
        "agreements": f"/exchanges/{commitment.exchange.reference}/agreements",
        "agreement": f"/agreements/{commitment.number}",
    }


def _report(usual: dict[str, Any]) -> dict[str, str]:
    """Reports to write on both sides, one to decide and one accepted."""
    over = make_over_exchange(**_named(usual))
    visitors, hosts = (reporting.begin(over, side) for side in ReportSide)
    filed = make_report(exchange=make_over_exchange(**_named(usual)))
    make_report(exchange=make_over_exchange(**_named(usual)), status=ReportStatus.ACCEPTED)
    db.session.flush()
    return {
        "report": f"/reports/{visitors.reference}",
        "write report": f"/reports/{visitors.reference}/edit",
        "host's report": f"/reports/{hosts.reference}/edit",
        "accept report": f"/reports/{filed.reference}/accept",
        "return report": f"/reports/{filed.reference}/return",
        "bypass report": f"/reports/{hosts.reference}/bypass",
    }


def _pay(call: Call, partnership: Partnership, people: People) -> dict[str, str]:
    """A batch to propose, one to approve, one at the bank."""
    finance = Finance(people["finance"], people["approver"])
    batches: dict[str, Batch] = {}
    for until in ("drawn_up", "proposed", "exported"):
        orders = [make_order(_over(call, partnership)) for _ in range(2)]
        batches[until] = make_batch(people=finance, orders=orders, until=until)
    make_order(_over(call, partnership))
    note_viewing(people["finance"], "bank-account", batches["exported"])
    paths = {f"batch {until}": f"/payments/batches/{one.reference}" for until, one in batches.items()}
    return paths | {"account": f"/partnerships/{partnership.code}/account"}


def _over(call: Call, partnership: Partnership) -> Exchange:
    return make_over_exchange(reference=next_reference("EXC"), call=call, vop=partnership, hop=partnership)


def _administer(people: People) -> dict[str, str]:
    """A role for money that waits for a second administrator, and a log that is sealed."""
    newcomer = make_user(email="newcomer@filled.example", name="Nora Newcomer")
    grant(newcomer, Role.FINANCE_APPROVER, actor=make_user(Role.ADMINISTRATOR, email="chief@filled.example"))
    db.session.flush()
    seal()
    return {
        "person": f"/people/{newcomer.id}",
        "close": f"/people/{newcomer.id}/close",
        "reset": f"/people/{people['auditor'].id}/second-step/reset",
    }


def _named(usual: dict[str, Any]) -> dict[str, Any]:
    return {**usual, "reference": next_reference("EXC")}
