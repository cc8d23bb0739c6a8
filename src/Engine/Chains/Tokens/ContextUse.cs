using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>Why the model did not get a message, or not whole.</summary>
internal enum LeftOutReason
{
    /// <summary>The messages that were loaded after it take what the history may take.</summary>
    Loading,

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

    /// <summary>Messages that were read and are not in the list of any call of the run.</summary>
    public List<LeftOutMessage> AtLoad { get; } = [];

    /// <summary>Messages that the last call left out.</summary>
    public IReadOnlyList<LeftOutMessage> AtCall { get; set; } = [];

    /// <summary>All that is left out.</summary>
    public IEnumerable<LeftOutMessage> LeftOut => AtLoad.Concat(AtCall);
}
