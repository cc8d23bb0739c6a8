using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using PluginHost.Compaction.Strategies;
using PluginHost.Sdk;

namespace PluginHost.Compaction.Summaries;

/// <summary>A summary of the oldest messages of a session. Immutable.</summary>
/// <param name="Text">What the model wrote.</param>
/// <param name="Covered">The messages that it replaces: their ids, each with its hash.</param>
internal sealed record Summary(string Text, IReadOnlyDictionary<string, string> Covered)
{
    private const int HashBytes = 16;

    /// <summary>A run may load more than the last one, when its model takes more.</summary>
    private const int MaxUnloaded = 2_000;

    /// <summary>Whether all loaded messages that it covers are as they were when it was written, and none between them was deleted.</summary>
    public bool Fits(IEnumerable<ContextMessage> loaded)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var message in loaded.Where(c => Covered.ContainsKey(c.Id!)))
        {
            var hash = HashOf(message.Message);
            // Two histories of a chain may load the same message.
            if (!hashes.TryAdd(message.Id!, hash) && hashes[message.Id!] != hash) return false;
        }

        // The oldest ones may be older than what is loaded. Another host may have deleted one behind them.
        return hashes.Count == 0 || Covered.SkipWhile(c => !hashes.ContainsKey(c.Key)).All(c => hashes.GetValueOrDefault(c.Key) == c.Value);
    }

    /// <summary>Without the oldest ids that no history loads any more, so that its size does not grow with the session.</summary>
    public Summary WithoutUnloaded(IEnumerable<ContextMessage> loaded)
    {
        if (Covered.Count <= MaxUnloaded) return this;
        var ids = loaded.Select(c => c.Id!).ToHashSet(StringComparer.Ordinal);
        var kept = Covered.Where((c, i) => i >= Covered.Count - MaxUnloaded || ids.Contains(c.Key));
        return this with { Covered = new Dictionary<string, string>(kept, StringComparer.Ordinal) };
    }

    /// <summary>A hash of role and content.</summary>
    public static string HashOf(ChatMessage message)
    {
        var text = new StringBuilder(message.Role.Value);
        foreach (var content in message.Contents)
        {
            text.Append('\n').Append(content.GetType().Name).Append(' ');
            switch (content)
            {
                case TextContent part: text.Append(part.Text); break;
                case TextReasoningContent part: text.Append(part.Text); break;
                case FunctionCallContent call:
                    text.Append(call.CallId).Append(call.Name);
                    foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>()) text.Append(name).Append(MessageText.From(value));
                    break;
                case FunctionResultContent result: text.Append(result.CallId).Append(MessageText.From(result.Result)); break;
                case DataContent data: text.Append(data.Uri); break;
                case UriContent uri: text.Append(uri.Uri); break;
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, HashBytes));
    }
}
