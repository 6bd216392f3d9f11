"""The installation that recorded histories belong to: its payloads are sealed, so its keys are kept beside them.

A seal is bound to installation and workflow; with a random installation nobody could ever replay what was recorded.
"""

import json

from sqlalchemy import Engine, update

from engine.runtime.sealing import KeyRing
from engine.store.database import writing
from engine.store.tables import InstallationRow

INSTALLATION = "0" * 12
KEYS = KeyRing(("s" * 40, "k" * 40), INSTALLATION)
"""Of the offices that tests start, and of those that `outgoing` starts."""


def take_on(database: Engine) -> Engine:
    """The same database as that of the recorded installation."""
    with writing(database) as session:
        session.connection().execute(update(InstallationRow).values(id=INSTALLATION))
    return database


def workflow_of(history: str, default: str) -> str:
    """Whose history it is; those from before payloads were sealed need not say."""
    begun = json.loads(history)["events"][0]["workflowExecutionStartedEventAttributes"]
    return str(begun.get("workflowId") or default)
