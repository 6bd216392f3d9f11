"""Every workflow there is; a test holds that none is forgotten."""

from workflows.cycle import CycleWorkflow

WORKFLOWS = (CycleWorkflow,)
