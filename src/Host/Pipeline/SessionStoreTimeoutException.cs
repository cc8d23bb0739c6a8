namespace PluginHost.Pipeline;

/// <summary>The session store took longer than its timeout.</summary>
public sealed class SessionStoreTimeoutException(string message, Exception inner) : Exception(message, inner);
