namespace PluginHost.Sdk;

/// <summary>A failure of a plugin that did not end the run.</summary>
public sealed record PluginFailure
{
    /// <summary>The plugin's source id.</summary>
    public required string Plugin { get; init; }

    /// <summary>A low-cardinality type.</summary>
    public required string Type { get; init; }

    /// <summary>A text for people, without stack traces and secrets.</summary>
    public required string Message { get; init; }

    internal UnknownMembers? Unknown { get; init; }
}
