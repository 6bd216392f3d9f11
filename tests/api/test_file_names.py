"""What a file is called, whoever sent it, and fields of a form that nobody knows."""

from urllib.parse import quote

import httpx
import pytest

from api.http.part_names import file_name, with_real_names
from tests.api.conftest import Http, problem
from tests.support import city

NAME = "新しい要綱.txt"
WORD = "=?utf-8?B?5paw44GX44GE6KaB57axLnR4dA==?="
SAID = [
    (f'filename="{NAME}"'.encode(), NAME),
    (f'filename="{NAME}"'.encode("cp932"), NAME),
    (f"filename=\"{WORD}\"; filename*=utf-8''{quote(NAME)}".encode(), NAME),
    (f'filename="{WORD}"'.encode(), NAME),
    (f"filename={WORD}".encode(), NAME),
    (f"filename=\"a.pdf\"; filename*=UTF-8''{quote('要綱.pdf')}".encode(), "要綱.pdf"),
    (f"filename*=UTF-8''{quote(NAME)}".encode(), NAME),
    (f"filename*=shift_jis''{quote(NAME.encode('cp932'))}".encode(), NAME),
    (f'filename="{quote(NAME)}"'.encode(), NAME),
    (b'filename="a%20b%22.txt"', "a%20b%22.txt"),
    ('filename="機構表ソ.pdf"'.encode("cp932"), "機構表ソ.pdf"),
    ('filename="機構表ソ"'.encode("cp932"), "機構表ソ"),
    ('filename="か\u3099.txt"'.encode(), "が.txt"),
    (b'filename="C:\\\\docs\\\\plan.xlsx"', "plan.xlsx"),
    ('filename="葛\U000e0100城𠮷.pdf"'.encode(), "葛\U000e0100城𠮷.pdf"),
    (b'filename="\xff\xfe\xfd.pdf"', "file.pdf"),
    (b'filename="\xff\xfe\xfd"', "file"),
    (b'filename="a\x00\x1b\xe2\x80\xaeb.txt"', "ab.txt"),
    (b"filename*=utf-8''%ff; filename=\"b.txt\"", "b.txt"),
    (b"filename*=no-such''a; filename=\"b.txt\"", "b.txt"),
    (b'filename=""', ""),
    (b"", None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "name"), SAID)
def test_a_name_is_read_as_its_sender_meant_it(said: bytes, name: str | None) -> None:
    assert file_name(b'form-data; name="file"; ' + said) == name


def form(said: bytes, content: bytes = b"text\r\n--x\r\n", more: bytes = b"") -> bytes:
    part = b'--b0\r\nContent-Disposition: form-data; name="file"; ' + said + b"\r\nContent-Type: text/plain\r\n\r\n"
    return more + part + content + b"\r\n--b0--\r\n"


def test_only_the_name_of_a_part_is_touched() -> None:
    plain = form(b'filename="a.txt"', b'--b0 Content-Disposition: form-data; filename="x"\r\n\r\n\x00\xff')
    assert with_real_names(plain, "multipart/form-data; boundary=b0") == plain
    told = with_real_names(form(f'filename="{WORD}"'.encode()), 'multipart/form-data; boundary="b0"')
    assert told == form(f'filename="{NAME}"'.encode())
    for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=other"):
        assert with_real_names(form(f'filename="{WORD}"'.encode()), kind) == form(f'filename="{WORD}"'.encode())


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycles that it begins, so that the file has one city of each kind."""
    return resumed


async def send(http: Http, path: str, body: bytes, **more: str) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {http.token(city.OWNER)}",
        "Content-Type": "multipart/form-data; boundary=b0",
    }
    return await http.client.post(f"/api/v1{path}", content=body, headers=headers | more)


@pytest.mark.slow
async def test_every_upload_has_the_name_that_its_sender_gave_it(http: Http) -> None:
    cycle = await http.start()
    for number, (said, name) in enumerate(SAID):
        if name:
            answer = await send(http, f"/cycles/{cycle}/attachments", form(said, f"{number}".encode()))
            assert answer.status_code == 201, answer.text
            assert answer.json()["name"] == name
            shown = await http.call("GET", answer.headers["location"])
            assert f"filename*=UTF-8''{quote(name, safe='')}" in shown.headers["content-disposition"]
    rows = "title,org_scope,org_unit,work_scope\n題,individual,U,task\n".encode()
    csv = "新しい取組.csv"
    for said in (f"filename=\"=?utf-8?B?eA==?=\"; filename*=utf-8''{quote(csv)}", f"filename*=utf-8''{quote(csv)}"):
        answer = await send(http, "/imports/initiatives?dry_run=true", form(said.encode(), rows))
        assert answer.json()["new"] == 1, answer.text
    long = await send(http, "/imports/initiatives?dry_run=true", form(f'filename="{"長" * 200}.csv"'.encode(), rows))
    assert long.json()["new"] == 1, long.text
    dot = await send(http, "/imports/initiatives?dry_run=true", form(b'filename="."', rows))
    assert problem(dot)[2] == [("/file", "bad_file")]
    assert "/tmp" not in dot.text


async def test_an_unknown_field_of_a_form_is_refused_and_nothing_starts(http: Http) -> None:
    before = http.journal()
    rows = "title,org_scope,org_unit,work_scope\n題,individual,U,task\n".encode()
    field = b'--b0\r\nContent-Disposition: form-data; name="%s"\r\n\r\ntrue\r\n'
    for name in (b"dry_run", b"dryrun"):
        body = form(b'filename="a.csv"', rows, field % name)
        answer = await send(http, "/imports/initiatives", body, **{"Accept-Language": "en"})
        assert problem(answer) == (422, "invalid_fields", [(f"/{name.decode()}", "unknown_field")])
        told = answer.json()["errors"][0]["message"]
        assert ("after the ? of the address" in told) is (name == b"dry_run")
    cycle = await http.start()
    body = form(b'filename="a.txt"', b"x", field % b"note")
    assert problem(await send(http, f"/cycles/{cycle}/attachments", body))[2] == [("/note", "unknown_field")]
    await http.settled()
    assert http.journal() == before + 1


async def test_a_form_without_its_boundary_is_no_form(http: Http) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    answer = await send(http, "/imports/initiatives", b"x", **headers)
    assert problem(answer)[:2] == (400, "not_a_form")
