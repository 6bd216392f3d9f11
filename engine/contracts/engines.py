"""An engine that is known to be ours, as it is handed from who opens it to who works with it."""

from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client

from engine.contracts.installation import EngineNames


@dataclass(frozen=True)
class Installation:
    """Who we are.

    Attributes:
        id: twelve hexadecimal digits, random.
        sealed_since: the instant, by the engine's clock, at which an engine was first claimed. Runs that began before
            it may hold plain payloads; None while no engine was ever claimed.
    """

    id: str
    sealed_since: datetime | None


@dataclass(frozen=True)
class KnownEngine:
    """An engine that is surely ours.

    Attributes:
        bare: a client without a key: it lists and describes, and reads nothing.
        installation: who we are.
        names: under which names our runs are found.
        shared: whether others' runs may stand beside ours.
    """

    bare: Client
    installation: Installation
    names: EngineNames
    shared: bool = False


@dataclass(frozen=True)
class OpenEngine:
    """An engine that is ours, and a client that seals and opens.

    Attributes:
        known: the same without a key.
        client: for everything.
        plain: ids of workflows that began before payloads were sealed; whoever holds this may change it.
    """

    known: KnownEngine
    client: Client
    plain: set[str]

    @property
    def names(self) -> EngineNames:
        """Under which names our runs are found."""
        return self.known.names
