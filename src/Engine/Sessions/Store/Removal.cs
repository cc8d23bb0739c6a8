namespace PluginHost.Engine.Sessions.Store;

/// <summary>What one plugin removed.</summary>
internal sealed record Removal(string Plugin, string Kind, int Removed);
