"""合流: a smaller cycle flows into this one; no person asks for it, but the smaller one's workflow."""

from types import MappingProxyType

from engine.domain.cycle import commands as c
from engine.domain.lineage.join import join
from engine.domain.moves.handler import Handler, by_nobody
from engine.domain.moves.table.cells import Because, Otherwise, TableRow, done
from engine.domain.moves.table.moves import Asker, Occasion
from engine.domain.moves.table.named_states import NamedState
from engine.domain.moves.table.rows import DRAFT, RETURNED, SLEEPING

_REFUSED = MappingProxyType({Asker.SYSTEM: done("join_refused")})
_JOINED = tuple(
    Otherwise(one, Asker.SYSTEM, done("parent_joined"), Because.LARGER) for one in (DRAFT, RETURNED, SLEEPING)
)
_ROW = TableRow("join_parent", MappingProxyType(dict.fromkeys(NamedState, _REFUSED)), otherwise=_JOINED)
HANDLERS = (Handler(c.JoinParent, join, {Occasion.JOIN_PARENT: _ROW}, by_nobody),)
