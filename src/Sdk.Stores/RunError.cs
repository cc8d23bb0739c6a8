namespace PluginHost.Sdk;

/// <summary>Why a run failed.</summary>
public sealed record RunError
{
    /// <summary>A stable, low-cardinality type, for example <c>model_error</c>.</summary>
    public required string Type { get; init; }

    /// <summary>A text for people, without stack traces and secrets.</summary>
    public required string Message { get; init; }

    /// <summary>The code of the model's service, for example <c>context_length_exceeded</c>; null when it gave none.</summary>
    public string? Code { get; init; }

    /// <summary>The parameter that the model's service names; null for none.</summary>
    public string? Param { get; init; }

    /// <summary>How long to wait before the same request is worth another try; null when that is not known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request may succeed later; null when that is not known.</summary>
    public bool? ShouldRetry { get; init; }

    internal UnknownMembers? Unknown { get; init; }
}
