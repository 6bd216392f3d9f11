"""What only a seal kept elsewhere finds: who writes to the database rewrites the record and all made from it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, text

from api.cli.operate import seal as command
from engine.contracts.documents import ORGANISATION
from engine.domain.ledger.facts import TokenIssued
from engine.runtime.daily_seal import seal_of_the_day
from engine.runtime.problems import SetupError
from engine.runtime.seals import Seal, keep, latest, private_key, read_seal, sealed
from engine.runtime.settings import Settings
from engine.store.directory.directory import Directory, utc_now
from engine.store.hash_chain import GENESIS, chained
from engine.store.record import digests as record
from engine.store.record import verify as check
from engine.store.registers.installation import installation_of
from engine.store.registers.tokens import Tokens
from tests.support import city
from tests.support.recorded import recorded
from tests.support.unguarded import unguard

KEY = Ed25519PrivateKey.generate()
Tamper = Callable[[Engine], None]


def seal_of(database: Engine) -> Seal:
    ends = record.ends(database)
    (found,) = record.digests(database, [ends])
    parts = {part: (ends[part], found[part]) for part in record.PARTS}
    return sealed(installation_of(database).id, parts, KEY)


def compared(database: Engine, folder: Path, *seals: Seal) -> list[str]:
    file = folder / "seals.txt"
    file.write_text("".join(f"{one}\n" for one in seals), encoding="utf-8")
    return [fault.partition(": ")[2].partition(" ")[0] for fault in command.against(file, database)]


def run(database: Engine, *statements: str) -> None:
    unguard(database)
    with database.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def cut_the_tail(database: Engine) -> None:
    run(database, "DELETE FROM journal WHERE position = (SELECT max(position) FROM journal)")


def remove_a_cycle(database: Engine) -> None:
    run(database, "DELETE FROM journal WHERE cycle_id = 'i2-1'")


def remove_a_stream(database: Engine) -> None:
    run(database, "DELETE FROM ledger WHERE stream LIKE 'token/%'")


def swap_two_positions(database: Engine) -> None:
    run(
        database,
        "UPDATE journal SET position = -1 WHERE position = 1",
        "UPDATE journal SET position = 1 WHERE position = 2",
        "UPDATE journal SET position = 2 WHERE position = -1",
    )


def rewrite_with_new_hashes(database: Engine) -> None:
    unguard(database)
    with database.begin() as connection:
        rows = connection.execute(text("SELECT seq, content FROM journal WHERE cycle_id = 'i1-1' ORDER BY seq")).all()
        link = GENESIS
        for seq, content in rows:
            event = json.loads(content)
            if seq == len(rows):
                event["data"]["text"] = "別の人が書いた"
            changed = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            link = chained(link, changed)
            connection.execute(
                text("UPDATE journal SET content = :content, hash = :hash WHERE cycle_id = 'i1-1' AND seq = :seq"),
                {"content": changed, "hash": link, "seq": seq},
            )


def change_who_may_decide(database: Engine) -> None:
    """The organisation, and the fact that names its content, chained anew."""
    run(database, "UPDATE document SET content = replace(content, 'chief', 'owner') WHERE kind = 'organisation'")
    with database.begin() as connection:
        content = connection.execute(text("SELECT content FROM document WHERE kind = 'organisation'")).scalar_one()
        fact = json.loads(connection.execute(text(f"SELECT content {_FACT}")).scalar_one())
        fact["data"]["sha256"] = hashlib.sha256(content.encode()).hexdigest()
        told = json.dumps(fact, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        connection.execute(
            text("UPDATE ledger SET content = :content, hash = :hash WHERE stream = 'document/organisation'"),
            {"content": told, "hash": chained(GENESIS, told)},
        )


_FACT = "FROM ledger WHERE stream = 'document/organisation'"


@pytest.fixture
def written(database: Engine) -> Engine:
    """Two cycles, a token and an organisation."""
    recorded(database, "i1", comments=3)
    recorded(database, "i2", comments=2)
    Directory(database).import_document(ORGANISATION, "test", city.organisation(), by="test")
    Tokens(database).note(TokenIssued(person=city.OWNER, expires_at=utc_now(), account="root"), "system")
    return database


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (cut_the_tail, ["journal_differs"]),
        (remove_a_cycle, ["journal_differs"]),
        (remove_a_stream, ["ledger_differs"]),
        (swap_two_positions, ["journal_differs"]),
        (rewrite_with_new_hashes, ["journal_differs"]),
        (change_who_may_decide, ["ledger_differs", "documents_differs"]),
    ],
)
def test_what_was_rewritten_is_found_though_everything_was_made_anew_from_it(
    written: Engine, tmp_path: Path, tamper: Tamper, found: list[str]
) -> None:
    kept = seal_of(written)
    assert compared(written, tmp_path, kept) == []
    tamper(written)
    check.rebuild(written)
    assert check.verify(written).faults == ()  # the record agrees with itself
    assert compared(written, tmp_path, kept) == found


def test_what_is_written_later_leaves_every_earlier_seal_true(written: Engine, tmp_path: Path) -> None:
    kept = [seal_of(written)]
    for name in ("i3", "i4"):
        recorded(written, name, comments=2)
        kept.append(seal_of(written))
    assert compared(written, tmp_path, *reversed(kept)) == []
    cut_the_tail(written)
    assert compared(written, tmp_path, *kept) == ["journal_differs"]
    assert len({one.root for one in kept}) == 3


def test_a_seal_that_was_changed_or_signed_by_nobody_or_of_another_city_is_refused(
    written: Engine, tmp_path: Path
) -> None:
    kept = seal_of(written)
    assert read_seal(str(kept)) == kept
    later = str(kept).replace(kept.at, "2020-01-01T00:00:00+00:00")
    changed = read_seal(later)
    assert changed is not None
    assert compared(written, tmp_path, changed) == ["not_genuine"]
    other = sealed("0123456789ab", kept.parts, KEY)
    assert compared(written, tmp_path, other) == ["other_installation"]
    assert read_seal(str(kept).replace("journal=", "journal=1")) is None
    for line in ("", "hello", "dx-spiral-seal/1 at=now", f"dx-spiral-seal/2 {kept}"):
        assert not line or read_seal(line) is None


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    first = private_key(path, make=True)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SetupError, match="cannot read"):
        private_key(tmp_path / "mistyped.key", make=False)
    assert private_key(path, make=False).private_bytes_raw() == first.private_bytes_raw()


def test_a_record_without_an_event_is_not_sealed_yet(database: Engine, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert seal_of_the_day(database, settings, utc_now()) is None
    assert not settings.seals_path.exists()


def test_a_day_of_the_office_is_sealed_once_and_every_kept_line_is_true(written: Engine, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    evening, next_morning = (datetime.fromisoformat(f"2026-11-{day}+09:00") for day in ("26T23:50", "27T00:10"))
    assert latest(settings.seals_path) is None
    first = seal_of_the_day(written, settings, evening)
    assert first is not None
    keep(settings.seals_path, replace(first, at="2026-11-26T14:50:00+00:00"))  # 23:50 at the office
    assert seal_of_the_day(written, settings, evening) is None
    second = seal_of_the_day(written, settings, next_morning)
    assert second is not None
    assert latest(settings.seals_path) == second
    settings.seals_path.write_text(f"{first}\n{second}\n")
    assert command.against(settings.seals_path, written) == []
