"""The simulated fleet's HTTP server: every host under `/{provider}/…`, the ground truth under `/__truth`."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

import msgspec
from aiohttp import web

from osstui.simulator import tokens
from osstui.simulator.asked import check_faults, read
from osstui.simulator.hosts import Host, host_of
from osstui.simulator.limits import limit_headers, retry_after
from osstui.simulator.listing import hosts, models
from osstui.simulator.plan import as_wished, make_answer
from osstui.simulator.shapes import shape_for
from osstui.simulator.shapes.base import Ask, Refused, Shape
from osstui.simulator.shapes.errors import MESSAGES, host_error
from osstui.simulator.streaming import Reply, at_once, play
from osstui.simulator.truth import Ledger, Truth, clock
from osstui.simulator.wishes import WishError, Wishes, parse, take_directives

_MAX_BODY = 64 * 1024 * 1024
_PATIENCE_S = 0.005
"""Requests of one race come within this of each other; composing an answer would delay the others' stamps."""
_MOST_PATIENCE_S = 0.1
"""Who asks without end is answered all the same."""
_RETRY_STATUSES = frozenset({429, 503, 529})
_HTML = (
    b"<html>\n<head><title>502 Bad Gateway</title></head>\n<body><h1>502 Bad Gateway</h1></body>\n</html>\n"
)


