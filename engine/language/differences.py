"""What is said of a difference between record and engine: what it is, and what to do. Must not know who finds it."""

from collections.abc import Mapping

from engine.contracts.differences import DifferenceKind
from engine.language.catalogues import Pair, Pairs

_PAIRS = Pairs("differences")
DIFFERENCES: Mapping[DifferenceKind, Pair] = {kind: _PAIRS[kind.value] for kind in DifferenceKind}
"""Japanese, English."""
