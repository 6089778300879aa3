"""The pepper of the books: private, kept, and never silently another one."""

from pathlib import Path

import pytest

from costper.errors import BooksError, UserError
from costper.store.control import Control, sqlite_url
from costper.store.pepper import pepper_of

SECRET = "a pepper of the environment"


@pytest.fixture
def control(tmp_path: Path) -> Control:
    return Control(sqlite_url(tmp_path / "control.sqlite"))


def test_a_pepper_is_made_once_and_only_its_owner_reads_it(
    tmp_path: Path, control: Control
) -> None:
    made = pepper_of(tmp_path, control, {})
    assert pepper_of(tmp_path, control, {}) == made
    assert len(made) == 64
    assert (tmp_path / "pepper").stat().st_mode & 0o777 == 0o600


def test_the_environment_wins_and_no_file_is_made(tmp_path: Path, control: Control) -> None:
    assert pepper_of(tmp_path, control, {"COSTPER_PEPPER": f" {SECRET} "}) == SECRET.encode()
    assert not (tmp_path / "pepper").exists()


def test_another_pepper_is_refused_and_none_is_shown(tmp_path: Path, control: Control) -> None:
    pepper_of(tmp_path, control, {"COSTPER_PEPPER": SECRET})
    with pytest.raises(BooksError, match="not the one user ids in the books") as refused:
        pepper_of(tmp_path, control, {"COSTPER_PEPPER": SECRET + "!"})
    assert SECRET not in str(refused.value)


def test_a_lost_pepper_is_told_and_never_made_anew(tmp_path: Path, control: Control) -> None:
    pepper_of(tmp_path, control, {})
    (tmp_path / "pepper").unlink()
    with pytest.raises(BooksError, match="is gone"):
        pepper_of(tmp_path, control, {})
    assert not (tmp_path / "pepper").exists()


def test_a_pepper_that_others_can_read_is_refused(tmp_path: Path, control: Control) -> None:
    pepper_of(tmp_path, control, {})
    (tmp_path / "pepper").chmod(0o640)
    with pytest.raises(BooksError, match="others can read the pepper"):
        pepper_of(tmp_path, control, {})


def test_a_cut_pepper_is_refused(tmp_path: Path, control: Control) -> None:
    pepper_of(tmp_path, control, {})
    (tmp_path / "pepper").write_bytes(b"abc")
    with pytest.raises(BooksError, match="is cut"):
        pepper_of(tmp_path, control, {})


def test_a_short_pepper_is_refused_without_being_shown(tmp_path: Path, control: Control) -> None:
    with pytest.raises(UserError, match="too short") as refused:
        pepper_of(tmp_path, control, {"COSTPER_PEPPER": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_only_a_fingerprint_of_the_pepper_is_in_the_control_store(
    tmp_path: Path, control: Control
) -> None:
    made = pepper_of(tmp_path, control, {})
    control.close()
    assert made not in (tmp_path / "control.sqlite").read_bytes()
