namespace PluginHost.Sdk;

/// <summary>What the last model call of a run got of the session's history, and what was left out to fit the model. Immutable.</summary>
public sealed record RunContextUse
{
    /// <summary>How many messages of histories the model got.</summary>
    public int LoadedMessages { get; init; }

    /// <summary>How many tokens these have; null when it is not known what the model takes, and they were not weighed.</summary>
    public long? LoadedTokens { get; init; }

    /// <summary>How many messages were read from histories and left out.</summary>
    public int LeftOutMessages { get; init; }

    /// <summary>About how many tokens these have, with what was left out of <see cref="ShortenedResults"/>.</summary>
    public long LeftOutTokens { get; init; }

    /// <summary>How many results of tools were replaced by a note.</summary>
    public int ShortenedResults { get; init; }

    /// <summary>How many tokens the whole request has; null when it was not weighed.</summary>
    public long? InputTokens { get; init; }

    /// <summary>How many it may have; null when it is not known what the model takes.</summary>
    public long? MaxInputTokens { get; init; }

    /// <summary>Whether the tokens were counted by the model's encoding. Otherwise they are an estimate.</summary>
    public bool IsCounted { get; init; }

    internal UnknownMembers? Unknown { get; init; }
}
