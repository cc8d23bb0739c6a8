using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>Follows messages from place to place, and remembers of each where it comes from and what changed it.</summary>
internal sealed class MessageTrail(ITokenEstimate tokens)
{
    // By its bytes: a string of each content would be made to look it up.
    private static readonly EqualityComparer<JsonElement> SameText = EqualityComparer<JsonElement>.Create(
        static (x, y) => JsonMarshal.GetRawUtf8Value(x).SequenceEqual(JsonMarshal.GetRawUtf8Value(y)), static json => HashOf(JsonMarshal.GetRawUtf8Value(json)));

    private readonly List<JsonElement> _contents = [];
    private readonly List<ExplainedMessage> _messages = [];
    private readonly Dictionary<ChatMessage, JsonElement> _json = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<JsonElement, int> _contentIndexes = new(SameText);
    private readonly Dictionary<ChatMessage, int> _indexes = new(ReferenceEqualityComparer.Instance);

    // Messages that no history got. Their content is compared, and kept only when they come through unchanged.
    private readonly Dictionary<ChatMessage, Origin> _unkept = new(ReferenceEqualityComparer.Instance);

    public IReadOnlyList<JsonElement> Contents => _contents;

    public IReadOnlyList<ExplainedMessage> Messages => _messages;

    /// <summary>Whether the place before was in front of all histories.</summary>
    public bool IsWithheld { get; set; } = true;

    /// <summary>The indexes of messages that the model was given.</summary>
    public List<int> IndexesOf(IReadOnlyList<ChatMessage> messages) => [.. messages.Select(Keep)];

    /// <summary>The number of tokens of a message.</summary>
    public long TokensOf(ChatMessage message) => tokens.Estimate(message);

    /// <summary>Messages have their first place.</summary>
    public void Begin(ChatMessage message, Origin origin)
    {
        if (!_indexes.ContainsKey(message)) _unkept.TryAdd(message, origin);
    }

    /// <summary>Follows all messages through one place.</summary>
    /// <param name="before">The list that went in.</param>
    /// <param name="now">The list that came out.</param>
    /// <param name="by">The plugin; null for the host.</param>
    /// <param name="added">Where a message comes from that was not in the list.</param>
    /// <returns>What was left out.</returns>
    public List<ExplainedLeftOut> Follow(
        IReadOnlyList<ChatMessage> before, IReadOnlyList<ChatMessage> now, string? by, Func<ChatMessage, Origin> added)
    {
        var pairs = MessagePairing.Pair(before, now);
        for (var i = 0; i < now.Count; i++)
        {
            if (pairs[i] < 0) Begin(now[i], added(now[i]));
            else if (!ReferenceEquals(before[pairs[i]], now[i])) Change(before[pairs[i]], now[i], by);
        }

        var kept = pairs.ToHashSet();
        return [.. Enumerable.Range(0, before.Count).Where(i => !kept.Contains(i)).Select(i => LeaveOut(before[i], now, by))];
    }

    /// <summary>Writes a message as JSON. What a plugin put into it may have no form.</summary>
    public static JsonElement ToJson(ChatMessage message)
    {
        try
        {
            return Write(message);
        }
        catch (Exception)
        {
            return Write(new ChatMessage(message.Role, message.Text) { MessageId = message.MessageId });
        }
    }

    // The serializer's own way to an element takes large blocks from the shared pool, which keeps them.
    private static JsonElement Write(ChatMessage message) =>
        JsonElement.Parse(Document.Write(message, static (json, m) => JsonSerializer.Serialize(json, m, ChatJson.Message)), CompactJson.AnyDepth);

    private void Change(ChatMessage before, ChatMessage now, string? by)
    {
        if (_indexes.ContainsKey(now) || _unkept.ContainsKey(now)) return;
        var isSame = SameText.Equals(JsonOf(before), JsonOf(now));
        var origin = _unkept.TryGetValue(before, out var first) ? first : OriginOf(_messages[_indexes[before]]);
        if (isSame && _indexes.TryGetValue(before, out var index)) _indexes[now] = index;
        if (!isSame)
        {
            origin = origin with
            {
                ChangedBy = [.. origin.ChangedBy, by ?? PartSource.Host],
                Before = origin.Before ?? (IsWithheld || origin.IsWithheld ? null : AddContent(before)),
                IsWithheld = origin.IsWithheld || (IsWithheld && origin.Before is null),
            };
        }

        if (!_indexes.ContainsKey(now)) _unkept[now] = origin;
    }

    private ExplainedLeftOut LeaveOut(ChatMessage message, IReadOnlyList<ChatMessage> now, string? by)
    {
        // Compaction happens in front of the place that fits requests to the model.
        if (by is null && now.Any(CompactionItem.IsSummary)) return new(LeftOutReason.Compacted, null, 1, TokensOf(message)) { Content = IsWithheld ? null : AddContent(message) };
        var isJoined = by is null && message.Contents.Count > 0 && now.Any(m => m.Contents.Contains(message.Contents[0]));
        if (by == PartSource.Host) return new(LeftOutReason.Fit, null, 1, TokensOf(message)) { Content = AddContent(message) };
        var reason = by is not null ? LeftOutReason.Removed : isJoined ? LeftOutReason.Joined : LeftOutReason.Balance;
        return new(reason, by, 1, TokensOf(message)) { Content = IsWithheld ? null : AddContent(message) };
    }

    private int Keep(ChatMessage message)
    {
        if (_indexes.TryGetValue(message, out var index)) return index;
        var origin = _unkept.GetValueOrDefault(message) ?? new Origin(PartSource.Host, null, PartState.Added);
        _unkept.Remove(message);
        _messages.Add(new(AddContent(message), origin.Source, origin.Plugin, origin.ChangedBy.Count > 0 ? PartState.Changed : origin.State, TokensOf(message))
        {
            ChangedBy = origin.ChangedBy.Count > 0 ? origin.ChangedBy : null,
            Before = origin.Before,
            BeforeWithheld = origin.IsWithheld,
        });
        return _indexes[message] = _messages.Count - 1;
    }

    /// <summary>Keeps the content of a message, once.</summary>
    /// <returns>Its index.</returns>
    public int AddContent(ChatMessage message)
    {
        var json = JsonOf(message);
        if (_contentIndexes.TryGetValue(json, out var index)) return index;
        _contents.Add(json);
        return _contentIndexes[json] = _contents.Count - 1;
    }

    /// <summary>A message as JSON, which is written once.</summary>
    public JsonElement JsonOf(ChatMessage message)
    {
        if (!_json.TryGetValue(message, out var json)) _json[message] = json = ToJson(message);
        return json;
    }

    private static int HashOf(ReadOnlySpan<byte> text)
    {
        var hash = default(HashCode);
        hash.AddBytes(text);
        return hash.ToHashCode();
    }

    private static Origin OriginOf(ExplainedMessage message) => new(message.Source, message.Plugin, message.State)
    {
        ChangedBy = message.ChangedBy ?? [],
        Before = message.Before,
        IsWithheld = message.BeforeWithheld,
    };

    /// <summary>Where a message comes from.</summary>
    internal sealed record Origin(string Source, string? Plugin, string State)
    {
        public IReadOnlyList<string> ChangedBy { get; init; } = [];

        public int? Before { get; init; }

        public bool IsWithheld { get; init; }
    }
}
