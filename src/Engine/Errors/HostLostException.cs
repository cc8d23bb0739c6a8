namespace PluginHost.Engine.Errors;

/// <summary>A run ends because the process that ran it was lost, and nothing may continue it.</summary>
internal sealed class HostLostException(string message) : Exception(message);
