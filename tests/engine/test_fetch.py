"""A whole document over real sockets: sizes, redirects, compression, silence; and never a key."""

from __future__ import annotations

import gzip

import pytest

from osstui.engine.fetch import FetchError, get
from tests.engine.scripted_host import Host, Peer, chunked, head, listening, says, whole

DOCUMENT = b'{"data": "\xc3\xa9"}'


async def test_a_document_comes_whole_however_it_is_cut() -> None:
    parts = chunked(DOCUMENT[:3], DOCUMENT[3:10], DOCUMENT[10:])
    async with Host(says(head(kind="application/json", transfer_encoding="chunked"), *parts)) as host:
        assert await get(f"{host.url}/api.json") == DOCUMENT
        (asked,) = host.asked
    assert (asked.method, asked.path) == ("GET", "/v1/api.json")
    assert not {"authorization", "x-api-key", "cookie"} & asked.headers.keys()


async def test_compression_that_nobody_asked_for_is_undone() -> None:
    async with Host(says(whole(gzip.compress(DOCUMENT), content_encoding="gzip"))) as host:
        assert await get(host.url) == DOCUMENT
    async with Host(says(whole(b"x", content_encoding="br"))) as host:
        with pytest.raises(FetchError, match="compressed"):
            await get(host.url)


async def test_a_document_beyond_the_limit_is_dropped_also_when_it_is_packed() -> None:
    for body, more in ((b"x" * 2000, {}), (gzip.compress(b"x" * 100_000), {"content_encoding": "gzip"})):
        async with Host(says(whole(body, **more))) as host:
            with pytest.raises(FetchError, match="more than 1,999 bytes"):
                await get(host.url, limit=1999)


async def test_redirects_on_the_same_host_are_followed() -> None:
    moved = whole(b"", "302 Found", location="/elsewhere?x=1")
    async with Host(says(moved), says(moved), says(moved), says(whole(DOCUMENT))) as host:
        assert await get(host.url) == DOCUMENT
        assert [asked.path for asked in host.asked] == ["/v1", *["/elsewhere?x=1"] * 3]


async def test_a_fourth_redirect_ends_it() -> None:
    async with Host(says(whole(b"", "301 Moved", location="/again"))) as host:
        with pytest.raises(FetchError, match="more than 3 redirects"):
            await get(host.url)
        assert len(host.asked) == 4


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example/x", "//elsewhere.example/x", "ftp://127.0.0.1/"]
)
async def test_a_redirect_to_another_host_is_refused(location: str) -> None:
    async with Host(says(whole(b"", "307 Temporary Redirect", location=location))) as host:
        with pytest.raises(FetchError, match="another host"):
            await get(host.url)
        assert len(host.asked) == 1


@pytest.mark.parametrize("status", ["204 No Content", "401 Unauthorized", "404 Not Found", "500 Oops"])
async def test_any_other_status_is_an_error_that_names_the_host(status: str) -> None:
    async with Host(says(whole(b"", status))) as host:
        with pytest.raises(FetchError, match=rf"127\.0\.0\.1: .*{status[:3]}"):
            await get(host.url)


async def test_a_cut_document_is_an_error() -> None:
    cut = head(content_length="100") + DOCUMENT
    async with Host(says(cut, close=True)) as host:
        with pytest.raises(FetchError, match=r"127\.0\.0\.1"):
            await get(host.url)


async def test_a_host_that_stays_silent_is_given_up() -> None:
    async def silent(peer: Peer) -> None:
        await peer.gone()

    async with Host(silent) as host:
        with pytest.raises(FetchError, match=r"within 0\.05 s"):
            await get(host.url, seconds=0.05)


async def test_a_port_where_nobody_listens_is_one_line() -> None:
    async def nobody(_reader: object, _writer: object) -> None: ...

    async with listening(nobody) as port:
        pass
    with pytest.raises(FetchError) as caught:
        await get(f"http://127.0.0.1:{port}/")
    assert "\n" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.parametrize("url", ["http://prices.example/x", "ftp://prices.example/x", "prices", "https://"])
async def test_prices_come_over_https_alone(url: str) -> None:
    with pytest.raises(FetchError):
        await get(url)
