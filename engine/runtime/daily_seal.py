"""The seal of each day, made by itself where the key lies beside the data; elsewhere another account's timer does it.

Beside the data it only helps whoever copies the lines elsewhere: on paper, or into another city's drawer. That is why
the last one is printed on every decision sheet.
"""

import asyncio
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine

from engine.runtime.seals import KEY_FILE, Seal, keep, latest, private_key, sealed
from engine.runtime.settings import Settings
from engine.store.record import digests as record
from engine.store.registers.installation import installation_of

LOOK = 600.0
"""Seconds between two looks whether the day has changed."""
log = structlog.get_logger(__name__)


def seal_now(database: Engine, settings: Settings, key: Path | None = None) -> Seal:
    """A seal of the whole record as it is.

    Args:
        database: of the record.
        settings: say where the key is.
        key: another key file.

    Raises:
        SetupError: the key cannot be read.
    """
    ends = record.ends(database)
    (found,) = record.digests(database, [ends])
    parts = {part: (ends[part], found[part]) for part in record.PARTS}
    named = key or settings.seal_key
    place = named or settings.data_dir / KEY_FILE
    return sealed(installation_of(database).id, parts, private_key(place, make=named is None))


def seal_of_the_day(database: Engine, settings: Settings, now: datetime) -> Seal | None:
    """Adds today's seal to the file of seals; a day is the office's.

    None when it is there already, or while there is no event that it could stand for.
    """
    last = latest(settings.seals_path)
    if last is not None and last.moment.astimezone(settings.zone).date() >= now.astimezone(settings.zone).date():
        return None
    if not record.ends(database)["journal"]:
        return None
    made = seal_now(database, settings)
    keep(settings.seals_path, made)
    return made


async def seal_daily(database: Engine, settings: Settings) -> None:
    """Until cancelled, a seal for each day. Whatever is in its way now is tried again."""
    while True:
        try:
            made = await asyncio.to_thread(seal_of_the_day, database, settings, datetime.now(settings.zone))
            if made is not None:
                log.info("sealed", root=made.root)
        except Exception as error:  # noqa: BLE001 - disk full, database away: work goes on, and the next look is soon
            log.warning("cannot seal", reason=str(error)[:200])
        await asyncio.sleep(LOOK)
