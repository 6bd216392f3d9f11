"""What lies in a data directory is its account's alone: made so, and looked at whenever something starts on it.

The directory holds drafts, files, personal data and the key that signs. Must not touch what is not ours: a directory
may lie among other things.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.language.catalogues import both
from engine.runtime.problems import SetupError

UMASK = 0o077
"""What every command of ours makes is made with."""
OTHERS = 0o077
"""Every right of group and world."""
MAY_WRITE = 0o022
OURS = (
    "spiral.db*", "temporal.db*", "secret.key", "seal.key", "seals.txt", "spiral.lock", "run.json*", "logs", "logs/*",
)  # fmt: skip


def close_to_others(data_dir: Path) -> Sequence[str]:
    """Takes every right of others away from our files, and that to write from the directory.

    Returns:
        The names of what others could have read or changed until now.

    Raises:
        SetupError: the directory belongs to another account, which could put anything in our files' place.
    """
    try:
        found = data_dir.stat()
    except FileNotFoundError:
        return ()
    mine = os.geteuid()
    if mine not in {found.st_uid, 0}:
        raise SetupError(
            *both(
                "the data directory belongs to another account (uid {st_uid}): {data_dir}",
                data_dir=data_dir,
                st_uid=found.st_uid,
            ),
        )
    opened = [_closed(data_dir, found.st_mode, MAY_WRITE)] if found.st_mode & MAY_WRITE else []
    for path in _ours(data_dir):
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & OTHERS:
            opened.append(_closed(path, mode, OTHERS))
    return [str(path.relative_to(data_dir)) for path in opened]


def _ours(data_dir: Path) -> Iterator[Path]:
    for pattern in OURS:
        yield from sorted(data_dir.glob(pattern))


def _closed(path: Path, mode: int, rights: int) -> Path:
    try:
        path.chmod(stat.S_IMODE(mode) & ~rights)
    except OSError as error:
        raise SetupError(*both("cannot be closed to other accounts: {path}", path=path)) from error
    return path
