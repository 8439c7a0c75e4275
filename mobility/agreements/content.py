"""The text of an agreement as plain data, worded once and in English: what is hashed, signed and printed."""

from collections.abc import Iterable
from typing import Any

from flask_babel import force_locale

from mobility.agreements import clauses, rules, wording
from mobility.agreements.enums import SLOTS, AgreementKind, Slot
from mobility.agreements.models import Agreement, Plan
from mobility.calls.wording import MODES, trace_rows
from mobility.core import clock
from mobility.core.money import amount_in_words
from mobility.core.pdf import LOCALE
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.taxonomies.countries import country_name
from mobility.taxonomies.languages import language_name

Content = dict[str, Any]


def of_commitment(exchange: Exchange, plan: Plan, reference: str, revision: int) -> Content:
    """All that a Commitment to Quality says (domain 6.1)."""
    with force_locale(LOCALE):
        return {
            **_head(exchange, AgreementKind.COMMITMENT, reference, revision),
            "stay": _stay(exchange) | {"place": plan.place, "languages": _languages(exchange)},
            "objectives": {"visitor": plan.objectives_visitor, "host": plan.objectives_host},
            "outcomes": {"visitor": plan.outcomes_visitor, "host": plan.outcomes_host},
            "tasks": plan.tasks,
            "agenda": [
                {"day": row.day.isoformat(), "text": row.text}
                for row in rules.agenda_on(rules.days_of(exchange), plan.agenda)
            ],
            "clauses": _plain(clauses.of_commitment(exchange.call)),
        }


def of_financial(exchange: Exchange, commitment: Agreement, reference: str, revision: int) -> Content:
    """All that a financial agreement says (domain 6.1)."""
    visitor, call = exchange.visiting_organisation, exchange.call
    with force_locale(LOCALE):
        return {
            **_head(exchange, AgreementKind.FINANCIAL, reference, revision),
            "commitment": {"number": commitment.number, "sha256": commitment.sha256},
            "stay": _stay(exchange),
            "payer": (call.payer or exchange.vop).name,
            "account_holder": visitor.account_holder or visitor.name,
            "amount_cents": exchange.lump_sum_cents,
            "amount_words": amount_in_words(exchange.lump_sum_cents),
            "share": wording.share(exchange.trace),
            "rate_table": wording.rate_table(exchange.trace),
            "pay_within_days": call.pay_within_days,
            "trace": exchange.trace,
            "steps": [
                {"label": row.label, "found": row.found, "rule": row.rule, "amount": row.amount_text}
                for row in trace_rows(exchange.trace)
            ],
            "clauses": _plain(clauses.of_financial(call, commitment.number)),
        }


def _head(exchange: Exchange, kind: AgreementKind, reference: str, revision: int) -> Content:
    return {
        "kind": kind.value,
        "title": str(wording.KINDS[kind]),
        "reference": reference,
        "revision": revision,
        "drawn_up_on": clock.today().isoformat(),
        "exchange": exchange.reference,
        "call": {"reference": exchange.call.reference, "title": exchange.call.title},
        "rules_version": exchange.rules_version,
        "parties": [_party(exchange, slot) for slot in SLOTS[kind]],
    }


def _party(exchange: Exchange, slot: Slot) -> Content:
    application, offer = exchange.application, exchange.offer
    if slot is Slot.VO:
        person = _person(application.person_name, application.person_email, application.position)
        return _body(slot, exchange.visiting_organisation) | person
    if slot is Slot.HO:
        return _body(slot, exchange.host_organisation) | _person(offer.contact_name, offer.contact_email)
    partnership = exchange.vop if slot is Slot.VOP else exchange.hop
    return _body(slot, partnership) | _person(partnership.coordinator, partnership.email)


def _body(slot: Slot, body: Organisation | Partnership) -> Content:
    return {
        "slot": slot.value,
        "role": str(wording.SLOTS[slot]),
        "name": body.name,
        "country": body.country,
        "address": wording.address(body.street, body.postcode, body.town, body.country),
        "registration": body.registration if isinstance(body, Organisation) else "",
    }


def _person(name: str, email: str, position: str = "") -> Content:
    return {"representative": name, "email": email, "position": position}


def _stay(exchange: Exchange) -> Content:
    host = exchange.host_organisation
    return {
        "first_day": exchange.first_day.isoformat(),
        "last_day": exchange.last_day.isoformat(),
        "working_days": exchange.working_days,
        "mode": str(MODES[exchange.mode]),
        "distance_km": exchange.distance_km,
        "host": host.name,
        "host_country": country_name(host.country),
    }


def _languages(exchange: Exchange) -> str:
    theirs = exchange.offer.languages
    shared = sorted(code for code in exchange.application.languages if code in theirs)
    return ", ".join(language_name(code) for code in shared)


def _plain(written: Iterable[tuple[str, str]]) -> list[Content]:
    return [{"title": title, "text": text} for title, text in written]
