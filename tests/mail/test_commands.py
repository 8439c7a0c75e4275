"""`flask letters`"""

import pytest
from flask import Flask

from mobility.mail.commands import letters
from mobility.mail.services import write
from tests.mail.test_outbox import draft


@pytest.mark.usefixtures("session")
def test_the_last_letters_are_printed_with_their_links_the_newest_at_the_end(app: Flask) -> None:
    write(draft(subject="First", body="Confirm at https://x.example/confirm/abc"))
    write(draft(subject="Second", kind="test.other"))
    result = app.test_cli_runner().invoke(letters)
    assert result.exit_code == 0
    assert "https://x.example/confirm/abc" in result.output
    assert result.output.index("First") < result.output.index("Second")


@pytest.mark.usefixtures("session")
def test_only_the_letters_to_one_address_are_printed(app: Flask) -> None:
    one, other = (
        draft(subject="Hers", to_email="her@x.example"),
        draft(subject="His", to_email="him@x.example"),
    )
    write(one)
    write(other)
    result = app.test_cli_runner().invoke(letters, ["--to", " HER@x.example"])
    assert "Hers" in result.output
    assert "His" not in result.output


@pytest.mark.usefixtures("session")
def test_without_a_letter_the_command_says_so(app: Flask) -> None:
    result = app.test_cli_runner().invoke(letters)
    assert (result.exit_code, result.output.strip()) == (1, "Error: There is no letter.")


@pytest.mark.usefixtures("session")
def test_letters_are_not_printed_in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    write(draft())
    monkeypatch.setattr(type(app.config["SETTINGS"]), "is_production", property(lambda _self: True))
    result = app.test_cli_runner().invoke(letters)
    assert (result.exit_code, result.output.strip()) == (1, "Error: Letters are not printed in production.")
