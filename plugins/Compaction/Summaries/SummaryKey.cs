using PluginHost.Sdk;

namespace PluginHost.Compaction.Summaries;

/// <summary>Whose summary it is: a session's, by one entry of the chain of one agent.</summary>
internal readonly record struct SummaryKey(SessionKey Session, string Source);
