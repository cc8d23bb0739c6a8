using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>The JSON document of a run's row; output and usage have separate columns.</summary>
internal sealed record RunDocument(string Agent, RunStatus Status, DateTimeOffset CreatedAt)
{
    public DateTimeOffset? CompletedAt { get; init; }

    public int Attempt { get; init; }

    public RunError? Error { get; init; }

    public IReadOnlyList<string>? Skipped { get; init; }

    public IReadOnlyList<PluginFailure>? Failures { get; init; }

    public string? TraceId { get; init; }

    public string? RequestHash { get; init; }

    public Dictionary<string, string>? Metadata { get; init; }

    public string? FinishReason { get; init; }

    public JsonElement? Details { get; init; }
}
