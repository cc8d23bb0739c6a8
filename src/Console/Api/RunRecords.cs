using System.Text.Json;

namespace PluginHost.WebConsole.Api;

/// <summary>One page of a list.</summary>
public sealed record ApiList<T>(IReadOnlyList<T> Data, bool HasMore)
{
    /// <summary>The cursor of the next page, where the API gives one.</summary>
    public string? Next { get; init; }

    public DateTimeOffset? SearchedUntil { get; init; }
}

/// <summary>A run, as a search or a session lists it, or whole.</summary>
public sealed record ApiRun(string Id, string SessionId, string Agent, string Status, DateTimeOffset CreatedAt)
{
    public string? Tenant { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public double? DurationMs { get; init; }

    public ApiUsage? Usage { get; init; }

    public IReadOnlyList<string> Skipped { get => field ?? []; init; }

    public IReadOnlyList<ApiFailure> Failures { get => field ?? []; init; }

    public ApiError? Error { get; init; }

    public string? TraceId { get; init; }

    public int Attempt { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>Only of a whole run.</summary>
    public IReadOnlyList<ApiMessage> Output { get => field ?? []; init; }

    /// <summary>Only of a whole run that waits.</summary>
    public IReadOnlyList<ApiApproval> Approvals { get => field ?? []; init; }

    public bool IsInProgress => Status is "running" or "queued";

    /// <summary>Whether it waits for approvals: a run that waits for results of the caller's tools has ended.</summary>
    public bool IsParked => Status == "requires_action" && CompletedAt is null;
}

public sealed record ApiUsage(long? InputTokens, long? OutputTokens, long? TotalTokens);

public sealed record ApiFailure(string Plugin, string Type, string Message);

public sealed record ApiError(string Type, string Message)
{
    public string? Code { get; init; }
}

public sealed record ApiApproval(
    string Id, string Status, string SessionId, string RunId, string Agent, string CallId, string Tool, JsonElement Arguments, DateTimeOffset RequestedAt)
{
    public string? Source { get; init; }

    public ApiToolHints? Hints { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>What a tool says of itself.</summary>
public sealed record ApiToolHints(bool? ReadOnly, bool? Destructive, bool? Idempotent, bool? OpenWorld)
{
    public override string ToString() => string.Join(", ", Texts());

    private IEnumerable<string> Texts()
    {
        if (ReadOnly is { } readOnly) yield return readOnly ? "only reads" : "changes something";
        if (Destructive is { } destructive) yield return destructive ? "may destroy something" : "destroys nothing";
        if (Idempotent is { } idempotent) yield return idempotent ? "a second call changes nothing more" : "a second call changes more";
        if (OpenWorld is { } openWorld) yield return openWorld ? "reaches the outside world" : "reaches only what is known";
    }
}
