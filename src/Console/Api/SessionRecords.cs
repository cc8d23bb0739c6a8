using System.Text.Json;

namespace PluginHost.WebConsole.Api;

public sealed record ApiSession(string Id, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public IReadOnlyDictionary<string, string> Metadata { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>Absent in lists.</summary>
    public JsonElement? State { get; init; }

    public string? ServiceSessionId { get; init; }

    public string? History { get; init; }

    public string? LastRunId { get; init; }
}

public sealed record ApiMessage(string Id, string Role, IReadOnlyList<ApiPart> Content)
{
    public string? Author { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public string? Source { get; init; }

    public string? RunId { get; init; }

    public string? Outcome { get; init; }

    public bool? Incomplete { get; init; }
}

/// <summary>A part of a message; which members it has depends on <see cref="Type"/>.</summary>
public sealed record ApiPart(string Type)
{
    public string? Text { get; init; }

    public string? MediaType { get; init; }

    /// <summary>Base64.</summary>
    public string? Data { get; init; }

    public string? Uri { get; init; }

    public string? Name { get; init; }

    public string? CallId { get; init; }

    public JsonElement? Arguments { get; init; }

    public string? ArgumentsText { get; init; }

    public JsonElement? Result { get; init; }

    public string? Message { get; init; }

    public string? Code { get; init; }
}

public sealed record ApiDeletion(string Id, IReadOnlyList<ApiRemoval> Removed);

public sealed record ApiRemoval(string Plugin, string Kind, int Removed);
