namespace PluginHost.Sdk;

/// <summary>Which messages of a session to return. All conditions hold together.</summary>
/// <param name="Session">The session.</param>
public sealed record HistoryQuery(SessionKey Session)
{
    /// <summary>Only messages up to and including this run; null for all. A run that is not known gives an empty page.</summary>
    public string? UpToRun { get; init; }

    /// <summary>Only messages older than this one; null for no bound. An id that is not known gives an empty page.</summary>
    public string? Before { get; init; }

    /// <summary>Only messages newer than this one; null for no bound. An id that is not known gives an empty page.</summary>
    public string? After { get; init; }

    /// <summary>
    /// How many messages at most, 1 or more, taken from the start of the order. Null when the history is loaded for
    /// a run: then the provider's own window decides.
    /// </summary>
    public int? Limit { get; init; }

    /// <summary>The order of the result; oldest first unless set.</summary>
    public ListOrder Order { get; init; }

    /// <summary>Whether messages of failed runs are included; no unless set.</summary>
    public bool IncludeFailed { get; init; }
}
