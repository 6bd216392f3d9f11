"""`docker-compose.yml` by its parts: containers are not started here, so each part is held against what it names."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from api.cli.main import app
from engine.runtime.settings import Settings

Service = dict[str, Any]
LONG_RUNNING = {"postgresql", "temporal", "temporal-ui", "worker", "api"}
OURS = {"migrate", "worker", "api"}
PUBLISHED = {"api", "temporal-ui"}
REFERENCE = re.compile(r"\$\{([A-Z_]+)(:\?[^}]+)?\}")


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((root / "docker-compose.yml").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Service]:
    found: dict[str, Service] = compose["services"]
    return found


def test_it_has_the_parts_of_production(services: dict[str, Service]) -> None:
    assert set(services) == LONG_RUNNING | OURS


def test_every_image_is_pinned_to_one_release(services: dict[str, Service], root: Path) -> None:
    images = [service["image"] for service in services.values()]
    images += re.findall(r"^FROM (\S+)", (root / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [image for image in images if not re.search(r":\d+\.\d+(\.\d+)?(-[\w.-]+)?$", image)] == []


def test_every_long_running_part_has_a_health_check_and_comes_back(services: dict[str, Service]) -> None:
    for name in LONG_RUNNING:
        assert services[name]["healthcheck"]["test"][0] == "CMD", name
        assert services[name]["healthcheck"]["interval"], name
        assert services[name]["restart"] == "unless-stopped", name


def test_parts_wait_until_what_they_need_is_healthy_or_done(services: dict[str, Service]) -> None:
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            expected = "service_healthy" if needed in LONG_RUNNING else "service_completed_successfully"
            assert how["condition"] == expected, f"{name} needs {needed}"
    for name in ("worker", "api"):
        assert set(services[name]["depends_on"]) == {"migrate", "temporal"}


def test_the_job_runs_once(services: dict[str, Service]) -> None:
    assert services["migrate"]["restart"] == "no"


def test_every_command_is_one_of_spirals(services: dict[str, Service], root: Path) -> None:
    commands = getattr(typer.main.get_command(app), "commands", {})
    assert {services[name]["command"][0] for name in OURS} - set(commands) == set()
    assert 'ENTRYPOINT ["spiral"]' in (root / "Dockerfile").read_text(encoding="utf-8")


def test_every_spiral_variable_is_a_setting(services: dict[str, Service]) -> None:
    known = {f"SPIRAL_{name.upper()}" for name in Settings.model_fields}
    assert {name for part in OURS for name in services[part]["environment"]} - known == set()


def test_the_given_values_make_valid_settings(services: dict[str, Service]) -> None:
    for name in OURS:
        filled = {key: REFERENCE.sub("x" * 48, value) for key, value in services[name]["environment"].items()}
        given = {key.removeprefix("SPIRAL_").lower(): value for key, value in filled.items()}
        settings = Settings.model_validate(given)
        assert settings.database_url.startswith("postgresql+psycopg://")
        assert settings.temporal_address == "temporal:7233"


def test_secrets_come_from_outside_and_are_demanded(root: Path) -> None:
    text = (root / "docker-compose.yml").read_text(encoding="utf-8")
    example = (root / ".env.example").read_text(encoding="utf-8")
    wanted = REFERENCE.findall(text)
    assert all(demand for _, demand in wanted), "an empty secret must stop the start"
    assert {name for name, _ in wanted} == set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))


def test_only_the_api_and_the_ui_are_published_and_only_on_the_loopback(services: dict[str, Service]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == PUBLISHED
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_the_published_port_is_the_one_the_api_listens_on(services: dict[str, Service]) -> None:
    api = services["api"]
    assert api["ports"][0].rpartition(":")[2] == api["environment"]["SPIRAL_PORT"]
    assert api["environment"]["SPIRAL_HOST"] == "0.0.0.0"


def test_database_and_engine_are_on_a_network_without_a_way_out(
    compose: dict[str, Any], services: dict[str, Service]
) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgresql", "temporal", "migrate", "worker"):
        assert services[name]["networks"] == ["inside"], name


def test_our_parts_hold_no_capability_can_gain_none_and_are_not_root(
    services: dict[str, Service], root: Path
) -> None:
    for name in OURS:
        assert services[name]["cap_drop"] == ["ALL"], name
        assert services[name]["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "cap_add", "user"} & set(services[name]), name
    last_stage = (root / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)$", last_stage, re.MULTILINE) == ["spiral"]


def test_every_volume_is_declared_and_every_mounted_file_is_there(
    compose: dict[str, Any], services: dict[str, Service], root: Path
) -> None:
    for mount in (mount for service in services.values() for mount in service.get("volumes", [])):
        source = mount.split(":")[0]
        assert (root / source).is_file() if source.startswith("./") else source in compose["volumes"], mount


def test_the_image_gets_every_file_it_copies(root: Path) -> None:
    dockerfile = (root / "Dockerfile").read_text(encoding="utf-8")
    let_in = re.findall(r"^!(\S+)", (root / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    copied = [
        word for line in re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.MULTILINE) for word in line.split()
    ]
    assert {name for name in copied if name not in let_in or not (root / name).exists()} == set()


def test_the_health_check_says_no_when_nothing_answers(root: Path) -> None:
    program = root / "scripts" / "container_health.py"
    nowhere = {"SPIRAL_PORT": "9", "SPIRAL_TEMPORAL_ADDRESS": "127.0.0.1:9", "PATH": ""}
    for part in ("api", "worker"):
        done = subprocess.run([sys.executable, program, part], env=nowhere, cwd=root, timeout=30, check=False)
        assert done.returncode == 1, part
