using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Anthropic;

/// <summary>The signatures and hidden thoughts that the server has given, by which it knows its own again. Thread-safe.</summary>
internal sealed class GivenThoughts
{
    private readonly ConcurrentDictionary<string, string> _signed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _hidden = new(StringComparer.Ordinal);

    public void Add(IEnumerable<JsonObject> blocks)
    {
        foreach (var block in blocks)
        {
            if (block["signature"] is { } signature) _signed[(string)signature!] = (string)block["thinking"]!;
            if (block["data"] is { } data) _hidden[(string)data!] = true;
        }
    }

    /// <summary>What is wrong with a block of thinking that came back; null for nothing.</summary>
    public string? Find(JsonObject block, string path) => (string)block["type"]! switch
    {
        "thinking" when block["signature"] is not { } signature || !_signed.TryGetValue((string)signature!, out var thinking) || thinking != (string)block["thinking"]! =>
            $"{path}: Invalid `signature` in `thinking` block",
        "redacted_thinking" when block["data"] is not { } data || !_hidden.ContainsKey((string)data!) => $"{path}: Invalid `data` in `redacted_thinking` block",
        _ => null,
    };
}
