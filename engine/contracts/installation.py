"""How an installation is known in the engine: the workflow that holds its id, and the names that carry it.

Two installations may share a namespace because whatever is not a cycle (whose id is unique by itself) is named after
the installation. Must not know a table or a worker.
"""

from dataclasses import dataclass

INSTALLATION_WORKFLOW = "installation"
FIRST_HOLDER = "installation"
"""The workflow id of whoever claimed the engine first; one id, so that of two at once only one gets it."""
HELD = "installation"
"""The memo's field that says whose it is. It is plain, so that a stranger can read that it is a stranger."""
RETIRE = "retire"
"""Signal: what this run does goes on under another name; end after what is under way."""
FIRST_QUEUE = "spiral"
"""The task queue of everybody before installations had ids."""


def holder_id(installation: str) -> str:
    """The workflow id of one that came to a shared namespace later."""
    return f"{INSTALLATION_WORKFLOW}/{installation}"


def queue_name(installation: str) -> str:
    """The task queue of an installation that was given none."""
    return f"{FIRST_QUEUE}-{installation}"


@dataclass(frozen=True)
class EngineNames:
    """Under which names one installation's runs are found.

    Attributes:
        installation: its id.
        task_queue: where its workers ask for work.
    """

    installation: str
    task_queue: str

    def delivery(self, webhook_id: str) -> str:
        """The run that delivers to a webhook."""
        return f"delivery/{self.installation}/{webhook_id}"

    @property
    def notices(self) -> str:
        """The one run that sends notices."""
        return f"notices/{self.installation}"

    @property
    def mark(self) -> str:
        """The run that holds how far this engine and the journal once agreed."""
        return f"mark/{self.installation}"

    def milestones(self, startup: str) -> str:
        """The run that follows a startup's milestones."""
        return f"milestones/{self.installation}/{startup}"

    def are_old(self, workflow: str) -> bool:
        """Whether a delivery's, notices' or milestones' id is one from before installations had ids."""
        kind, _, rest = workflow.partition("/")
        return rest.count("/") == 0 if kind in {"delivery", "milestones"} else kind == "notices" and not _is_id(rest)


def _is_id(text: str) -> bool:
    return len(text) == 12 and not set(text) - set("0123456789abcdef")
