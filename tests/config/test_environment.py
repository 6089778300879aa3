"""Secrets come from the environment, and never show."""

from pathlib import Path

from pydantic import SecretStr
from tests.config.world import Bills, Service, good, read, texts

HEAD = "currency: USD\nsources:\n"


def test_a_secret_is_named_and_looked_up(tmp_path: Path) -> None:
    text = f"{HEAD}  api: {{type: service, account: 'a-${{STAGE}}', token: '${{TOKEN}}'}}\n"
    settings = good(tmp_path, text, {"TOKEN": "s3cret", "STAGE": "live"})
    assert settings.sources[0].settings == Service(
        account="a-live", token=SecretStr("s3cret"), old_token=None
    )
    assert "s3cret" not in repr(settings)


def test_a_name_that_is_not_set_is_told_with_its_line(tmp_path: Path) -> None:
    text = f"{HEAD}  api: {{type: service, account: a, token: '${{TOKN}}'}}\n"
    assert texts(read(tmp_path, text, {"TOKEN": "x"})) == [
        "costper.yaml:3: TOKN is not set in the environment\n  hint: did you mean 'TOKEN'?"
    ]
    assert texts(read(tmp_path, text)) == [
        "costper.yaml:3: TOKN is not set in the environment\n  hint: set it first: export TOKN=…"
    ]


def test_a_secret_written_out_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = f"{HEAD}  api: {{type: service, account: a, token: hunter2, old_token: [hunter3]}}\n"
    told = texts(read(tmp_path, text, {"hunter2": "x"}))
    assert told[0] == (
        "costper.yaml:3: sources.api: 'token' is a secret and must not stand in the file\n"
        "  hint: put it in the environment and write token: ${API_TOKEN}"
    )
    assert "hunter" not in "".join(told)


def test_a_secret_with_a_part_written_out_is_refused(tmp_path: Path) -> None:
    text = f"{HEAD}  api: {{type: service, account: a, token: 'x${{TOKEN}}'}}\n"
    assert "must not stand in the file" in texts(read(tmp_path, text, {"TOKEN": "x"}))[0]


def test_a_value_of_the_environment_is_not_shown_in_a_message(tmp_path: Path) -> None:
    text = f"{HEAD}  bill: {{type: bills, path: x, sheet: '${{SHEET}}'}}\n"
    told = texts(read(tmp_path, text, {"SHEET": "s3cret"}))
    assert told == ["costper.yaml:3: sources.bill.sheet: needs a whole number"]


def test_a_value_is_not_read_as_yaml_again(tmp_path: Path) -> None:
    text = f"{HEAD}  bill: {{type: bills, path: '${{WHERE}}'}}\n"
    settings = good(tmp_path, text, {"WHERE": "x}, evil: {y: ${HOME}"})
    assert settings.sources[0].settings == Bills(path="x}, evil: {y: ${HOME}")


def test_two_dollars_stand_for_the_text_itself(tmp_path: Path) -> None:
    text = f"{HEAD}  bill: {{type: bills, path: 'a/$${{WHERE}}'}}\n"
    assert good(tmp_path, text).sources[0].settings == Bills(path="a/${WHERE}")


def test_what_is_no_name_is_told(tmp_path: Path) -> None:
    text = f"{HEAD}  bill: {{type: bills, path: '${{a b}}'}}\n"
    assert texts(read(tmp_path, text))[0].startswith("costper.yaml:3: '${a b}' is not a name")
