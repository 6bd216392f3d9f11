"""Signing in as a sample person, without any proof: only where that can harm nobody.

The setting must allow it, what is in force must be the sample city as we ship it (by its content: a name is
anybody's), and both the listener and the address that the browser asked for must be this machine itself.
"""

from api.services.organisation.documents import shows_sample_city
from api.web.frame.page import Visit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def sample_people(visit: Visit) -> frozenset[str]:
    """Everybody of the sample city who may be signed in as; nobody where it is not possible."""
    desk = visit.desk
    here = desk.settings.host in LOOPBACK and visit.request.url.hostname in LOOPBACK
    if not desk.settings.sample_sign_in or not here:
        return frozenset()
    if not shows_sample_city(desk):
        return frozenset()
    facts = desk.directory.facts()
    return frozenset(post.person_id for post in facts.organisation.posts if post.holds_on(facts.today))
