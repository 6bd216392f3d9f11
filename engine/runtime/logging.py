"""Logs of every process, configured once: structlog, with the standard library's loggers routed through it.

Ids (cycle, person, request) travel as fields, never inside the sentence. Must not know who logs what.
"""

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from pydantic import SecretStr
from structlog.types import EventDict, Processor

from engine.runtime.settings import Settings

NOISY = ("temporalio.service", "uvicorn.access", "alembic", "httpx", "httpcore")
"""Loggers whose everyday lines say nothing to the person who operates the city's spiral, or say whole addresses."""
HIDDEN = "…"
SHORTEST_HIDDEN = 8
"""A shorter value of a setting stands in ordinary words too."""
SECRETS = (
    (re.compile(r"(/calendar/)[^/\s\"'?]+(\.ics)"), rf"\1{HIDDEN}\2"),
    (re.compile(r"(whsec_)[A-Za-z0-9+/=]{8,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(\b[Bb]earer\s+)[\w.~+/-]{8,}=*"), rf"\1{HIDDEN}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"(://[^/\s:@\"']*:)[^/\s@\"']+(@)"), rf"\1{HIDDEN}\2"),
    (re.compile(r"([?&](?:code|state|\w*token|client_secret)=)[^&\s\"']+"), rf"\1{HIDDEN}"),
)
"""What opens a door to whoever reads it: addresses that are secret, keys, tokens, passwords in URLs."""


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Route all logs of this process to one stream, standard error unless given. Calling it again replaces.

    `auto` is for reading on a terminal, and one JSON object a line anywhere else.
    """
    target = stream or sys.stderr
    console = settings.log_format == "console" or (settings.log_format == "auto" and target.isatty())
    shared, clean = _shared(), _cleaner(settings)
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
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(console, target),
                clean,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def without_secrets(text: str) -> str:
    """The text without what opens a door, whoever wrote it there."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _cleaner(settings: Settings) -> Processor:
    """Comes last, so that nothing is written past it: fields, sentences and tracebacks alike."""
    secrets = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    known = [value for value in secrets if len(value) >= SHORTEST_HIDDEN]

    def clean(_logger: Any, _name: str, line: EventDict | str) -> str:
        text = str(line)
        for value in known:
            text = text.replace(value, HIDDEN)
        return without_secrets(text)

    return clean


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
