namespace PluginHost.Engine.Runs.Journal;

/// <summary>The journal of a run cannot be read. The message says why, and may be shown to callers.</summary>
internal sealed class JournalException(string message, Exception? inner = null) : Exception(message, inner);
