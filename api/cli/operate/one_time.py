"""One-time addresses, made by whoever has the machine's key."""

from engine.runtime.settings import Settings


def address(settings: Settings, url: str, person: str | None = None) -> str:
    """A new one-time address under the city's own."""
    from api.services.organisation.first_run import new_key  # noqa: PLC0415 - it brings the web along
    from engine.runtime.signing import SigningKeys  # noqa: PLC0415 - as above

    return f"{url.rstrip('/')}/first-run?key={new_key(SigningKeys(settings.secrets()), person)}"
