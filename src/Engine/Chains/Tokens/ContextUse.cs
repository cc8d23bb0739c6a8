using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>Why the model did not get a message, or not whole.</summary>
internal enum LeftOutReason
{
    /// <summary>The request would not have fitted the model.</summary>
    Fit,

    /// <summary>The same, but only the result of a tool was replaced by a note.</summary>
    Shortened,
}

/// <summary>A message that the model did not get, or not whole. Immutable.</summary>
/// <param name="Message">The message, with its source and its id in the history.</param>
/// <param name="Reason">Why.</param>
/// <param name="Tokens">What it would have weighed more, by an estimate.</param>
internal readonly record struct LeftOutMessage(ContextMessage Message, LeftOutReason Reason, long Tokens);

/// <summary>
/// What a run's last model call got of the histories, and what was left out. Written by the run's own flow, and complete when the model's
/// answer begins.
/// </summary>
internal sealed class ContextUse
{
    // Of every first run whose model is not known: one record for all of them.
    private static readonly RunContextUse Nothing = new();

    private bool IsNothing => LoadedMessages == 0 && MaxInputTokens is null && !IsCounted && AtLoad.Count == 0 && AtCall.Count == 0;

    /// <summary>Whether the model was called.</summary>
    public bool HasRequest { get; set; }

    /// <summary>How many messages of histories the model got.</summary>
    public int LoadedMessages { get; set; }

    /// <summary>What these weigh.</summary>
    public long LoadedTokens { get; set; }

    /// <summary>What the whole request weighs.</summary>
    public long InputTokens { get; set; }

    /// <summary>What it may weigh; null when it is not known what the model takes.</summary>
    public long? MaxInputTokens { get; set; }

    /// <summary>Whether the tokens were counted by the model's encoding, and not estimated.</summary>
    public bool IsCounted { get; set; }

    /// <summary>Messages that were read and are in no request of the run: those after them take what the history may take. Oldest first.</summary>
    public IReadOnlyList<HistoryMessage> AtLoad { get; set; } = [];

    /// <summary>Messages that the last request left out or shortened.</summary>
    public IReadOnlyList<LeftOutMessage> AtCall { get; set; } = [];

    /// <returns>Null when the model was not called.</returns>
    public RunContextUse? ToRecord()
    {
        if (!HasRequest) return null;
        if (IsNothing) return Nothing;
        return new()
        {
            LoadedMessages = LoadedMessages,
            LoadedTokens = MaxInputTokens is null ? null : LoadedTokens,
            LeftOutMessages = AtLoad.Count + AtCall.Count(l => l.Reason == LeftOutReason.Fit),
            LeftOutTokens = AtLoad.Sum(m => TokenWeights.Estimate(m.Message)) + AtCall.Sum(l => l.Tokens),
            ShortenedResults = AtCall.Count(l => l.Reason == LeftOutReason.Shortened),
            InputTokens = MaxInputTokens is null ? null : InputTokens,
            MaxInputTokens = MaxInputTokens,
            IsCounted = IsCounted,
        };
    }
}
