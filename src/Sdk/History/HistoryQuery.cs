namespace PluginHost.Sdk;

/// <summary>Which messages of a session to return. A message must meet all conditions.</summary>
public sealed record HistoryQuery
{
    /// <summary>The session.</summary>
    public required SessionKey Session { get; init; }

    /// <summary>Only messages up to and including this run; null for all. An unknown run gives an empty page.</summary>
    public string? UpToRun { get; init; }

    /// <summary>Only messages older than this one; null for no bound. An unknown id gives an empty page.</summary>
    public string? Before { get; init; }

    /// <summary>Only messages newer than this one; null for no bound. An unknown id gives an empty page.</summary>
    public string? After { get; init; }

    /// <summary>The maximum number of messages, 1 or more, counted from the start of the order.</summary>
    public required int Limit { get; init; }

    /// <summary>
    /// After about how many tokens the page may end before <see cref="Limit"/>, at the end of the order; null for no bound. A history may
    /// ignore it: the host cuts what it does not need.
    /// </summary>
    public int? MaxTokens { get; init; }

    /// <summary>
    /// After how many bytes of content a page ends before <see cref="Limit"/>, at the end of the order; null for no bound. A page has at
    /// least one message when there is one. Bytes need not be counted exactly: it bounds the memory that a page takes.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>
    /// With <see cref="ListOrder.Descending"/>: how many <see cref="HistoryMessage.IsPinned">pinned</see> messages that are older than the
    /// page follow it, newest first, in addition to <see cref="Limit"/>. Default: 0. A history may ignore it: runs then lose a pinned
    /// message with those around it.
    /// </summary>
    public int PinnedLimit { get; init; }

    /// <summary>The order of the result. Default: oldest first.</summary>
    public ListOrder Order { get; init; }

    /// <summary>Whether to include messages of failed runs. Default: false.</summary>
    public bool IncludeFailed { get; init; }
}
