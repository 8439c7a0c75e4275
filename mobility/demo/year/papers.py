"""Plans are written, frozen and signed; some exchanges are called off before they begin."""

from sqlalchemy import select

from mobility.accounts.models import User
from mobility.agreements import queries, rules
from mobility.agreements import services as agreements
from mobility.agreements.draft import AgendaDay, PlanDraft
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement, Plan
from mobility.agreements.tasks import have_printed
from mobility.core import clock
from mobility.demo.stage import Stage, days_since, each, ids, number_of
from mobility.demo.world.words import Texts, table
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.taxonomies.countries import country_name

# So near to the stay nobody waits.
HURRY_DAYS = 24
CALLED_OFF_EVERY, CHANGED_EVERY = 18, 23
CALLED_OFF_BEFORE_DAYS = 18


def agree(stage: Stage) -> None:
    """Go one step on with every exchange that is agreed and not confirmed."""
    agreed = select(Exchange.id).where(Exchange.status == ExchangeStatus.AGREED).order_by(Exchange.id)
    each(Exchange, ids(agreed), lambda exchange: _go_on(stage, exchange))
    coming = select(Exchange.id).where(Exchange.status.in_((ExchangeStatus.AGREED, ExchangeStatus.CONFIRMED)))
    each(Exchange, ids(coming.order_by(Exchange.id)), lambda exchange: _call_off(stage, exchange))


def _go_on(stage: Stage, exchange: Exchange) -> object:
    if exchange.first_day <= clock.today():
        return None
    plan, agreement = queries.plan_of(exchange), _waiting(exchange)
    if agreement is not None:
        return _sign(stage, agreement)
    waits = stage.random("plans", exchange.reference).randint(2, 8)
    if days_since(exchange.agreed_at) < waits and not _is_near(exchange):
        return None
    if plan is None or not plan.objectives_visitor:
        _write(stage, exchange, agreements.begin_plan(exchange, actor=_visitor(stage, exchange)))
        return exchange if not _is_near(exchange) else _finish(stage, exchange)
    return _finish(stage, exchange)


def _finish(stage: Stage, exchange: Exchange) -> object:
    """The host writes its part, and the visitor's partnership freezes the text."""
    plan = queries.plan_of(exchange)
    assert plan is not None  # noqa: S101
    if not plan.objectives_host:
        _write(stage, exchange, plan)
    officer = stage.officer(exchange.vop, number_of(exchange.reference))
    return agreements.draw_up(exchange, actor=officer)


def _waiting(exchange: Exchange) -> Agreement | None:
    found = queries.all_in_force(exchange)
    return next((one for one in found if one.status is AgreementStatus.SIGNING), None)


def _is_near(exchange: Exchange) -> bool:
    return (exchange.first_day - clock.today()).days < HURRY_DAYS


def _visitor(stage: Stage, exchange: Exchange) -> User:
    return stage.user(exchange.application.person_email)


def _write(stage: Stage, exchange: Exchange, plan: Plan) -> None:
    """Write the next part of the plan: the visitor's first, then the host's."""
    is_first = not plan.objectives_visitor
    draft = _plan(stage, exchange)
    if is_first:
        draft = PlanDraft(draft.objectives_visitor, "", draft.outcomes_visitor, "", "", "", plan_agenda(plan))
    actor = exchange.application.person_email if is_first else exchange.offer.contact_email
    agreements.revise_plan(plan, draft, actor=stage.user(actor))


def plan_agenda(plan: Plan) -> tuple[AgendaDay, ...]:
    """The agenda as it stands."""
    return rules.agenda_on(rules.days_of(plan.exchange), plan.agenda)


