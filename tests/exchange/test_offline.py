"""An export and a public key are enough to see whether the record was rewritten; no database is asked."""

import base64
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine
from typer.testing import CliRunner

from api.cli.main import app
from api.cli.operate.seal import offline
from engine.contracts.documents import ORGANISATION
from engine.exchange.backup.backup import back_up
from engine.exchange.errors import FileError
from engine.runtime.seals import Seal, public_half, sealed
from engine.store.directory.directory import Directory
from engine.store.hash_chain import GENESIS, chained
from engine.store.record import digests as record
from engine.store.registers.installation import installation_of
from tests.support import city
from tests.support.recorded import recorded

KEY = Ed25519PrivateKey.generate()
Rows = list[dict[str, Any]]
Change = Callable[[Rows], Rows]


@pytest.fixture
def export(database: Engine, tmp_path: Path) -> Path:
    """Two cycles, an organisation and an absence in a file, and a seal of them beside it."""
    directory = Directory(database)
    directory.import_document(ORGANISATION, "city", city.organisation(), "adm")
    directory.enter_absence("a1", city.away(city.DIRECTOR, city.PROXY), city.DIRECTOR)
    recorded(database, "i1", comments=3)
    recorded(database, "i2", comments=2)
    (tmp_path / "seals.txt").write_text(f"{seal_of(database)}\n", encoding="utf-8")
    recorded(database, "i3", comments=1)
    back_up(database, tmp_path / "city.zip", key="k")
    return tmp_path / "city.zip"


def seal_of(database: Engine) -> Seal:
    ends = record.ends(database)
    (found,) = record.digests(database, [ends])
    return sealed(installation_of(database).id, {part: (ends[part], found[part]) for part in record.PARTS}, KEY)


def changed(export: Path, table: str, change: Change) -> Path:
    """The export with one table rewritten, and the manifest made to fit, as a forger would."""
    forged = export.with_name("forged.zip")
    with zipfile.ZipFile(export) as source, zipfile.ZipFile(forged, "w") as target:
        manifest = json.loads(source.read("manifest.json"))
        for name in manifest["tables"]:
            content = source.read(f"tables/{name}.jsonl")
            if name == table:
                rows = change([json.loads(line) for line in content.splitlines()])
                content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
                manifest["tables"][name] = {"rows": len(rows), "sha256": sha256(content).hexdigest()}
            target.writestr(f"tables/{name}.jsonl", content)
        target.writestr("manifest.json", json.dumps(manifest))
    return forged


def codes(export: Path, seals: Path | None = None, key: str | None = None) -> set[str]:
    return {fault.partition(": ")[2].partition(" ")[0] for fault in offline(export, seals, key)}


def without_a_cycle(rows: Rows) -> Rows:
    return [row for row in rows if row["cycle_id"] != "i2-1"]


def swapped(rows: Rows) -> Rows:
    first, second, *others = rows
    return [{**second, "position": first["position"]}, {**first, "position": second["position"]}, *others]


def rewritten(rows: Rows) -> Rows:
    links: dict[str, str] = {}
    for row in rows:
        row["content"] = row["content"].replace("言葉", "話")
        row["hash"] = links[row["cycle_id"]] = chained(links.get(row["cycle_id"], GENESIS), row["content"])
    return rows


def edited(rows: Rows) -> Rows:
    return [{**row, "content": row["content"].replace("言葉", "話")} for row in rows]


def by_another(rows: Rows) -> Rows:
    return [{**row, "actor": "mallory"} for row in rows]


def another_proxy(rows: Rows) -> Rows:
    return [{**row, "proxy": "mallory"} for row in rows]


def test_a_whole_export_fits_the_seals_that_were_made_before_it(export: Path) -> None:
    assert codes(export) == set()
    assert codes(export, export.with_name("seals.txt"), public_half(KEY)) == set()
    other = base64.b64encode(bytes(32)).decode()
    assert codes(export, export.with_name("seals.txt"), other) == {"other_key"}


@pytest.mark.parametrize(
    ("table", "change", "alone", "beside"),
    [
        ("journal", edited, {"chain_broken"}, {"chain_broken"}),
        ("journal", by_another, {"columns_differ"}, {"columns_differ"}),
        ("absence", another_proxy, {"differs_from_its_fact"}, {"differs_from_its_fact"}),
        ("document", lambda _: [], {"row_missing"}, {"row_missing", "documents_differs"}),
        ("journal", without_a_cycle, set(), {"journal_differs"}),
        ("journal", rewritten, set(), {"journal_differs"}),
        ("journal", lambda rows: rows[:4], set(), {"journal_differs"}),
        ("journal", swapped, {"event_missing"}, {"event_missing", "journal_differs"}),
        ("installation", lambda rows: [{**rows[0], "id": "0" * 12}], set(), {"other_installation"}),
    ],
)
def test_what_was_changed_in_an_export_is_found_alone_or_beside_a_seal(
    export: Path, table: str, change: Change, alone: set[str], beside: set[str]
) -> None:
    forged = changed(export, table, change)
    assert codes(forged) == alone
    assert codes(forged, export.with_name("seals.txt")) == beside


def test_what_is_no_export_of_ours_is_refused_by_name(export: Path) -> None:
    with pytest.raises(FileError, match="damaged"):
        offline(changed(export, "journal", lambda rows: [{"position": 1}, *rows]), None)
    with pytest.raises(FileError, match=r"no such file"):
        offline(export.with_name("none.zip"), None)


def test_the_command_needs_no_database_and_says_what_it_shows(export: Path) -> None:
    alone = CliRunner().invoke(app, ["verify", "--export", str(export)])
    assert (alone.exit_code, "agrees with itself" in alone.output, "ok" in alone.output) == (0, True, True)
    seals = str(export.with_name("seals.txt"))
    both = CliRunner().invoke(app, ["verify", "--export", str(export), "--against", seals])
    assert (both.exit_code, public_half(KEY) in both.output) == (0, True)
    forged = str(changed(export, "journal", rewritten))
    assert CliRunner().invoke(app, ["verify", "--export", forged, "--against", seals]).exit_code == 1
