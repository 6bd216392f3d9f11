"""Logs of every process, configured once: structlog, with the standard library's loggers routed through it.

Ids (cycle, person, request) travel as fields, never inside the sentence. Must not know who logs what.
"""

import logging
import sys
from typing import TextIO

import structlog
from structlog.types import Processor

from engine.runtime.settings import Settings

NOISY = ("temporalio.service", "uvicorn.access", "alembic", "alembic")
"""Loggers whose everyday lines say nothing to the person who operates the city's spiral."""


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Route all logs of this process to one stream, standard error unless given. Calling it again replaces.

    `auto` is for reading on a terminal, and one JSON object a line anywhere else.
    """
    target = stream or sys.stderr
    console = settings.log_format == "console" or (settings.log_format == "auto" and target.isatty())
    shared = _shared()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(console, target)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _renderers(console: bool, target: TextIO) -> list[Processor]:
    if console:
        plain = structlog.dev.plain_traceback  # the default one draws locals, which may hold personal data
        return [structlog.dev.ConsoleRenderer(colors=target.isatty(), exception_formatter=plain)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
