"""Contents of files, each once under its SHA-256. Kept as long as a cycle holds a file with that hash.

Not made from the journal: the journal names hashes, and what they stand for is only here. The same on SQLite and
PostgreSQL, so a backup of the database is a backup of everything.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, func, select

from engine.store.database import reading, writing
from engine.store.tables import AttachmentRow, BlobRow

AT_ONCE = 1000
"""Names of contents that are read at once; the contents themselves one by one."""
GRACE = timedelta(days=1)
"""How old a content must be to be swept away, so that one on its way to its cycle never is."""


class Blobs:
    """Writes and reads contents."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._now = clock

    def put(self, content: bytes) -> str:
        """Keeps a content; one that is there already stays as it is. Returns its SHA-256."""
        sha256 = hashlib.sha256(content).hexdigest()
        with writing(self._engine) as session:
            found = session.exec(select(BlobRow.sha256).where(BlobRow.sha256 == sha256)).first()
            if found is None:
                session.add(BlobRow(sha256=sha256, size=len(content), content=content, stored_at=self._now()))
        return sha256

    def get(self, sha256: str) -> bytes | None:
        """The content, or None."""
        with reading(self._engine) as session:
            row = session.get(BlobRow, sha256)
            return row.content if row is not None else None

    def size(self, sha256: str) -> int | None:
        """Bytes of a content, or None when it is not there."""
        with reading(self._engine) as session:
            return session.exec(select(BlobRow.size).where(BlobRow.sha256 == sha256)).first()

    def forget(self, sha256: str) -> None:
        """Throws a content away, unless a cycle holds a file with it."""
        with writing(self._engine) as session:
            session.exec(
                delete(BlobRow).where(
                    col(BlobRow.sha256) == sha256, col(BlobRow.sha256).not_in(select(AttachmentRow.sha256))
                )
            )

    def sweep(self) -> None:
        """Throws away every content older than `GRACE` that no cycle holds."""
        with writing(self._engine) as session:
            session.exec(
                delete(BlobRow).where(
                    col(BlobRow.stored_at) < self._now() - GRACE,
                    col(BlobRow.sha256).not_in(select(AttachmentRow.sha256)),
                )
            )


def faults(session: Session) -> Iterator[tuple[str, str, str]]:
    """Contents that a cycle needs and that are missing or not what their hash says: (code, cycle, where)."""
    held = select(AttachmentRow.sha256, func.min(AttachmentRow.cycle_id)).group_by(col(AttachmentRow.sha256))
    for sha256, cycle_id in session.exec(held.execution_options(yield_per=AT_ONCE)):
        content = session.exec(select(BlobRow.content).where(BlobRow.sha256 == sha256)).first()
        if content is None:
            yield "content_missing", cycle_id, sha256
        elif hashlib.sha256(content).hexdigest() != sha256:
            yield "content_differs", cycle_id, sha256
