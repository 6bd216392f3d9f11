"""Holds an installation's id in the engine for as long as the engine's store lives. It does nothing else."""

from temporalio import workflow

from engine.contracts.installation import INSTALLATION_WORKFLOW


@workflow.defn(name=INSTALLATION_WORKFLOW)
class InstallationWorkflow:
    """The id stands in its memo, where it can be read without a worker."""

    @workflow.run
    async def run(self) -> None:
        """Rests for ever."""
        await workflow.wait_condition(lambda: False)
