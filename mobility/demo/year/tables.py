"""The support office hands in the partnerships' plans for the second call: mistyped first, then mended, then taken."""

import csv
import io

from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.calls.models import Allotment, Call
from mobility.core.db import db
from mobility.core.uploads import Upload
from mobility.demo.stage import Stage
from mobility.imports import services
from mobility.imports.enums import ImportStatus
from mobility.imports.models import Import
from mobility.imports.whole import IMPORTERS

NAME = "plans of the partnerships.csv"
MORE = 2


def hand_in(stage: Stage) -> None:
    """The next step of the table, if it is time for one."""
    found = db.session.scalar(select(Import).order_by(Import.id.desc()).limit(1))
    officer = stage.login(Role.SUPPORT_OFFICER)
    if found is None or found.status is ImportStatus.REFUSED:
        call = stage.call_of(stage.second_reference)
        file = Upload(NAME, _table(call, is_mended=found is not None))
        services.hand_in("partnerships", call, file, actor=officer)
    elif found.status is ImportStatus.CHECKED:
        services.take(found, found.version, actor=officer)
    db.session.commit()


def _table(call: Call, *, is_mended: bool) -> bytes:
    """What is known of the partnerships; the first plans more, and before it is mended its budget is mistyped."""
    page = io.StringIO()
    rows = [_row(allotment) for allotment in sorted(call.allotments, key=lambda one: one.partnership.code)]
    rows[0]["planned_exchanges"] = call.allotments[0].planned_exchanges + MORE
    if not is_mended:
        rows[0]["budget_eur"] = f"EUR {rows[0]['budget_eur']}"
    table = csv.DictWriter(page, [column.name for column in IMPORTERS["partnerships"].columns])
    table.writeheader()
    table.writerows(rows)
    return page.getvalue().encode()


def _row(allotment: Allotment) -> dict[str, object]:
    of = allotment.partnership
    own = allotment.own_rate_cents
    return {
        "partnership": of.code,
        "name": of.name,
        "topic": of.topic,
        "ecosystems": "; ".join(of.ecosystems),
        "country": of.country,
        "town": of.town,
        "street": of.street,
        "postcode": of.postcode,
        "email": of.email,
        "coordinator": of.coordinator,
        "budget_eur": f"{allotment.budget_cents / 100:.2f}",
        "own_rate_eur": "" if own is None else f"{own / 100:.2f}",
        "planned_exchanges": allotment.planned_exchanges,
    }
