"""要旨: the part of what was handed in that approvals rest on (docs/field/deciding.md).

Whether it changed decides what a resubmission after 差戻し must go through again. The scope is fixed for a cycle.
"""

import hashlib

from engine.domain.deliverables import Deliverable, Imagine, Realise, Share, Transform

_FIELDS: dict[type, set[str]] = {
    Imagine: {"metrics", "milestones", "escalation_flags", "concurrence", "as_is"},
    Transform: {"to_be", "cost_initial_yen", "cost_running_yen", "rule_changes", "tools", "checks"},
    Realise: {"results", "actual", "verdict", "decision"},
    Share: {"next", "public_level", "spread_targets"},
}


_LATER: dict[type, set[str]] = {Transform: {"staffing_change"}}
"""Fields that came later: they count once they say something, so that older hashes stay comparable."""


def key_fields(deliverable: Deliverable) -> frozenset[str]:
    """The names of the fields of a deliverable that approvals rest on."""
    return frozenset(_FIELDS[type(deliverable)] | _LATER.get(type(deliverable), set()))


def gist(deliverable: Deliverable) -> str:
    """A hash of the key fields of a deliverable; equal as long as nothing that approvals rest on has changed."""
    later = {name for name in _LATER.get(type(deliverable), ()) if getattr(deliverable, name)}
    content = deliverable.model_dump_json(by_alias=True, include=_FIELDS[type(deliverable)] | later)
    return hashlib.sha256(content.encode()).hexdigest()[:32]
