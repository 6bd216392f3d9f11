"""Hands one message to a mail server or a chat, through apprise; says why when it does not take it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import apprise

from engine.domain.notices.preferences import Bundle, Channel
from engine.language.notices import Message, message
from engine.runtime.settings import Settings

LONGEST_REASON = 500
_logger = logging.getLogger("apprise")
_logger.setLevel(logging.DEBUG)
_logger.propagate = False  # its reasons are kept with the message; its details stay out of the logs


class Messenger:
    """Sends by what the operator has set up; one for a worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, bundle: Bundle) -> str | None:
        """Sends one message.

        Returns:
            None when the server took it, else the reason, without secrets.
        """
        url = self._url(bundle)
        if url is None:
            return f"{bundle.channel.value} is not set up"
        written = message(
            bundle.name, bundle.told, bundle.language, self._settings.link_url, bundle.utc_offset_minutes
        )
        return notify(url, written)

    def _url(self, bundle: Bundle) -> str | None:
        settings = self._settings
        match bundle.channel:
            case Channel.MAIL:
                return (
                    addressed(settings.mail_url.get_secret_value(), *bundle.mailboxes) if settings.mail_url else None
                )
            case Channel.CHAT:
                return personal(settings.chat_url.get_secret_value(), bundle) if settings.chat_url else None


def addressed(url: str, *mailboxes: str) -> str:
    """The mail server's URL with this person, at these addresses, as the only recipient."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"to", "cc", "bcc"}]
    return urlunsplit(parts._replace(query=urlencode([*query, ("to", ",".join(mailboxes))])))


def personal(url: str, bundle: Bundle) -> str:
    """The chat's URL; `{person_id}` and `{mailbox}` (what stands before the @) make it a person's own."""
    places = {"{person_id}": bundle.person_id, "{mailbox}": bundle.mailboxes[0].partition("@")[0]}
    for place, value in places.items():
        url = url.replace(place, quote(value, safe=""))
    return url


def notify(url: str, written: Message) -> str | None:
    """Sends; None when it was taken, else the reason."""
    service = apprise.Apprise.instantiate(url)
    if service is None:
        return "the URL is none that can be used"
    with _overheard() as words:
        taken = service.notify(title=written.subject, body=written.text, body_format=apprise.NotifyFormat.TEXT)
    if taken:
        return None
    return (" · ".join(words) or "it was not taken")[:LONGEST_REASON]


class _Ear(logging.Handler):
    """Keeps what one thread's sending complains about; the rest of its chatter may hold what nobody should read."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.words: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        said = " ".join(record.getMessage().split())
        if record.thread == self._thread and (record.levelno >= logging.WARNING or "Exception" in said):
            self.words.append(said)


@contextmanager
def _overheard() -> Iterator[list[str]]:
    ear = _Ear()
    _logger.addHandler(ear)
    try:
        yield ear.words
    finally:
        _logger.removeHandler(ear)
