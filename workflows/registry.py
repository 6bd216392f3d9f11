"""Every workflow there is; a test holds that none is forgotten."""

from workflows.cycle import CycleWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.installation import InstallationWorkflow
from workflows.milestones import MilestonesWorkflow
from workflows.notices import NoticesWorkflow

WORKFLOWS = (CycleWorkflow, DeliveryWorkflow, NoticesWorkflow, MilestonesWorkflow, InstallationWorkflow)
