"""Makes one request to a webhook: a CloudEvent, signed as Standard Webhooks, to an address that was checked.

Never follows a redirect, never reads more than a little of the answer, never waits longer than ten seconds in all.
With a proxy of the operator's (`SPIRAL_WEBHOOK_PROXY`) it is the proxy that keeps it out of the inner network.
"""

import asyncio
import json
import socket
import ssl
import time
from functools import cached_property
from ipaddress import ip_address
from typing import Any

import httpx
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks.webhooks import Webhook

from engine.domain.notices.webhooks import TEST_TYPE, TYPE_PREFIX, DeliveryKind, DeliveryOutcome, DeliveryWork
from engine.runtime.destinations import Destination, DestinationError, Destinations
from engine.runtime.settings import Settings
from engine.store.directory.directory import OfficeClock, utc_now

TIME_OUT = 10.0
"""Seconds for everything: name, connection, answer."""
MOST_READ, MOST_KEPT = 4096, 1000
"""Bytes of an answer that are read, and characters of it that the log keeps."""
_HEADERS = {
    "content-type": "application/cloudevents+json",
    "user-agent": "dx-spiral",
    "accept-encoding": "identity",
    "connection": "close",
}


class Poster:
    """Makes the requests; one for a worker."""

    def __init__(self, settings: Settings, clock: OfficeClock = utc_now) -> None:
        self._settings = settings
        self._destinations = Destinations(settings.webhook_allow)
        self._proxy = settings.webhook_proxy
        self._clock = clock

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Reads every authority there is: most workers of a day have nothing to post."""
        return ssl.create_default_context()

    async def post(self, work: DeliveryWork) -> DeliveryOutcome:
        """Posts the event; every way it can go wrong is an outcome, none an exception."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(TIME_OUT):
                outcome = await self._post(work)
        except TimeoutError:
            outcome = DeliveryOutcome(error=f"no answer within {TIME_OUT:.0f} s")
        except DestinationError as error:
            outcome = DeliveryOutcome(error=str(error))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            outcome = DeliveryOutcome(error=f"{type(error).__name__}: {error}"[:MOST_KEPT])
        return outcome.model_copy(update={"took_ms": round((time.monotonic() - began) * 1000)})

    async def _post(self, work: DeliveryWork) -> DeliveryOutcome:
        body = cloud_event(work, self._settings.link_url)
        place = self._destinations.place(work.url)
        addresses = self._destinations.check(place, _literal(place) if self._proxy else await _resolved(place))
        headers = {**_HEADERS, **self._signed(work, body)}
        last: httpx.ConnectError | None = None
        async with httpx.AsyncClient(
            verify=self._tls, proxy=self._proxy, trust_env=False, follow_redirects=False, timeout=TIME_OUT
        ) as client:
            for address in (None,) if self._proxy else addresses:
                try:
                    return await _exchange(client, work.url, place, address, body, headers)
                except httpx.ConnectError as error:
                    last = error
        raise last or OSError(f"{place.host} has no address")

    def _signed(self, work: DeliveryWork, body: bytes) -> dict[str, str]:
        """The three headers; for a day after a rotation the old secret signs too, as does the city's one before."""
        now, keys = self._clock(), self._settings.signing_keys()
        generations = [work.generation]
        if work.old_until is not None and now < work.old_until:
            generations.append(work.generation - 1)
        signers = [Webhook(secret) for secret in keys.webhook(work.webhook_id, generations)]
        return {
            "webhook-id": work.event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(one.sign(work.event_id, now, body.decode()) for one in signers),
        }


def cloud_event(work: DeliveryWork, source: str) -> bytes:
    """The event in the JSON format of CloudEvents 1.0; the same bytes at every attempt."""
    is_test = work.kind is DeliveryKind.TEST
    attributes: dict[str, Any] = {
        "id": work.event_id,
        "source": source,
        "specversion": "1.0",
        "type": TEST_TYPE if is_test else f"{TYPE_PREFIX}{work.type}",
        "time": work.created_at,
        "datacontenttype": "application/json",
    }
    if work.cycle_id is not None:
        attributes["subject"] = work.cycle_id
    return bytes(JSONFormat().write(CloudEvent(attributes=attributes, data=_data(work))))


def _data(work: DeliveryWork) -> dict[str, Any]:
    """As `GET /cycles/{id}/events` shows it, with the cycle."""
    if work.event is None:
        return {"webhook_id": work.webhook_id}
    event = json.loads(work.event)
    data = event["data"]
    return {
        "cycle_id": work.cycle_id,
        "seq": event["seq"],
        "at": event["at"],
        "actor": event["actor"],
        "on_behalf_of": event.get("on_behalf_of"),
        "type": data["type"],
        "data": {name: value for name, value in data.items() if name != "type"},
        "hash": work.hash,
    }


async def _resolved(place: Destination) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


def _literal(place: Destination) -> list[str]:
    """The address that a URL names itself. A name is looked up, and its addresses are judged, by the proxy."""
    try:
        return [str(ip_address(place.host))]
    except ValueError:
        return []


async def _exchange(  # noqa: PLR0913, PLR0917 - the parts of one request
    client: httpx.AsyncClient, url: str, place: Destination, address: str | None, body: bytes, headers: dict[str, str]
) -> DeliveryOutcome:
    """One request to one checked address; name and certificate stay those of the host. None: by the proxy."""
    target = httpx.URL(url)
    host = {"host": target.netloc.decode()}
    request = client.build_request(
        "POST", target.copy_with(host=address) if address else target, content=body, headers=headers | host
    )
    request.extensions["sni_hostname"] = place.host
    response = await client.send(request, stream=True)
    try:
        read = b""
        async for part in response.aiter_raw():
            read += part
            if len(read) >= MOST_READ:
                break
    finally:
        await response.aclose()
    text = read[:MOST_READ].decode("utf-8", errors="replace").replace("\x00", "")[:MOST_KEPT]
    error = "redirected, which is not followed" if response.is_redirect else None
    return DeliveryOutcome(
        http_status=response.status_code, error=error, answer=text or None, retry_after=_retry_after(response)
    )


def _retry_after(response: httpx.Response) -> int | None:
    wished = response.headers.get("retry-after", "")
    return int(wished) if wished.isdigit() and len(wished) < 7 else None
