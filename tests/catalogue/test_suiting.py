"""Hosts found for all visitors at once are those that the rules leave to each."""

from itertools import product

import pytest

from mobility.calls.enums import Mode
from mobility.catalogue.rules import rules_against
from mobility.catalogue.suiting import Suiting
from mobility.core.db import db
from tests.make.calls import make_call
from tests.make.organisations import make_organisation
from tests.make.rounds import PORTO_CLUSTER, SEVILLA, make_host, make_visitor

pytestmark = pytest.mark.usefixtures("session")


def test_hosts_found_for_all_at_once_are_those_no_rule_keeps_apart_one_by_one() -> None:
    call, both = make_call(), make_organisation(**PORTO_CLUSTER)
    spanish = {**PORTO_CLUSTER, **SEVILLA}
    hosts = [
        make_host(call),
        make_host(call, organisation=both),
        make_host(call, organisation=make_organisation(**spanish)),
        make_host(call, title="In Portuguese only"),
        make_host(call, mode=Mode.VIRTUAL),
        make_host(call, min_days=9, max_days=9),
        make_host(call, title="Somewhere without a rate"),
    ]
    visitors = [
        make_visitor(call),
        make_visitor(call, organisation=make_organisation(country="PT")),
        make_visitor(call, languages={"pt": "B1"}, min_days=3, max_days=10),
        make_visitor(call, mode=Mode.VIRTUAL),
        make_visitor(call, wishes={hosts[0]: None, hosts[1]: 1}),
        make_visitor(call, languages={"en": "B2"}, wishes={hosts[3]: 1}),
    ]
    visitors[5].findings = [{"code": "language", "passed": True, "values": {"waived": {}}}]
    visitors[0].organisation, hosts[-1].organisation.country = both, "JP"
    # As nobody accepts it, but as it may be since.
    hosts[3].languages = {"pt": "C2"}
    db.session.flush()

    suiting = Suiting(hosts, call=call, first_day=call.first_day)

    found = {(one.id, hosts[place].id) for one in visitors for place in suiting.places(one)}
    asked = {
        (one.id, offer.id)
        for one, offer in product(visitors, hosts)
        if not any(rules_against(one, offer, call=call, has_visited=False, first_day=call.first_day))
    }
    assert found == asked
    assert (visitors[5].id, hosts[3].id) in found
    assert 0 < len(found) < len(visitors) * len(hosts)