class Simulator:
    """The whole fleet. `faults`: wishes by provider id (`*`: every host); `key`: the only one let in.

    `speed` multiplies every host's own speed; speeds that a request asks for are taken as they stand.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        speed: float = 1.0,
        key: str | None = None,
        faults: Mapping[str, Wishes] | None = None,
    ) -> None:
        self._seed = seed
        self._speed = speed
        self._key = key
        self._faults = dict(faults or {})
        self._ledger = Ledger()
        self._used: Counter[str] = Counter()
        self._left: set[str] = set()
        """Hosts, with their wishes, that some client hung up on in the middle of an answer."""
        self._loaded: asyncio.Task[object] | None = None

    def app(self) -> web.Application:
        app = web.Application(client_max_size=_MAX_BODY)
        app.on_startup.append(self._load)
        app.router.add_get("/", self._hosts)
        app.router.add_get("/health", self._health)
        app.router.add_get("/__truth", self._truth)
        app.router.add_delete("/__truth", self._forget)
        app.router.add_get("/{provider}/{path:.*}", self._get)
        app.router.add_post("/{provider}/{path:.*}", self._post)
        return app

    async def _load(self, _app: web.Application) -> None:
        """The vocabulary takes 0.4 s: it loads while the first client is still connecting."""
        self._loaded = asyncio.create_task(asyncio.to_thread(tokens.encoding))

    async def _hosts(self, request: web.Request) -> web.Response:
        return web.Response(text=hosts(str(request.url.origin())))

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _truth(self, request: web.Request) -> web.Response:
        """All recent records, or with `?id=` the newest of that request id (404 when there is none)."""
        wanted = request.query.get("id")
        found = self._ledger.recent() if wanted is None else self._ledger.find(wanted)
        if found is None:
            return web.json_response({"error": f"no request had the id {wanted!r}"}, status=404)
        return web.Response(body=msgspec.json.encode(found), content_type="application/json")

    async def _forget(self, _request: web.Request) -> web.Response:
        self._ledger.clear()
        return web.Response(status=204)

    async def _get(self, request: web.Request) -> web.Response:
        provider = request.match_info["provider"]
        host = host_of(provider)
        request_id = _request_id(request)
        try:
            wishes = self._standing(request, provider)
            self._check_key(request, None, wishes)
            if not request.path.endswith(("/models", "/api/tags")):
                raise Refused(404, f"no route GET {request.path}", code="not_found")
        except Refused as refused:
            return self._refuse(host_error(host, refused, request_id), host, request_id)
        listing = models(host, tags=request.path.endswith("/api/tags"), hidden=wishes.has("unlisted"))
        return web.json_response(listing, headers={"x-request-id": request_id})

    async def _post(self, request: web.Request) -> web.StreamResponse:
        t_headers = clock()
        raw = await request.read()
        t_received = clock()
        provider = request.match_info["provider"]
        host = host_of(provider)
        request_id = _request_id(request)
        shape = shape_for(request.path)
        if shape is None:
            refused = Refused(404, f"no route POST {request.path}", code="not_found")
            return self._refuse(host_error(host, refused, request_id), host, request_id)
        truth = Truth(
            id=request_id, provider=provider, dialect=shape.name, model="", stream=False, attempt=1,
            t_headers=t_headers, t_received=t_received,
        )  # fmt: skip
        self._ledger.add(truth)
        self._used[provider] += 1
        try:
            return await self._answered(request, raw, shape, truth)
        except asyncio.CancelledError:
            self._client_left(request, truth)
            raise
        except ConnectionError:
            self._client_left(request, truth)
            return web.Response(status=499)

    async def _others_to_come(self) -> None:
        """Returns when no further request has come for a moment."""
        for _ in range(round(_MOST_PATIENCE_S / _PATIENCE_S)):
            seen = self._used.total()
            await asyncio.sleep(_PATIENCE_S)
            if self._used.total() == seen:
                return

    async def _answered(
        self, request: web.Request, raw: bytes, shape: Shape, truth: Truth
    ) -> web.StreamResponse:
        provider, host = truth.provider, host_of(truth.provider)
        wishes = Wishes()
        try:
            wishes = self._standing(request, provider)
            ask = read(shape, raw, forgiving=wishes.has("any_parameter"))
            wishes = self._wishes(request, ask, provider, truth)
            self._check_key(request, ask.body, wishes)
            if wishes.has("html"):
                truth.status, truth.ended, truth.t_end = 502, "error", clock()
                return web.Response(status=502, body=_HTML, content_type="text/html")
            check_faults(ask, wishes)
            self._check_left(request, provider, wishes)
            if self._loaded is not None:
                await self._loaded
            await self._others_to_come()
            host = as_wished(host, wishes, self._speed)
            answer = make_answer(
                ask, host, wishes, seed=self._seed, request_id=truth.id, created=int(time.time())
            )
        except Refused as refused:
            truth.status, truth.ended, truth.t_end = refused.status, "error", clock()
            error = (refused.status, _HTML, "text/html") if wishes.has("plain_errors") else None
            response = self._refuse(error or shape.error(host, refused, truth.id), host, truth.id)
            if refused.status in _RETRY_STATUSES and (refused.status == 429 or wishes.retry_after):
                response.headers["retry-after"] = retry_after(wishes.retry_after)
            return response
        truth.prompt_tokens = answer.prompt_tokens
        headers = self._headers(answer.host, truth.id, answer.prompt_tokens, odd=wishes.has("odd_limits"))
        reply = Reply(request, answer, shape, wishes, truth, headers, self._seed)
        return await (play if ask.stream and not wishes.has("json_answer") else at_once)(reply)

    def _wishes(self, request: web.Request, ask: Ask, provider: str, truth: Truth) -> Wishes:
        """Server options, directives, header, the stronger last; faults end after `times` attempts."""
        truth.model, truth.stream = ask.model, ask.stream
        try:
            ask.prompt, directives = take_directives(ask.directives, provider)
        except WishError as error:
            raise Refused(400, str(error), code="bad_wish") from None
        wishes = self._header(request).over(directives.over(self._served(provider)))
        truth.attempt = self._ledger.attempt(provider, request.headers.get("x-sim-id") or ask.directives)
        if wishes.times is not None and truth.attempt > wishes.times:
            wishes = replace(wishes, faults=())
        truth.faults = wishes.faults or ()
        return wishes

    def _standing(self, request: web.Request, provider: str) -> Wishes:
        """What is wished for without a look at the body."""
        return self._header(request).over(self._served(provider))

    def _served(self, provider: str) -> Wishes:
        return self._faults.get(provider, Wishes()).over(self._faults.get("*", Wishes()))

    def _header(self, request: web.Request) -> Wishes:
        try:
            return parse(request.headers.get("x-sim", ""))
        except WishError as error:
            raise Refused(400, str(error), code="bad_wish") from None

    def _client_left(self, request: web.Request, truth: Truth) -> None:
        if truth.ended == "open":
            truth.ended, truth.t_end = "client left", clock()
            self._left.add(_who(request, truth.provider))

    def _check_left(self, request: web.Request, provider: str, wishes: Wishes) -> None:
        """Raises the Refused of a host that takes a hang-up badly."""
        if wishes.has("busy_after_cancel") and _who(request, provider) in self._left:
            raise Refused(503, MESSAGES[503])

    def _check_key(self, request: web.Request, body: Mapping[str, object] | None, wishes: Wishes) -> None:
        if self._key is None or wishes.has("any_key"):
            return
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        offered = {token if scheme.lower() == "bearer" else None, request.headers.get("x-api-key")}
        if self._key not in offered and (body or {}).get("key") != self._key:
            raise Refused(401, MESSAGES[401], code="invalid_api_key")

    def _headers(
        self, host: Host, request_id: str, prompt_tokens: int = 0, *, odd: bool = False
    ) -> dict[str, str]:
        ids = {"x-request-id": request_id, host.request_id: request_id}
        return {**ids, **limit_headers(host, self._used[host.id], prompt_tokens, odd=odd)}

    def _refuse(self, error: tuple[int, bytes, str], host: Host, request_id: str) -> web.Response:
        status, body, content_type = error
        headers = self._headers(host, request_id)
        return web.Response(status=status, body=body, content_type=content_type, headers=headers)


def _who(request: web.Request, provider: str) -> str:
    """A host as one client wishes it to be."""
    return f"{provider} {request.headers.get('x-sim', '')}"


def _request_id(request: web.Request) -> str:
    return request.headers.get("x-sim-id") or request.headers.get("x-request-id") or f"req_{uuid4().hex[:20]}"
