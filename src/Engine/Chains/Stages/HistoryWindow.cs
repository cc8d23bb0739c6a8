using System.Collections;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>
/// What a run gets of a history: the newest messages, oldest first, within the limits, without a result whose call is cut off. A view of the
/// page: nothing is copied unless something has to go.
/// </summary>
internal sealed class HistoryWindow
{
    private const int ShortenedResult = 32;

    private readonly OldestFirst _older;
    private HashSet<HistoryMessage>? _kept;

    private HistoryWindow(IReadOnlyList<HistoryMessage> newest, int count)
    {
        _older = new OldestFirst(newest, count, newest.Count - count);
        Messages = new OldestFirst(newest, 0, count);
    }

    public IReadOnlyList<HistoryMessage> Messages { get; private set; }

    /// <summary>The id of the session's first message, when it stays; null for none.</summary>
    public string? Opener { get; private set; }

    /// <summary>What the messages weigh, by an estimate; null when they were not weighed.</summary>
    public long? Weight { get; private set; }

    /// <summary>What was read and is not among the messages, except those that are kept.</summary>
    public IReadOnlyList<HistoryMessage> LeftOut => _kept is null ? _older : [.. _older.Where(m => !_kept.Contains(m))];

    /// <param name="page">What the history returned, newest first.</param>
    /// <param name="query">What it was asked for; a history may return more.</param>
    /// <param name="runId">The run: an earlier try of it may have left messages, which were not said before it.</param>
    /// <param name="room">How many tokens the messages may have beside <see cref="HistoryQuery.MaxTokens"/>, of which results take little in the older half; null for any number.</param>
    public static HistoryWindow From(Page<HistoryMessage>? page, HistoryQuery query, string runId, long? room = null)
    {
        var newest = page?.Items ?? throw new PluginContractException("It returned null instead of a page.");
        if (newest.Count > 0 && newest[0]?.RunId == runId) newest = [.. newest.Where(m => m?.RunId != runId)];
        var count = Math.Min(newest.Count, query.Limit);
        if (query.MaxTokens is { } tokens) count = CountWithin(newest, count, tokens);
        long? weight = null;
        if (room is { } most) (count, weight) = CountWithinRoom(newest, count, most);
        var window = new HistoryWindow(newest, count) { Weight = weight };
        window.KeepPinned(newest, count);
        var messages = ToolCallPairing.WithoutStrayResults(window.Messages);
        if (!ReferenceEquals(messages, window.Messages)) window.Weight = null;
        window.Messages = messages;
        return window;
    }

    /// <summary>Keeps the first message of the session.</summary>
    public void KeepOpener(HistoryMessage opener)
    {
        Check(opener);
        if (opener.Message.Role != ChatRole.User && opener.Message.Role != ChatRole.System) return;
        Opener = opener.Id;
        if (Messages.Any(m => m.Id == opener.Id)) return;
        Messages = [opener, .. Messages];
        Weight += TokenWeights.Estimate(opener);
        Keep(_older.FirstOrDefault(m => m.Id == opener.Id));
    }

    private void KeepPinned(IReadOnlyList<HistoryMessage> newest, int count)
    {
        List<HistoryMessage>? older = null;
        for (var i = newest.Count - 1; i >= count; i--)
        {
            if (newest[i] is { Message: not null, IsPinned: true }) (older ??= []).Add(newest[i]);
        }

        if (older is null) return;
        LeaveReplaced(older);
        Messages = [.. older, .. Messages];
        Weight += older.Sum(TokenWeights.Estimate);
        older.ForEach(Keep);
    }

    /// <summary>Of the items that replace what came before them, only the newest one of the history has a use.</summary>
    private void LeaveReplaced(List<HistoryMessage> older)
    {
        var newest = Messages.Any(IsItem) ? null : older.FindLast(IsItem);
        older.RemoveAll(m => IsItem(m) && !ReferenceEquals(m, newest));

        static bool IsItem(HistoryMessage message) => CompactionMark.IsIn(message.Message) && !PinMark.Is(message.Message);
    }

    private void Keep(HistoryMessage? message)
    {
        if (message is not null) (_kept ??= new(ReferenceEqualityComparer.Instance)).Add(message);
    }

    private static int CountWithin(IReadOnlyList<HistoryMessage> newest, int count, int tokens)
    {
        var left = (long)tokens * TokenWeights.BytesPerToken;
        for (var i = 0; i < count; i++)
        {
            left -= MessageSize.Measure(Check(newest[i]).Message);
            if (left < 0) return i;
        }

        return count;
    }

    /// <summary>In the older half of the room, results of tools become notes.</summary>
    /// <returns>How many messages have room, and what they weigh as they are.</returns>
    private static (int Count, long Weight) CountWithinRoom(IReadOnlyList<HistoryMessage> newest, int count, long room)
    {
        var (left, all) = (room, 0L);
        for (var i = 0; i < count; i++)
        {
            var message = Check(newest[i]);
            var weight = TokenWeights.Estimate(message);
            left -= left - weight < room / 2 ? Math.Min(weight, ShortenedWeightOf(message.Message)) : weight;
            if (left < 0) return (i, all);
            all += weight;
        }

        return (count, all);
    }

    private static long ShortenedWeightOf(ChatMessage message) =>
        message.Role == ChatRole.Tool ? TokenWeights.PerMessage + (ShortenedResult * message.Contents.Count) : long.MaxValue;

    private static HistoryMessage Check(HistoryMessage? message) =>
        message?.Message is null ? throw new PluginContractException("It returned null instead of a message.") : message;

    private sealed class OldestFirst(IReadOnlyList<HistoryMessage> newest, int skip, int count) : IReadOnlyList<HistoryMessage>
    {
        public int Count => count;

        public HistoryMessage this[int index] => Check(newest[skip + count - 1 - index]);

        public IEnumerator<HistoryMessage> GetEnumerator()
        {
            for (var i = 0; i < count; i++) yield return this[i];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
