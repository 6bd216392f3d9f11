"""The code that the guide shows to other systems does what the guide says."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from tests.support import city
from tests.support.office import office

GUIDE = Path(__file__).parents[2] / "docs/guides/other-systems.md"


async def test_another_system_comments_by_a_sealed_signal_as_the_guide_shows(
    temporal: Client, sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    shown: dict[str, Any] = {}
    exec(compile(code, str(GUIDE), "exec"), shown)
    async with office(temporal, sqlite).working() as at:
        cycle = await at.start()
        monkeypatch.setenv("SPIRAL_SECRET", at.settings.signing_key())
        monkeypatch.setenv("SPIRAL_INSTALLATION", at.names.installation)
        monkeypatch.setenv("SPIRAL_TEMPORAL_ADDRESS", temporal.service_client.config.target_host)
        sent = await shown["say"](cycle, city.OWNER, "納品を確認しました")
        await at.until(lambda: at.state(cycle).comments == 1)
        (event,) = [one for one in at.journal.events(cycle) if one.command_id == sent]
        assert event.actor == city.OWNER
