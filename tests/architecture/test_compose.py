"""`docker-compose.yml` by its parts: each is held against a table and against what it names.

What its scripts and configurations do is run in `tests/deploy`; containers are not started here.
"""

import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from pydantic import SecretStr

from api.cli.main import app
from engine.runtime.settings import Settings
from tests.architecture.compose_table import MAIL_ADDRESS, SHUT_NETWORKS, TABLE, WITH_A_WAY_OUT

Service = dict[str, Any]
OF_OURS = [name for name, part in TABLE.items() if part.image.startswith("dx-spiral:")]
STAYING = [name for name, part in TABLE.items() if not part.is_job]
REFERENCE = re.compile(r"\$\{([A-Z_]+)(?:(:\?|:-)([^}]*))?\}")
FROM_A_FILE = {
    name
    for name, one in Settings.model_fields.items()
    if one.annotation == SecretStr | None or name == "database_url"
}


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((root / "docker-compose.yml").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Service]:
    found: dict[str, Service] = compose["services"]
    return found


def example(root: Path, *, commented: bool = False) -> dict[str, str]:
    text = (root / ".env.example").read_text(encoding="utf-8")
    lead = r"(?:# )?" if commented else ""
    return dict(re.findall(rf"^{lead}([A-Z_]+)=(.*)$", text, re.MULTILINE))


def filled(value: str, given: dict[str, str]) -> str:
    return REFERENCE.sub(lambda one: given.get(one[1]) or (one[3] if one[2] == ":-" else ""), value)


def test_it_has_the_parts_of_the_table(services: dict[str, Service]) -> None:
    assert set(services) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_a_part_is_given_what_the_table_says_and_no_more(name: str, services: dict[str, Service]) -> None:
    service, part = services[name], TABLE[name]
    assert service["image"] == part.image
    assert service.get("user") == part.user
    limits = service["deploy"]["resources"]["limits"]
    assert (limits["cpus"], limits["memory"], limits["pids"]) == part.limits
    assert tuple(service["networks"]) == part.networks
    assert tuple(service.get("secrets", ())) == part.secrets
    assert tuple(service.get("volumes", ())) == part.mounts
    assert tuple(service.get("ports", ())) == part.ports
    assert service.get("profiles", []) == ([part.profile] if part.profile else [])
    conditions = {"healthy": "service_healthy", "done": "service_completed_successfully"}
    waits = {needed: {"condition": conditions[how]} for needed, how in part.waits.items()}
    assert service.get("depends_on", {}) == waits


@pytest.mark.parametrize("name", TABLE)
def test_a_part_writes_nothing_of_its_own_holds_no_capability_and_can_gain_none(
    name: str, services: dict[str, Service]
) -> None:
    service = services[name]
    assert service["read_only"] is not TABLE[name].writes_its_own_files
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "env_file"} & set(service)
    assert any(place.startswith("/tmp:size=") for place in service["tmpfs"])
    assert all("size=" in place for place in service["tmpfs"])
    assert all(mount.endswith(":ro") for mount in service.get("volumes", []) if mount.startswith("./"))
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert not str(service.get("user", "1")).startswith("0")


