"""The sample city of the embedded default, and what is played through the engine in it.

Published cases of other bodies, and invented initiatives (【サンプル】) for trying out.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from api.cli.operate.playing import Player
from api.cli.options import Sample
from api.gateway import EngineAwayError, Gateway, gateway_of
from engine.contracts.documents import ORGANISATION, ROADMAP
from engine.data.sample_work import sample_around, sample_roadmap, sample_stories
from engine.data.shipped import (
    SAMPLE_CITY,
    SAMPLE_FACES,
    PublishedCase,
    is_sample_city,
    published_cases,
    sample_absences,
    sample_organisation,
    shipped_edition,
)
from engine.domain.cycle import commands as c
from engine.domain.errors import DomainError
from engine.domain.lineage.open_cycle import open_initiative
from engine.domain.organisation.organisation import Organisation
from engine.domain.review.review import Action
from engine.domain.steps import ORDER, Step
from engine.runtime.settings import Settings
from engine.store.database import open_database
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import CopyAsked, WorkingCopies
from engine.store.queries.cycles import Reader
from engine.store.record.journal import Journal

BY = "spiral up --sample"


def load_sample(settings: Settings, sample: Sample) -> None:
    """Puts the sample city and a roadmap in force, unless an organisation is there already.

    The invented roadmap is the mark that the invented initiatives belong here: no city that people work in gets them.
    """
    database = open_database(settings.database_url)
    try:
        directory, reader = Directory(database), Reader(database)
        if not reader.documents(ROADMAP):
            edition = shipped_edition()
            directory.import_document(ROADMAP, edition.id, edition, BY)
        if reader.documents(ORGANISATION):
            return
        absences = sample_absences()
        if sample is Sample.WORK:
            today = directory.facts().today
            invented = sample_roadmap(today)
            directory.import_document(ROADMAP, invented.id, invented, BY)
            absences += sample_around(today).absences
        for index, absence in enumerate(absences):
            directory.enter_absence(f"sample-{index}", absence, BY)
        directory.import_document(ORGANISATION, SAMPLE_CITY, sample_organisation(), BY)
    finally:
        database.dispose()


def who_can_sign_in(settings: Settings) -> Sequence[tuple[str, str]]:
    """Person and title of some sample people; empty when another organisation is in force."""
    database = open_database(settings.database_url)
    try:
        facts = Directory(database).facts()
        if not _is_sample(Reader(database)):
            return ()
    finally:
        database.dispose()
    found = []
    for person_id in SAMPLE_FACES:
        person = facts.organisation.person(person_id)
        posts = facts.organisation.posts_of(person_id, facts.today)
        if person is not None and posts:
            unit = facts.organisation.unit(posts[0].unit_code)
            found.append((person_id, f"{person.name}  {unit.name_ja if unit else ''} {posts[0].title}"))
    return found


def _is_sample(reader: Reader) -> bool:
    documents = reader.documents(ORGANISATION)
    return bool(documents) and is_sample_city(Organisation.model_validate_json(documents[0].content))


async def play_cases(settings: Settings) -> int:
    """Plays each published case as a whole cycle, once; every command has a fixed id, so a crash half way is no harm.

    Returns:
        How many were finished this time.
    """
    database = open_database(settings.database_url)
    try:
        directory = Directory(database)
        if not _is_sample(Reader(database)):
            return 0
        gateway = await gateway_of(settings, database)
        copies = WorkingCopies(database, directory.now)
        played = 0
        for case in published_cases():
            with suppress(DomainError, EngineAwayError):  # somebody was faster, or put another city in force
                played += await _play(case, gateway, directory, copies)
        return played
    finally:
        database.dispose()


async def play_work(settings: Settings) -> int:
    """Plays the invented initiatives where their roadmap was put in force, each command once.

    Returns:
        How many initiatives moved this time.
    """
    database = open_database(settings.database_url)
    try:
        directory, journal, reader = Directory(database), Journal(database), Reader(database)
        today = directory.facts().today
        marked = any(one.name == sample_roadmap(today).id for one in reader.documents(ROADMAP))
        if not marked or not _is_sample(reader):
            return 0
        gateway = await gateway_of(settings, database)
        player = Player(gateway, database, directory, journal, still=lambda: _is_sample(reader))
        return await player.play(sample_stories(today), sample_around(today).reports)
    finally:
        database.dispose()


async def _play(case: PublishedCase, gateway: Gateway, directory: Directory, copies: WorkingCopies) -> int:
    facts = await asyncio.to_thread(directory.facts)
    opened = open_initiative(
        case.asked,
        initiative_id=f"case-{case.key}",
        owner=case.owner,
        organisation=facts.organisation,
        edition=facts.edition,
        on=facts.today,
    )
    cycle = opened.cycle_id
    known = await asyncio.to_thread(directory.state, cycle)
    if known is not None and not known.status.is_open:
        return 0
    start = f"{BY}/{case.key}"
    await gateway.start(opened, actor=case.owner, command_id=start, fingerprint=case.key)
    for step in ORDER:
        await asyncio.to_thread(_write, case, cycle, step, copies, directory)
        await gateway.command(cycle, c.Command(id=f"{start}/{step}/submit", actor=case.owner, body=c.Submit()))
        while (state := await asyncio.to_thread(directory.state, cycle)) is not None and state.step is step:
            if state.review is None:
                break
            post = state.open_posts()[0]
            decider = facts.organisation.deciders(post, facts.today, case.owner)[0].person_id
            approve = c.Decide(action=Action.APPROVE, round=state.round, reason="公開事例の再現")
            command = c.Command(id=f"{start}/{step}/approve/{post}", actor=decider, body=approve)
            await gateway.command(cycle, command)
    return 1


def _write(case: PublishedCase, cycle: str, step: Step, copies: WorkingCopies, directory: Directory) -> None:
    """The working copy of a step that is not handed in yet."""
    state = directory.state(cycle)
    if state is None or state.step is not step or state.review is not None:
        return
    copies.save(
        CopyAsked(
            cycle_id=cycle, step=step, actor=case.owner, command_id=f"{BY}/{case.key}/{step}/draft",
            deliverable=case.deliverables.of(step),
        )
    )  # fmt: skip