def _plan(stage: Stage, exchange: Exchange, change: str = "") -> PlanDraft:
    texts = texts_of(stage, exchange, "plan", change)
    days = rules.days_of(exchange)
    agenda = tuple(AgendaDay(day, _day(texts, place, len(days))) for place, day in enumerate(days))
    host = exchange.host_organisation
    return PlanDraft(
        objectives_visitor=texts.text("plan", "objectives_visitor"),
        objectives_host=texts.text("plan", "objectives_host"),
        outcomes_visitor=texts.text("plan", "outcomes_visitor"),
        outcomes_host=texts.text("plan", "outcomes_host"),
        tasks=texts.text("plan", "tasks"),
        place=f"{host.street}, {host.town}",
        agenda=agenda,
    )


def _day(texts: Texts, place: int, length: int) -> str:
    if place == 0:
        return texts.text("plan", "first_days")
    return texts.text("plan", "last_days" if place == length - 1 else "days")


def texts_of(stage: Stage, exchange: Exchange, *about: str) -> Texts:
    """Writes about one exchange."""
    topic = (exchange.offer.ecosystems or exchange.application.ecosystems)[0]
    home = str(country_name(exchange.visiting_organisation.country))
    return Texts(stage.random(*about, exchange.reference), topic, home=home, days=exchange.working_days)


def _sign(stage: Stage, agreement: Agreement) -> object:
    """Visitor and host sign first, then their partnerships; near the stay all at once."""
    exchange = agreement.exchange
    if _changes(exchange, agreement):
        return _change(stage, exchange)
    empty = rules.missing(agreement)
    organisations = [slot for slot in empty if slot not in rules.PARTNERSHIPS]
    now = (
        empty if _is_near(exchange) or agreement.kind is AgreementKind.FINANCIAL else (organisations or empty)
    )
    for slot in now:
        name, position, actor = _signer(stage, exchange, slot)
        agreements.sign(agreement, slot, sha256=agreement.sha256, name=name, position=position, actor=actor)
    # Half-signed ones are left to the worker's own rounds.
    if agreement.status is AgreementStatus.SIGNED:
        have_printed(agreement.id)
    return agreement


def _signer(stage: Stage, exchange: Exchange, slot: Slot) -> tuple[str, str, User]:
    """Name, position and account of whoever signs in a slot."""
    number = number_of(exchange.reference)
    if slot is Slot.VO:
        application = exchange.application
        return application.person_name, application.position, stage.user(application.person_email)
    if slot is Slot.HO:
        return exchange.offer.contact_name, "", stage.user(exchange.offer.contact_email)
    officer = stage.officer(exchange.vop if slot is Slot.VOP else exchange.hop, number)
    return officer.name, "Partnership officer", officer


def _changes(exchange: Exchange, agreement: Agreement) -> bool:
    is_half_signed = agreement.kind is AgreementKind.COMMITMENT and len(agreement.signatures) == 2
    is_one = number_of(exchange.reference) % CHANGED_EVERY == 4 and agreement.revision == 1
    return is_half_signed and is_one and not _is_near(exchange)


def _change(stage: Stage, exchange: Exchange) -> object:
    """The host asks for another agenda: the text is taken back, written anew and frozen again."""
    host = stage.user(exchange.offer.contact_email)
    agreements.amend(exchange, "One of the firms of the agenda has closed for holidays.", actor=host)
    plan = queries.plan_of(exchange)
    assert plan is not None  # noqa: S101
    agreements.revise_plan(plan, _plan(stage, exchange, "changed"), actor=host)
    officer = stage.officer(exchange.vop, number_of(exchange.reference))
    return agreements.draw_up(exchange, actor=officer)


def _call_off(stage: Stage, exchange: Exchange) -> object:
    left = (exchange.first_day - clock.today()).days
    is_one = number_of(exchange.reference) % CALLED_OFF_EVERY == 5
    if not is_one or not 0 < left <= CALLED_OFF_BEFORE_DAYS:
        return None
    random = stage.random("calls off", exchange.reference)
    officer = stage.officer(exchange.vop, number_of(exchange.reference))
    exchanges.cancel(exchange, random.choice(table("sentences")["answers"]["cancelled"]), actor=officer)
    return exchange