def test_every_image_is_pinned_to_one_release(services: dict[str, Service], root: Path) -> None:
    images = [service["image"] for service in services.values()]
    for file in (root / "Dockerfile", root / "scripts" / "compose" / "egress.Dockerfile"):
        images += re.findall(r"^FROM (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert [image for image in images if not re.search(r":\d+\.\d+(\.\d+)?(-[\w.-]+)?$", image)] == []


def test_server_and_tools_of_the_engine_are_of_one_release(services: dict[str, Service]) -> None:
    named = {
        services[name]["image"].rpartition(":")[2] for name in ("temporal", "temporal-schema", "temporal-namespace")
    }
    assert len(named) == 1


@pytest.mark.parametrize("name", STAYING)
def test_what_stays_has_a_health_check_and_comes_back(name: str, services: dict[str, Service]) -> None:
    assert services[name]["healthcheck"]["test"][0] == "CMD"
    assert services[name]["healthcheck"]["interval"]
    assert services[name]["restart"] == "unless-stopped"


def test_a_job_ends_by_itself(services: dict[str, Service]) -> None:
    jobs = {name: services[name]["restart"] for name, part in TABLE.items() if part.is_job}
    assert set(jobs.values()) <= {"no", "on-failure:5"}
    assert [name for name in jobs if "healthcheck" in services[name]] == []


def test_every_command_is_one_of_spirals(services: dict[str, Service], root: Path) -> None:
    commands = getattr(typer.main.get_command(app), "commands", {})
    assert {services[name]["command"][0] for name in OF_OURS if "command" in services[name]} - set(commands) == set()
    assert 'ENTRYPOINT ["spiral"]' in (root / "Dockerfile").read_text(encoding="utf-8")


def test_every_spiral_variable_is_a_setting_or_the_file_of_one(services: dict[str, Service]) -> None:
    known = {f"SPIRAL_{name.upper()}" for name in Settings.model_fields}
    known |= {f"SPIRAL_{name.upper()}_FILE" for name in FROM_A_FILE} | {"SPIRAL_PROXIES"}
    named = {name for part in OF_OURS for name in services[part]["environment"] if name.startswith("SPIRAL_")}
    assert named - known == set()


def test_the_given_values_make_valid_settings(services: dict[str, Service], root: Path) -> None:
    given = example(root) | {"SPIRAL_PUBLIC_URL": "https://spiral.city.example"}
    for name in OF_OURS:
        values = {key: filled(value, given) for key, value in services[name]["environment"].items()}
        settings = Settings.model_validate(
            {
                key.removeprefix("SPIRAL_").lower(): value
                for key, value in values.items()
                if key.startswith("SPIRAL_") and not key.endswith("_FILE") and value
            }
        )
        assert settings.timezone == "Asia/Tokyo"
        if name in {"worker", "api"}:
            assert settings.temporal_address == "temporal:7233"
            assert settings.link_url == "https://spiral.city.example"


def test_no_secret_stands_in_the_environment(services: dict[str, Service]) -> None:
    spoken = re.compile(r"PASSWORD|PWD|SECRET|TOKEN|(MAIL|CHAT|DATABASE)_URL")
    plain = {
        f"{name}: {key}"
        for name, service in services.items()
        for key in service.get("environment", {})
        if spoken.search(key) and not key.endswith("_FILE")
    }
    assert plain == set()


def test_a_file_that_a_variable_names_is_a_secret_of_that_part(services: dict[str, Service], root: Path) -> None:
    offered = example(root, commented=True)
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if key.endswith("_FILE"):
                path = filled(value, offered)
                assert path.startswith("/run/secrets/"), f"{name}: {key}"
                assert path.removeprefix("/run/secrets/") in service["secrets"], f"{name}: {key}"


def test_every_secret_is_a_file_that_make_secrets_makes_or_names(
    compose: dict[str, Any], tmp_path: Path, root: Path
) -> None:
    assert {name: one["file"] for name, one in compose["secrets"].items()} == {
        name: f"./secrets/{name}" for name in compose["secrets"]
    }
    assert set(compose["secrets"]) == {name for part in TABLE.values() for name in part.secrets}
    script = root / "scripts" / "compose" / "make-secrets.sh"
    done = subprocess.run(["sh", script, tmp_path / "s"], capture_output=True, text=True, timeout=120, check=True)
    made = {file.name for file in (tmp_path / "s").iterdir()}
    assert set(compose["secrets"]) - made == {"tls_certificate", "tls_key"}
    assert made <= set(compose["secrets"])
    assert {"tls_certificate", "tls_key"} <= set(re.findall(r"s/(\w+)$", done.stderr, re.MULTILINE))


def test_secrets_that_are_there_stay_and_are_their_owners_alone(tmp_path: Path, root: Path) -> None:
    script, folder = root / "scripts" / "compose" / "make-secrets.sh", tmp_path / "s"
    subprocess.run(["sh", script, folder], capture_output=True, timeout=120, check=True)
    first = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    again = subprocess.run(["sh", script, folder], capture_output=True, text=True, timeout=120, check=True)
    assert again.stdout == ""
    assert {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()} == first
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}
    random = [value.strip() for name, value in first.items() if name.endswith(("password", "secret")) and value]
    assert len(random) == len(set(random)) == 3
    assert all(re.fullmatch(r"[\w-]{48}", value) for value in random)


def test_no_secret_gets_into_the_repository_or_an_image(root: Path) -> None:
    ignored = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"secrets/", ".env"} <= set(ignored)
    assert (root / ".dockerignore").read_text(encoding="utf-8").splitlines()[0] == "*"


def test_every_variable_stands_in_the_example_and_none_for_nothing(root: Path) -> None:
    text = (root / "docker-compose.yml").read_text(encoding="utf-8")
    wanted = {one[0] for one in REFERENCE.findall(text)}
    assert wanted == set(example(root, commented=True)) - {"COMPOSE_PROFILES"}
    demanded = {one[0] for one in REFERENCE.findall(text) if one[1] == ":?"}
    assert demanded == {"SPIRAL_PUBLIC_URL"}
    assert example(root)["SPIRAL_PUBLIC_URL"] == "", "an empty one must stop the start"


def test_only_the_proxy_is_published_and_the_engines_pages_on_the_loopback_alone(
    services: dict[str, Service],
) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == {"proxy", "temporal-ui"}
    assert all(port.startswith("127.0.0.1:") for port in published["temporal-ui"])


def test_only_who_must_has_a_way_out(compose: dict[str, Any], services: dict[str, Service]) -> None:
    shut = {name for name, network in compose["networks"].items() if network.get("internal")}
    assert shut == SHUT_NETWORKS
    assert {name for name, one in services.items() if set(one["networks"]) - shut} == WITH_A_WAY_OUT


