"""Event logs are files that other programs read, whatever somebody once wrote into a title."""

from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from engine.exchange.eventlog.xes import xes
from tests.domain.plays import Play


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_an_old_title_with_a_sign_that_no_xml_holds_spoils_nobody_s_event_log(sign: str) -> None:
    play = Play()
    old = play.state.model_copy(update={"title": f'窓口{sign}<&>"\U0001f600'})
    root: Element = fromstring(b"".join(xes([(old, play.events)])))
    titles = [
        one.get("value") for one in root.iter("{http://www.xes-standard.org/}string") if one.get("key") == "title"
    ]
    assert titles == ['窓口\N{REPLACEMENT CHARACTER}<&>"\U0001f600']
