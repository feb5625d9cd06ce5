from __future__ import annotations

import pytest

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from osstui.checks import otel
from osstui.checks.otel import Telemetry
from osstui.checks.run import Battery
from osstui.checks.table import BY_ID
from osstui.engine.local import LocalEngine
from tests.checks.hosts import target


async def test_requests_become_metrics_by_the_genai_conventions(fleet: str, engine: LocalEngine) -> None:
    reader = InMemoryMetricReader()
    telemetry = Telemetry(reader)
    host = target(fleet, provider="sambanova")
    battery = Battery(
        engine, [("s", host)], [BY_ID[name] for name in ("answer", "stream", "wrong-key")], saw=telemetry.saw
    )
    await battery.run()
    telemetry.judged(battery.reports.values())
    data = reader.get_metrics_data()
    assert data is not None
    metrics = {
        metric.name: metric
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    assert metrics["gen_ai.client.operation.duration"].unit == "s"
    durations = {
        point.attributes.get("error.type", ""): point
        for point in metrics["gen_ai.client.operation.duration"].data.data_points
    }
    assert durations.keys() == {"", "401"}
    assert durations[""].count == 2
    fields = durations[""].attributes
    assert fields["gen_ai.operation.name"] == "chat"
    assert fields["gen_ai.provider.name"] == "sambanova"
    assert fields["gen_ai.request.model"] == fields["gen_ai.response.model"] == "openai/gpt-oss-120b"
    assert fields["server.address"] == "127.0.0.1"
    usage = {
        point.attributes["gen_ai.token.type"]: point.sum
        for point in metrics["gen_ai.client.token.usage"].data.data_points
    }
    assert usage["output"] > 150
    assert usage["input"] > 100
    (first,) = metrics["gen_ai.client.operation.time_to_first_chunk"].data.data_points
    assert first.count == 1
    assert 0.009 < first.sum < 5
    assert first.explicit_bounds == durations[""].explicit_bounds
    (gaps,) = metrics["gen_ai.client.operation.time_per_output_chunk"].data.data_points
    assert gaps.count > 10
    assert "gen_ai.server.time_to_first_token" in metrics
    counted = {
        (point.attributes["osstui.check.id"], point.attributes["osstui.check.result"])
        for point in metrics["osstui.check.results"].data.data_points
    }
    assert ("answer", "pass") in counted
    telemetry.close()


async def test_a_collector_that_is_down_is_named_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(otel, "SECONDS", 0.2)
    telemetry = Telemetry()
    telemetry.judged([])
    assert telemetry.send() == "http://127.0.0.1:9/v1/metrics"
    telemetry.close()
    assert capfd.readouterr().err == ""
