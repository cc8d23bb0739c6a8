namespace PluginHost.Engine.Errors;

/// <summary>The journal of a run could not be written before a call of a tool.</summary>
internal sealed class JournalFailure(Exception inner) : Exception(inner.Message, inner);
