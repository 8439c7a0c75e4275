"""Where somebody's day begins."""

import pytest

from mobility.accounts import services
from mobility.accounts.enums import Role
from mobility.core.db import db
from tests.make.accounts import make_user, sign_in
from tests.visitor import Visitor


@pytest.mark.parametrize(("role", "page"), [(Role.APPLICANT, "/dashboard"), (Role.SUPPORT_OFFICER, "/work")])
def test_staff_begin_at_their_work_and_others_at_their_steps(client: Visitor, role: Role, page: str) -> None:
    sign_in(client, make_user(role))
    db.session.commit()

    assert client.get("/home").location == page


def test_whose_role_waits_for_a_second_administrator_is_told_so(client: Visitor) -> None:
    user = services.add_user("beata@office.example", "Beata")
    services.grant(user, Role.FINANCE_APPROVER, actor=make_user(Role.ADMINISTRATOR))
    services.set_second_factor(user, "A" * 32, actor=None)
    db.session.commit()
    sign_in(client, user)

    page = client.get("/home")

    assert page.status_code == 200
    assert "second administrator" in page.text
