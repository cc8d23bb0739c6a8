using System.Text.Json;

namespace PluginHost.WebConsole.Api;

public sealed record ApiTrace(string RunId, string SessionId, string Agent, string Status, string TraceId, DateTimeOffset StartedAt, double DurationMs, ApiTotals Totals, ApiSpan Root)
{
    public int? DroppedSpans { get; init; }
}

public sealed record ApiTotals(int ModelCalls, int ToolCalls, long MessagesLoaded, long MessagesAdded, long MessagesStored)
{
    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }
}

public sealed record ApiSpan(string Name, double StartMs, string Status, IReadOnlyList<ApiSpan> Spans)
{
    public double? DurationMs { get; init; }

    public double? OpenMs { get; init; }

    public double? OwnTimeMs { get; init; }

    public string? ErrorType { get; init; }

    public IReadOnlyDictionary<string, JsonElement> Attributes { get => field ?? new Dictionary<string, JsonElement>(); init; }
}