def test_the_database_is_met_by_no_proxy(services: dict[str, Service]) -> None:
    beside = {name for name, service in services.items() if "inside" in service["networks"]}
    assert not beside & {"proxy", "egress", "mail"}


def test_the_api_believes_the_network_that_only_the_proxy_shares_with_it(
    compose: dict[str, Any], services: dict[str, Service]
) -> None:
    (believed,) = (one["subnet"] for one in compose["networks"]["front"]["ipam"]["config"])
    assert services["api"]["environment"]["SPIRAL_PROXIES"] == believed
    assert {name for name, service in services.items() if "front" in service["networks"]} == {"api", "proxy"}


def test_the_mail_servers_name_leads_to_the_relay(compose: dict[str, Any], services: dict[str, Service]) -> None:
    (subnet,) = (one["subnet"] for one in compose["networks"]["egress"]["ipam"]["config"])
    assert services["mail"]["networks"]["egress"]["ipv4_address"] == MAIL_ADDRESS
    assert ip_address(MAIL_ADDRESS) in ip_network(subnet)
    assert services["worker"]["extra_hosts"] == [f"${{SPIRAL_MAIL_HOST:-mail.invalid}}:{MAIL_ADDRESS}"]


def test_what_goes_out_goes_by_the_proxy(services: dict[str, Service], root: Path) -> None:
    listens = re.search(r"^http_port (\d+)$", (root / "scripts/compose/egress.conf").read_text("utf-8"), re.MULTILINE)
    assert listens is not None
    place = f"http://egress:{listens[1]}"
    for name in ("worker", "api"):
        assert services[name]["environment"]["HTTPS_PROXY"] == services[name]["environment"]["HTTP_PROXY"] == place
    assert services["worker"]["environment"]["SPIRAL_WEBHOOK_PROXY"] == place


def test_the_proxy_asks_the_port_that_the_api_listens_on(services: dict[str, Service], root: Path) -> None:
    configuration = (root / "scripts/compose/proxy.conf").read_text(encoding="utf-8")
    port = services["api"]["environment"]["SPIRAL_PORT"]
    assert set(re.findall(r"set \$api (\S+);", configuration)) == {f"api:{port}"}
    assert services["api"]["environment"]["SPIRAL_HOST"] == "0.0.0.0"
    inner = {port.rpartition(":")[2] for port in services["proxy"]["ports"]}
    assert inner == set(re.findall(r"^ *listen (\d+)[ ;]", configuration, re.MULTILINE))


def test_worker_and_api_ask_for_the_namespace_that_the_job_makes(services: dict[str, Service]) -> None:
    made = services["temporal-namespace"]["environment"]
    for name in ("worker", "api"):
        assert services[name]["environment"]["SPIRAL_TEMPORAL_NAMESPACE"] == made["NAMESPACE"]
        assert services[name]["environment"]["SPIRAL_TEMPORAL_ADDRESS"] == made["TEMPORAL_ADDRESS"]


def test_our_image_runs_as_the_account_that_the_file_names(services: dict[str, Service], root: Path) -> None:
    last_stage = (root / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)$", last_stage, re.MULTILINE) == ["spiral"]
    (number,) = re.findall(r"useradd --uid (\d+) ", last_stage)
    assert {services[name]["user"] for name in OF_OURS} == {f"{number}:{number}"}


def test_every_volume_is_declared_and_every_mounted_file_is_there(
    compose: dict[str, Any], services: dict[str, Service], root: Path
) -> None:
    for mount in (mount for service in services.values() for mount in service.get("volumes", [])):
        source = mount.split(":")[0]
        assert (root / source).is_file() if source.startswith("./") else source in compose["volumes"], mount


def test_every_script_of_the_shape_can_be_read_by_a_shell_and_is_used(
    services: dict[str, Service], root: Path
) -> None:
    folder = root / "scripts" / "compose"
    for script in folder.glob("*.sh"):
        assert subprocess.run(["sh", "-n", script], timeout=120, check=False).returncode == 0, script.name
    mounted = {
        mount.split(":")[0].rpartition("/")[2] for one in services.values() for mount in one.get("volumes", [])
    }
    assert {file.name for file in folder.iterdir()} - mounted == {"make-secrets.sh", "egress.Dockerfile"}


def test_the_image_gets_every_file_it_copies(root: Path) -> None:
    dockerfile = (root / "Dockerfile").read_text(encoding="utf-8")
    let_in = re.findall(r"^!(\S+)", (root / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    copied = [
        word for line in re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.MULTILINE) for word in line.split()
    ]
    assert {name for name in copied if name not in let_in or not (root / name).exists()} == set()


@pytest.mark.slow
def test_the_health_check_says_no_when_nothing_answers(root: Path) -> None:
    program = root / "scripts" / "container_health.py"
    nowhere = {"SPIRAL_PORT": "9", "SPIRAL_TEMPORAL_ADDRESS": "127.0.0.1:9", "PATH": ""}
    for part in ("api", "worker"):
        done = subprocess.run(
            [sys.executable, program, part],
            env=nowhere,
            cwd=root,
            timeout=120,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (1, ""), part
