namespace PluginHost.Sessions;

/// <summary>What one plugin removed.</summary>
public sealed record Removal(string Plugin, string Kind, int Removed);
