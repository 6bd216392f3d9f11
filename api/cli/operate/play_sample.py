"""`python -m api.cli.operate.play_sample city|work`: plays the sample through the running whole, then ends.

A process of its own, so that `spiral up` can end it at any moment: every command has a fixed id, and the next start
gives only those that the journal does not hold. Settings come from the environment, as `spiral up` hands them down.
"""

import asyncio
import sys

from api.cli.operate.sample import play_cases, play_work
from api.cli.options import Sample, say
from engine.runtime.embedded.leaving import leave
from engine.runtime.logging import configure_logging
from engine.runtime.settings import Settings, load_settings


async def play(settings: Settings, sample: Sample) -> None:
    """Plays the published cases, and with `Sample.WORK` the invented initiatives; says what was new."""
    played = await play_cases(settings)
    if played:
        say(f"公開事例 {played} 件を再現しました / played {played} published cases")
    played = await play_work(settings) if sample is Sample.WORK else 0
    if played:
        say(f"架空の取組 {played} 件を再現しました / played {played} invented initiatives")


if __name__ == "__main__":
    given = load_settings()
    configure_logging(given)
    asyncio.run(play(given, Sample(sys.argv[1])))
    leave(0)
