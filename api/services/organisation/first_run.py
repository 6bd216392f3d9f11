"""The first run of an empty city, and one-time addresses: who has the machine's key is let in once, by an address.

Before an organisation is in force, the address leads to the form that makes one. Afterwards it signs in the person it
was made for. It is signed, ends by itself, and counts once.
"""

import secrets
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from api.container import Desk
from engine.contracts.documents import ORGANISATION, AskedDocument
from engine.domain.errors import conflict, forbidden
from engine.domain.organisation.first_city import ADMINISTRATOR, FORM, FirstCity, first_city
from engine.runtime.signing import Purpose, SigningKeys

SET_UP, SIGN_IN = timedelta(hours=24), timedelta(minutes=10)
"""How long an address counts: to set the city up, and to sign somebody in."""


class OneTimeAddress(BaseModel):
    """What an address says; `person` is None for the one that sets a city up."""

    model_config = ConfigDict(frozen=True)

    nonce: str
    person: str | None = None


def new_key(keys: SigningKeys, person: str | None = None) -> str:
    """The key of a new address, `/first-run?key=…`; nobody else can make one."""
    made = OneTimeAddress(nonce=secrets.token_urlsafe(18), person=person)
    return str(_signer(keys).dumps(made.model_dump(exclude_none=True)))


def read_key(key: str, desk: Desk, keys: SigningKeys) -> OneTimeAddress:
    """What a key says.

    Raises:
        DomainError: `address_over`: it is not ours, too old, used, or sets up a city that is set up.
    """
    try:
        found = OneTimeAddress.model_validate(_signer(keys).loads(key, max_age=int(SET_UP.total_seconds())))
        if found.person is not None:
            _signer(keys).loads(key, max_age=int(SIGN_IN.total_seconds()))
    except (BadSignature, ValidationError) as error:
        raise forbidden("address_over") from error
    empty = not desk.directory.facts().organisation.units
    if desk.visits.is_spent(found.nonce) or empty != (found.person is None):
        raise forbidden("address_over")
    return found


def spend(found: OneTimeAddress, desk: Desk) -> None:
    """The address counts no more.

    Raises:
        DomainError: `address_over`: somebody was quicker.
    """
    if not desk.visits.spend(found.nonce, desk.directory.now()):
        raise forbidden("address_over")


def set_up(found: OneTimeAddress, asked: FirstCity, desk: Desk) -> str:
    """Puts the first organisation in force; gives who administrates it.

    Raises:
        DomainError: `address_over`, or the city is set up already.
    """
    if desk.directory.facts().organisation.units:
        raise conflict("address_over")
    spend(found, desk)
    desk.changes.put(AskedDocument(ORGANISATION, FORM, first_city(asked), ADMINISTRATOR))
    return ADMINISTRATOR


def _signer(keys: SigningKeys) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keys.oldest_first(Purpose.ONCE), salt="one-time-address")
