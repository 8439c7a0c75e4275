"""The lump sum of a stay: before it is agreed by the call's rules of today, afterwards on the rate that was agreed."""

from datetime import date

from mobility.calls.lump_sum import BASE_STEPS, TraceLine, lump_sum, on_base
from mobility.calls.queries import allotment_of
from mobility.catalogue.amounts import StayAmount
from mobility.exchanges.models import Exchange
from mobility.hosts.rules import open_days


def of_stay(exchange: Exchange, first_day: date, last_day: date) -> StayAmount:
    """What a stay on these days comes to, agreed now. Raises `RuleBroken("no-rate")`."""
    host, allotment = exchange.host_organisation, allotment_of(exchange.call, exchange.vop)
    days, km = len(open_days(exchange.offer, first_day, last_day)), exchange.distance_km
    found = lump_sum(
        exchange.call,
        country=host.country,
        starts_on=first_day,
        days=days,
        km=km,
        mode=exchange.mode,
        own_rate_cents=allotment.own_rate_cents if allotment else None,
    )
    return StayAmount(days, km, found.cents, found.trace)


def of_real_stay(exchange: Exchange, first_day: date, last_day: date) -> StayAmount:
    """What an agreed stay comes to on other days: a rate that changed since the agreement does not reach it."""
    base = [TraceLine(**line) for line in exchange.trace if line["code"] in BASE_STEPS]
    if not base:
        return of_stay(exchange, first_day, last_day)
    days, km = len(open_days(exchange.offer, first_day, last_day)), exchange.distance_km
    found = on_base(exchange.call, base, days=days, km=km, mode=exchange.mode)
    return StayAmount(days, km, found.cents, found.trace)
