"""The battery's requests as OpenTelemetry metrics, by the semantic conventions for generative AI.

Needs the extra `osstui[otel]`; imported only where it is asked for. Names, units and bucket bounds are those
of the conventions' page "Semantic conventions for generative AI metrics". What this program measures is the
client's side; `gen_ai.server.*` is recorded where the host itself tells its times. The exporter is set up by
the usual variables, such as OTEL_EXPORTER_OTLP_ENDPOINT.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from math import inf
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import Histogram
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    MetricExportResult,
    MetricReader,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource

from osstui import __version__
from osstui.checks.exchange import Observation
from osstui.checks.model import Host
from osstui.checks.run import HostReport
from osstui.job import Target
from osstui.measure.metrics import ttft

_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = tuple(float(4**power) for power in range(14))
_FIRST = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_EACH = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)

_KNOWN = {"google-vertex": "gcp.vertex_ai", "bedrock": "aws.bedrock", "bedrock-mantle": "aws.bedrock",
          "bedrock-mantle-responses": "aws.bedrock"}  # fmt: skip
"""Providers for which the conventions have a name of their own, by the catalog's."""

Attributes = dict[str, str | int]


SECONDS = 10.0
"""For sending; a collector that is down is asked again until then."""


class _Exporter(OTLPMetricExporter):
    """Remembers whether the last metrics went out."""

    sent = False

    def export(
        self, metrics_data: MetricsData, timeout_millis: float | None = None, **more: object
    ) -> MetricExportResult:
        result = super().export(metrics_data, timeout_millis, **more)
        self.sent = result is MetricExportResult.SUCCESS
        return result


class Telemetry:
    """Records requests and results, and sends them when told. `reader`: instead of OTLP over HTTP."""

    def __init__(self, reader: MetricReader | None = None) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._exporter = _Exporter()
        reader = reader or PeriodicExportingMetricReader(self._exporter, inf)
        resource = Resource.create({"service.name": "osstui", "service.version": __version__})
        self._provider = MeterProvider([reader], resource)
        self._meter = self._provider.get_meter("osstui.checks", __version__)
        self._duration = self._histogram(
            "gen_ai.client.operation.duration", "s", "GenAI operation duration", _SECONDS
        )
        self._first = self._histogram(
            "gen_ai.client.operation.time_to_first_chunk", "s", "Time to receive the first chunk", _SECONDS
        )
        self._chunks = self._histogram(
            "gen_ai.client.operation.time_per_output_chunk", "s", "Time per output chunk", _SECONDS
        )
        self._usage = self._histogram(
            "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used", _TOKENS
        )
        self._server_first = self._histogram(
            "gen_ai.server.time_to_first_token",
            "s",
            "Time to generate the first token, as the host tells it",
            _FIRST,
        )
        self._server_each = self._histogram(
            "gen_ai.server.time_per_output_token", "s", "Time per output token, as the host tells it", _EACH
        )
        self._results = self._meter.create_counter(
            "osstui.check.results", "{check}", "Results of the checks of a host"
        )

    def _histogram(self, name: str, unit: str, what: str, bounds: tuple[float, ...]) -> Histogram:
        return self._meter.create_histogram(
            name, unit, what, explicit_bucket_boundaries_advisory=list(bounds)
        )

    def saw(self, host: Host, seen: Observation) -> None:
        """One request. A failed one has a duration and its error, and nothing else."""
        lane, shared = seen.lane, _attributes(host, seen)
        if lane.t_sent is not None and lane.t_end is not None:
            self._duration.record((lane.t_end - lane.t_sent) / 1e9, shared)
        if not seen.ok:
            return
        first = ttft(lane)
        if first is not None and seen.probe.stream:
            self._first.record(first / 1e3, shared)
            for gap in lane.gaps:
                self._chunks.record(gap / 1e9, shared)
        if lane.usage is not None:
            for kind, tokens in (("input", lane.usage.input), ("output", lane.usage.output)):
                if tokens is not None:
                    self._usage.record(tokens, {**shared, "gen_ai.token.type": kind})
            server = lane.usage.server
            if server is not None and server.ttft_ms is not None:
                self._server_first.record(server.ttft_ms / 1e3, shared)
            if server is not None and server.output_tps:
                self._server_each.record(1 / server.output_tps, shared)

    def judged(self, reports: Iterable[HostReport]) -> None:
        """The results of a whole battery."""
        for report in reports:
            for cell in report.cells.values():
                self._results.add(1, {
                    "osstui.check.id": cell.check.id,
                    "osstui.check.result": cell.verdict.result,
                    "gen_ai.provider.name": _provider(report.target),
                    "gen_ai.request.model": report.target.model_id,
                })  # fmt: skip

    def send(self) -> str | None:
        """What has been recorded so far; where it can't be sent to, if that fails. Takes its time."""
        self._provider.force_flush(SECONDS * 1e3)
        return None if self._exporter.sent else self._exporter._endpoint

    def close(self) -> None:
        """Sends nothing more."""
        self._exporter.shutdown()
        self._provider.shutdown()


def _provider(target: Target) -> str:
    return _KNOWN.get(target.provider, target.provider)


def _attributes(host: Host, seen: Observation) -> Attributes:
    where = urlsplit(host.target.base_url)
    found: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _provider(host.target),
        "gen_ai.request.model": seen.probe.model_id or host.target.model_id,
    }
    if where.hostname:
        found["server.address"] = where.hostname
        found["server.port"] = where.port or (443 if where.scheme == "https" else 80)
    if seen.lane.ended is not None and seen.lane.ended.model:
        found["gen_ai.response.model"] = seen.lane.ended.model
    error = seen.lane.error
    if error is not None:
        found["error.type"] = str(error.status) if error.status else error.kind
    elif seen.lane.status == "cut":
        found["error.type"] = "truncated"
    return found
