"""`python -m tests.support.next_release_worker`: `spiral worker` of a release to come, for a deploy that is tried."""

import sys

import workflows.worker
from api.cli import main
from tests.support.next_release import ChangedCycleWorkflow
from workflows.cycle import CycleWorkflow
from workflows.registry import WORKFLOWS

others = [one for one in WORKFLOWS if one is not CycleWorkflow]
workflows.worker.WORKFLOWS = (ChangedCycleWorkflow, *others)  # type: ignore[assignment]
sys.argv[1:] = ["worker"]
main.main()
