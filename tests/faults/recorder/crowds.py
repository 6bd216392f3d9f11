"""Many at one instant: under one key with several bodies, under one key with one body, all on one cycle."""

import asyncio

from tests.faults.recorder.answers import Answered
from tests.faults.recorder.walkers import Speaker

CROWD = 8


async def one_key_many_bodies(speaker: Speaker, person: str, cycle: str, key: str) -> list[str]:
    """One is done and told yes; the others are told that the key is another's (contract, *Idempotency*)."""
    answers = await _comments(speaker, person, cycle, [key] * CROWD, [f"本文 {one}" for one in range(CROWD)])
    told = sorted(one.status or 0 for one in answers)
    for one in answers:
        if one.accepted:
            continue
        speaker.answers.remove(one)  # the key stands in the journal, for the one that was done
    return [] if told == [200] + [422] * (CROWD - 1) else [f"one key, {CROWD} bodies: {told}"]


async def one_key_one_body(speaker: Speaker, person: str, cycle: str, key: str) -> list[str]:
    """All are told the same yes, and it is done once."""
    answers = await _comments(speaker, person, cycle, [key] * CROWD, ["同じ本文"] * CROWD)
    told = {(one.status, one.revision) for one in answers}
    return [] if len(told) == 1 and answers[0].accepted else [f"one key, one body: {sorted(map(str, told))}"]


async def all_at_once(speaker: Speaker, person: str, cycle: str, key: str) -> list[str]:
    """Different commands on one cycle: each is done."""
    keys = [f"{key}-{one}" for one in range(3 * CROWD)]
    answers = await _comments(speaker, person, cycle, keys, [f"一斉 {one}" for one in keys])
    refused = [f"{one.key}: {one.tries}" for one in answers if not one.accepted]
    return [f"all at once: {refused}"] if refused else []


async def _comments(speaker: Speaker, person: str, cycle: str, keys: list[str], texts: list[str]) -> list[Answered]:
    given = await asyncio.gather(
        *(
            speaker.give("comment", person, key, "POST", f"/cycles/{cycle}/comments", {"text": text}, cycle=cycle)
            for key, text in zip(keys, texts, strict=True)
        )
    )
    return [one for one, _ in given]
