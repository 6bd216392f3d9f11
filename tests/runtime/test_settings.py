import os
import stat
from pathlib import Path

import pytest

from api.cli.options import office_time
from engine.runtime.problems import SetupError
from engine.runtime.runfile import Run, this_process, write_run
from engine.runtime.settings import IN_FILES, Settings, ensure_secret, load_settings


def test_what_is_asked_for_wins_over_the_environment_and_that_over_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SPIRAL_PORT", "8001")
    monkeypatch.setenv("SPIRAL_TASK_QUEUE", "elsewhere")
    settings = load_settings(port=8002, host=None)
    assert (settings.port, settings.task_queue, settings.host) == (8002, "elsewhere", "127.0.0.1")


def test_the_database_lies_in_the_data_directory_unless_named(tmp_path: Path) -> None:
    assert load_settings(tmp_path).database_url == f"sqlite:///{tmp_path.resolve()}/spiral.db"
    assert load_settings(tmp_path, database_url="postgresql://db/spiral").database_url == "postgresql://db/spiral"


def test_the_data_directory_is_the_same_wherever_a_child_process_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings("here").data_dir == tmp_path.resolve() / "here"


def test_a_child_process_runs_with_exactly_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(tmp_path, port=9, timezone="Europe/Tallinn", secret="s" * 40, log_level="debug")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "eighty"),
        ("timezone", "Asia/Nowhere"),
        ("secret", "short"),
        ("log_level", "loud"),
        ("port", 70000),
        ("hosts", "https://city.example"),
        ("proxies", "my-proxy"),
    ],
)
def test_a_value_that_does_not_fit_is_one_line_naming_the_variable(name: str, value: object) -> None:
    with pytest.raises(SetupError) as caught:
        load_settings(**{name: value})
    assert f"SPIRAL_{name.upper()}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", IN_FILES)
def test_every_secret_may_lie_in_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    value = "sqlite:///elsewhere.db" if name == "database_url" else "hush" * 10
    (tmp_path / "kept").write_text(f"{value}\n")
    monkeypatch.setenv(f"SPIRAL_{name.upper()}_FILE", str(tmp_path / "kept"))
    found = getattr(load_settings(tmp_path), name)
    assert (found if isinstance(found, str) else found.get_secret_value()) == value


def test_no_setting_that_is_secret_lacks_its_file() -> None:
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert secret | {"database_url"} == set(IN_FILES)


@pytest.mark.parametrize("name", IN_FILES)
def test_a_setting_and_its_file_together_are_one_line_that_names_both(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").write_text("k" * 40)
    monkeypatch.setenv(f"SPIRAL_{name.upper()}", "s" * 40)
    monkeypatch.setenv(f"SPIRAL_{name.upper()}_FILE", str(tmp_path / "kept"))
    with pytest.raises(SetupError) as caught:
        load_settings(tmp_path)
    assert f"SPIRAL_{name.upper()} and SPIRAL_{name.upper()}_FILE are both set" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "wrong"), [(None, "cannot read"), (b"\n", "is empty"), (b"\xff\xfe", "cannot read")]
)
def test_a_file_that_holds_no_secret_is_one_line_that_names_it(
    content: bytes | None, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "kept").write_bytes(content)
    monkeypatch.setenv("SPIRAL_SECRET_FILE", str(tmp_path / "kept"))
    with pytest.raises(SetupError, match=f"{wrong}.*SPIRAL_SECRET_FILE|SPIRAL_SECRET_FILE.*{wrong}") as caught:
        load_settings(tmp_path)
    assert str(tmp_path / "kept") in str(caught.value)


def test_a_secret_in_a_file_stays_out_of_a_child_s_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").write_text("k" * 40)
    monkeypatch.chdir(tmp_path)
    settings = load_settings(tmp_path, secret_file="kept")
    assert "k" * 40 not in settings.environment().values()
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir("/")
    assert load_settings() == settings


def test_a_secret_never_shows_in_a_traceback_or_a_log() -> None:
    assert "hush" not in repr(load_settings(secret="hush" * 10))


def test_the_first_start_makes_a_key_that_only_its_owner_reads_and_later_starts_keep_it(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "fresh")
    first = ensure_secret(settings)
    assert stat.S_IMODE(settings.secret_path.stat().st_mode) == 0o600
    assert ensure_secret(settings) == first == settings.signing_key()
    assert len(first.encode()) >= 32


def test_a_secret_from_the_environment_writes_no_file(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, secret="k" * 32)
    assert ensure_secret(settings) == "k" * 32
    assert not settings.secret_path.exists()


def test_without_any_key_the_line_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"SPIRAL_SECRET.*spiral up"):
        load_settings(tmp_path).signing_key()


def test_a_command_finds_the_engine_that_runs_on_its_directory(tmp_path: Path) -> None:
    write_run(tmp_path, Run(supervisor=this_process("me"), host="127.0.0.1", port=1, temporal_port=4711, ui_port=2))
    assert load_settings(tmp_path).temporal_address == "127.0.0.1:4711"
    assert load_settings(tmp_path, temporal_address="temporal:7233").temporal_address == "temporal:7233"


def test_an_engine_that_has_ended_is_not_looked_for(tmp_path: Path) -> None:
    ended = this_process("me").model_copy(update={"created": 1.0})
    write_run(tmp_path, Run(supervisor=ended, host="127.0.0.1", port=1, temporal_port=4711, ui_port=2))
    assert load_settings(tmp_path).temporal_address == ""
    assert os.getpid() == ended.pid


def test_times_at_the_terminal_are_the_offices(monkeypatch: pytest.MonkeyPatch) -> None:
    assert office_time("2026-12-03T08:15:00Z") == "2026-12-03T17:15"
    assert office_time("2026-12-31T15:30:00.123456+00:00") == "2027-01-01T00:30"
    assert office_time(None) == "-"
    monkeypatch.setenv("SPIRAL_TIMEZONE", "UTC")
    assert office_time("2026-12-03T08:15:00Z") == "2026-12-03T08:15"
