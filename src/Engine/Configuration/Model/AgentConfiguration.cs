namespace PluginHost.Engine.Configuration.Model;

/// <summary>One agent.</summary>
/// <param name="Name">The name, as callers use it.</param>
internal sealed record AgentConfiguration(string Name)
{
    public ModelConfiguration Model { get; init; } = new();

    public string? Instructions { get; init; }

    /// <summary>The chain; the first entry is outermost.</summary>
    public IReadOnlyList<PluginEntry> Chain { get; init; } = [];

    /// <summary>Whether a session id that the service returns is taken over (<c>ServiceSession</c>: <c>auto</c> or <c>off</c>).</summary>
    public bool UseServiceSession { get; init; } = true;

    /// <summary>Names of histories that may load although another one does too (<c>AllowSeveralHistories</c>).</summary>
    public IReadOnlyList<string> AllowSeveralHistories { get; init; } = [];
}
