"""Files out: initiatives, cases, effects or events, with what the person who asks may read."""

from collections.abc import Iterator
from typing import NamedTuple

from api.auth import Caller
from api.container import Desk
from api.services.operations.accesses import note
from engine.domain.access.log import AccessAct
from engine.domain.errors import FieldError, invalid, not_found, unprocessable
from engine.exchange.eventlog.pseudonyms import Pseudonyms
from engine.exchange.export_rows import Gathering, Wanted
from engine.exchange.exports import export, file_name
from engine.exchange.kinds import Format, What
from engine.runtime.signing import Purpose


class Exported(NamedTuple):
    """A file that is written while it is sent."""

    content: Iterator[bytes]
    name: str
    media_type: str


def exported(  # noqa: PLR0913 - what, as what, and of which
    what: str, written: str, wanted: Wanted, caller: Caller, desk: Desk, *, bom: bool, pseudonyms: bool
) -> Exported:
    """The file; that it was taken is written down.

    Raises:
        DomainError: `not_found`, `wrong_format`, `events_only`, `unknown_unit`.
    """
    if what not in set(What) or written not in set(Format):
        raise not_found("not_found")
    kind, form = What(what), Format(written)
    if not kind.can_be(form):
        raise unprocessable("wrong_format", what=what, format=written)
    if pseudonyms and kind is not What.EVENTS:
        raise unprocessable("events_only")
    organisation, unit = caller.facts.organisation, wanted.org_unit
    if unit is not None and organisation.unit(unit) is None:
        raise invalid(FieldError(pointer="?org_unit", code="unknown_unit", params={"unit": unit}))
    gathering = Gathering(
        desk.reader,
        desk.account,
        organisation,
        wanted,
        clearance=caller.clearance,
        offset=caller.facts.policy.utc_offset_minutes,
    )
    name = file_name(kind, form)
    note(AccessAct.EXPORT, caller.id, desk, name, "pseudonyms" if pseudonyms else "")
    hidden = Pseudonyms(desk.settings.signing_keys().signing(Purpose.PSEUDONYM).encode()) if pseudonyms else None
    return Exported(export(kind, form, gathering, bom=bom, pseudonyms=hidden), name, form.media_type)
