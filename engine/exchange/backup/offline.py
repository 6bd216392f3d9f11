"""Checks an export without any database: the file of `spiral backup` alone, beside seals that were kept elsewhere.

Every chain is recomputed in the order of positions, and what gives authority is compared with its facts. What is made
from the record is not in the file, so it is not looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

from pydantic import ValidationError

from engine.domain.cycle.events import Event
from engine.domain.ledger.facts import Entry
from engine.exchange.backup import archive as files
from engine.store import authority
from engine.store.hash_chain import GENESIS, chained
from engine.store.record.digests import PARTS, Digests, Ends, digests_of, line_of
from engine.store.tables import AbsenceRow, DocumentRow, ProposedChangeRow
from engine.store.tables_outgoing import WebhookRow

_STREAM = {"journal": "cycle_id", "ledger": "stream"}
_AUTHORITY: Mapping[str, type[authority.Row]] = {
    "document": DocumentRow,
    "absence": AbsenceRow,
    "proposed_change": ProposedChangeRow,
    "webhook": WebhookRow,
}


class OfflineCheck:
    """One export, looked at once.

    Attributes:
        faults: where it contradicts itself: a code and a place.
        rows: how many rows each part of the record has.
        installation: whose record it says it is.
    """

    def __init__(self, path: Path) -> None:
        self.faults: list[tuple[str, str]] = []
        self.rows: dict[str, int] = dict.fromkeys(PARTS, 0)
        self.installation = ""
        self._path = path
        self._entries: list[Entry] = []

    def run(self, wanted: Sequence[Ends]) -> list[Digests]:
        """Looks at everything; gives the digests at each of these ends.

        Raises:
            FileError: no such file, not one of ours, or damaged.
        """
        with files.open_archive(self._path) as archive:
            manifest = files.read_manifest(archive, self._path)
            files.check_whole(archive, manifest, self._path)
            for needed in ("journal", "ledger", "installation", *_AUTHORITY):
                if needed not in manifest.tables:
                    raise files.damaged(self._path, needed)
            try:
                return self._looked_at(archive, wanted)
            except (KeyError, TypeError, ValueError, AttributeError) as error:  # whole, but not as we write it
                raise files.damaged(self._path, str(error)) from error

    def _looked_at(self, archive: ZipFile, wanted: Sequence[Ends]) -> list[Digests]:
        found = digests_of(lambda part: self._lines(archive, part), wanted)
        self.installation = next((str(row["id"]) for row in files.read_table(archive, "installation")), "")
        rows = [model(**row) for name, model in _AUTHORITY.items() for row in files.read_table(archive, name)]
        self.faults += [(code, where) for code, _, where in authority.compared(rows, self._entries)]
        return found

    def _lines(self, archive: ZipFile, part: str) -> Iterator[tuple[int, str]]:
        """The part's lines in the order of positions; what is wrong with a row is noted on the way."""
        last = 0
        chains: dict[str, tuple[int, str]] = {}
        for row in files.read_table(archive, "document" if part == "documents" else part):
            self.rows[part] += 1
            position = row["number"] if part == "documents" else row["position"]
            if position <= last:
                self.faults.append(("out_of_order", f"{part} {position}"))
            last = position
            if part != "documents":
                self._link(part, row, chains)
            yield position, line_of(part, row)

    def _link(self, part: str, row: files.Row, chains: dict[str, tuple[int, str]]) -> None:
        stream = row[_STREAM[part]]
        seq, link = chains.get(stream, (0, GENESIS))
        place = f"{stream} seq {row['seq']}"
        if row["seq"] != seq + 1:
            self.faults.append(("event_missing", place))
        elif row["hash"] != chained(link, row["content"]):
            self.faults.append(("chain_broken", place))
        elif not self._columns_agree(part, row):
            self.faults.append(("columns_differ", place))
        chains[stream] = (row["seq"], row["hash"])

    def _columns_agree(self, part: str, row: files.Row) -> bool:
        """Whether the columns say what the hashed content says."""
        try:
            said = Entry.model_validate_json(row["content"]) if part == "ledger" else _event(row["content"])
        except ValidationError:
            return False
        if isinstance(said, Entry):
            if said.data.type in authority.TYPES:
                self._entries.append(said)
            if said.stream != row["stream"]:
                return False
        names = ("seq", "at", "actor", "on_behalf_of", "command_id")
        return all(getattr(said, name) == row[name] for name in names) and said.data.type == row["type"]


def _event(content: str) -> Event:
    return Event.model_validate_json(content)
