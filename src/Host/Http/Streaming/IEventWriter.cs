namespace PluginHost.Http.Streaming;

/// <summary>Sends the events of one run to its caller.</summary>
internal interface IEventWriter
{
    /// <summary>Whether something was sent, so that the answer cannot become another one.</summary>
    bool HasBegun { get; }

    /// <summary>Adds an event to what the next flush sends.</summary>
    void Append(in SseEvent added);

    /// <summary>Sends what was added.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>Sends what was added, and shows that the connection is alive.</summary>
    ValueTask ShowLifeAsync(CancellationToken cancellationToken);
}
