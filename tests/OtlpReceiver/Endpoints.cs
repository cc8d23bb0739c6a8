using Grpc.Core;
using PluginHost.Testing.Otlp;

namespace PluginHost.Testing;

internal sealed class TraceEndpoint(ReceivedTelemetry received, CollectorBehavior behavior) : TraceService.TraceServiceBase
{
    public override Task<TraceResponse> Export(TraceRequest request, ServerCallContext context)
    {
        received.Add(request);
        return Task.FromResult(Answer(behavior));
    }

    public static TraceResponse Answer(CollectorBehavior behavior) =>
        behavior.RejectedSpans == 0 ? new() : new() { PartialSuccess = new() { RejectedSpans = behavior.RejectedSpans } };
}

internal sealed class MetricsEndpoint(ReceivedTelemetry received) : MetricsService.MetricsServiceBase
{
    public override Task<MetricsResponse> Export(MetricsRequest request, ServerCallContext context)
    {
        received.Add(request);
        return Task.FromResult(new MetricsResponse());
    }
}

internal sealed class LogsEndpoint(ReceivedTelemetry received) : LogsService.LogsServiceBase
{
    public override Task<LogsResponse> Export(LogsRequest request, ServerCallContext context)
    {
        received.Add(request);
        return Task.FromResult(new LogsResponse());
    }
}
