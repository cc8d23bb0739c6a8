using System.Text.Json.Serialization;

namespace PluginHost.Engine.Chains.Compaction;

/// <summary>What a compaction item of the host holds. Immutable.</summary>
/// <param name="Summary">What was said before it.</param>
/// <param name="Keep">How many tokens of the user's messages before it stay beside the summary; null for all.</param>
internal sealed record CompactedContext(string Summary, long? Keep = null);

[JsonSerializable(typeof(CompactedContext))]
internal sealed partial class CompactionJson : JsonSerializerContext;
