"""Puts the real store behind the activities' ports; with `workflows/worker.py` the only place that does."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine

from activities.deliveries import DeliveryActivities
from activities.directory import DirectoryActivities
from activities.journal import JournalActivities
from activities.messaging import Messenger
from activities.milestones import MilestoneActivities
from activities.notices import NoticeActivities
from activities.posting import Poster
from engine.runtime.settings import Settings
from engine.store.directory.directory import Directory
from engine.store.outgoing.condition_reminders import Conditions
from engine.store.outgoing.messages import Sendings
from engine.store.outgoing.webhook_deliveries import Deliveries
from engine.store.record.journal import Journal
from engine.store.registers.milestones import Milestones


def activities(database: Engine, settings: Settings) -> Sequence[Callable[..., Any]]:
    """Every activity there is, ready for a worker."""
    directory = Directory(database)
    journal = JournalActivities(Journal(database))
    looking_up = DirectoryActivities(directory)
    deliveries = DeliveryActivities(Deliveries(database, directory), Poster(settings))
    sendings = Sendings(database, directory, settings.channels)
    notices = NoticeActivities(sendings, Conditions(database, directory), Messenger(settings))
    milestones = MilestoneActivities(Milestones(database, directory))
    return (journal.append, looking_up.prepare, deliveries.deliver, notices.send, milestones.look)
