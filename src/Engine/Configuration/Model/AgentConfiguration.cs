namespace PluginHost.Engine.Configuration.Model;

/// <summary>Whether a session id that the model's service returns is used.</summary>
internal enum ServiceSessionMode
{
    /// <summary>It is kept, and the service holds the history.</summary>
    Auto,

    /// <summary>It is stripped.</summary>
    Off,
}

/// <summary>One agent.</summary>
/// <param name="Name">The name, as callers use it.</param>
internal sealed record AgentConfiguration(string Name = "")
{
    public string Name { get; internal init; } = Name;

    /// <summary>The client and name of the model.</summary>
    public ModelConfiguration Model { get; init; } = new();

    /// <summary>
    /// Other names by which callers reach the agent, for programs that fix the name of a model. One that ends with an asterisk covers
    /// every name that begins like it; the longest one that fits wins.
    /// </summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The agent's instructions; context providers add to them.</summary>
    public string? Instructions { get; init; }

    /// <summary>The chain; the first entry is outermost.</summary>
    public IReadOnlyList<PluginEntry> Chain { get; init; } = [];

    /// <summary>Whether a session id that the model's service returns is used.</summary>
    public ServiceSessionMode ServiceSession { get; init; }

    /// <summary>Another header, besides <c>PluginHost-Session</c>, that names the session of a chat completion.</summary>
    public string? SessionHeader { get; init; }

    /// <summary>Names of histories that may load although another one in the chain does.</summary>
    public IReadOnlyList<string> AllowSeveralHistories { get; init; } = [];
}
