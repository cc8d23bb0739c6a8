using System.Runtime.InteropServices;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>
/// The messages of one session. Arrays grow at their end only, and are replaced when something in them goes; so the newest
/// messages are a view of an array, not a copy. Thread-safe.
/// </summary>
/// <param name="shared">The lock, which sessions may share: nothing is waited for under it.</param>
internal sealed class SessionMessages(Lock shared)
{
    private readonly Lock _lock = shared;
    private HistoryMessage[] _all = [];

    // The same without failed runs, for the window of a run: the same array until one has failed.
    private HistoryMessage[] _good = [];
    private int _allCount;
    private int _goodCount;
    private bool _hasPinned;

    // Made by the first append outside runs: an import comes in parts, and must not look at all earlier ones for each. Most sessions have none.
    private HashSet<string>? _ids;

    // Most sessions have one run, and need no dictionary.
    private string? _firstRun;
    private Attempt _first;
    private Dictionary<string, Attempt>? _runs;

    public int Count
    {
        get { lock (_lock) return _allCount; }
    }

    public void Append(HistoryAppend append)
    {
        lock (_lock)
        {
            if (append.RunId is { } run && !Accept(run, append)) return;
            if (append.RunId is null) _ids ??= new(_all.Take(_allCount).Select(static m => m.Id), StringComparer.Ordinal);
            foreach (var message in append.Messages)
            {
                var isKnown = _ids?.Add(message.Id) == false;
                if (isKnown && append.RunId is null) continue;
                Add(Stamp(message, append), append.Outcome == RunOutcome.Failed, append.Messages.Count);
            }
        }
    }

    public Page<HistoryMessage> Find(HistoryQuery query)
    {
        if (query is { Order: ListOrder.Descending, UpToRun: null, After: null, Before: null }) return FindNewest(query);
        List<HistoryMessage> found;
        lock (_lock)
        {
            found = [.. query.IncludeFailed ? _all.AsSpan(0, _allCount) : _good.AsSpan(0, _goodCount)];
        }

        if (query.UpToRun is { } run) Keep(found, 0, found.FindLastIndex(m => m.RunId == run));
        if (query.After is { } after) Keep(found, found.FindIndex(m => m.Id == after) is >= 0 and var at ? at + 1 : found.Count, found.Count - 1);
        if (query.Before is { } before) Keep(found, 0, found.FindIndex(m => m.Id == before) - 1);
        if (query.Order == ListOrder.Descending) found.Reverse();
        var pinned = query.Order == ListOrder.Descending ? found.Skip(query.Limit).Where(m => m.IsPinned).Take(query.PinnedLimit) : [];
        return new() { Items = [.. found.Take(query.Limit), .. pinned], HasMore = found.Count > query.Limit };
    }

    public int Remove(IReadOnlyList<string> ids)
    {
        lock (_lock) return RemoveWhere(m => ids.Contains(m.Id));
    }

    private Page<HistoryMessage> FindNewest(HistoryQuery query)
    {
        lock (_lock)
        {
            var (messages, count) = query.IncludeFailed ? (_all, _allCount) : (_good, _goodCount);
            var newest = new NewestFirst(messages, count, Math.Min(count, query.Limit));
            var pinned = _hasPinned ? FindPinned(messages, count - query.Limit, query.PinnedLimit) : [];
            return new() { Items = pinned.Count == 0 ? newest : [.. newest, .. pinned], HasMore = count > query.Limit };
        }
    }

    /// <summary>The newest pinned messages of the first ones, newest first.</summary>
    private static List<HistoryMessage> FindPinned(HistoryMessage[] messages, int count, int limit)
    {
        var pinned = new List<HistoryMessage>();
        for (var i = count - 1; i >= 0 && pinned.Count < limit; i--)
        {
            if (messages[i].IsPinned) pinned.Add(messages[i]);
        }

        return pinned;
    }

    private bool Accept(string run, HistoryAppend append)
    {
        _firstRun ??= run;
        ref var known = ref _firstRun == run ? ref _first : ref CollectionsMarshal.GetValueRefOrAddDefault(_runs ??= new(StringComparer.Ordinal), run, out _);
        if (known.Number > 0)
        {
            if (append.Attempt < known.Number || (append.Attempt == known.Number && !known.AddStep(append.Step))) return false;
            if (append.Attempt == known.Number) return true;
            if (known.Outcome != RunOutcome.Completed) RemoveRun(run);
        }

        known = new Attempt(append.Attempt, append.Outcome, append.Step);
        return true;
    }

    private void RemoveRun(string run) => RemoveWhere(m => m.RunId == run);

    /// <summary>The host stamps messages itself; only what comes from elsewhere has to be copied.</summary>
    private static HistoryMessage Stamp(HistoryMessage message, HistoryAppend append)
    {
        if (message.RunId == append.RunId && message.Outcome == append.Outcome && message.CreatedAt == append.CreatedAt) return message;
        return message with
        {
            RunId = append.RunId,
            Agent = append.Agent,
            Outcome = append.Outcome,
            ErrorType = append.ErrorType,
            CreatedAt = append.CreatedAt,
        };
    }

    private int RemoveWhere(Predicate<HistoryMessage> unwanted)
    {
        if (!Array.Exists(_all[.._allCount], unwanted)) return 0;
        _ids = null;
        var kept = Array.FindAll(_all[.._allCount], m => !unwanted(m));
        var removed = _allCount - kept.Length;
        (_all, _allCount) = (kept, kept.Length);
        var good = Array.FindAll(kept, m => m.Outcome != RunOutcome.Failed);
        (_good, _goodCount) = (good.Length == kept.Length ? kept : good, good.Length);
        return removed;
    }

    private void Add(HistoryMessage message, bool hasFailed, int expected)
    {
        _hasPinned |= message.IsPinned;
        var isShared = _good == _all;
        if (hasFailed && isShared) _good = _all[.._goodCount];
        Add(ref _all, ref _allCount, message, expected);
        if (hasFailed) return;
        if (!isShared) Add(ref _good, ref _goodCount, message, expected);
        else (_good, _goodCount) = (_all, _allCount);
    }

    private static void Add(ref HistoryMessage[] messages, ref int count, HistoryMessage message, int expected)
    {
        if (count == messages.Length) Array.Resize(ref messages, Math.Max(expected, count * 2));
        messages[count++] = message;
    }

    private static void Keep(List<HistoryMessage> messages, int first, int last)
    {
        if (last + 1 < messages.Count) messages.RemoveRange(Math.Max(0, last + 1), messages.Count - Math.Max(0, last + 1));
        if (first > 0) messages.RemoveRange(0, Math.Min(first, messages.Count));
    }

    /// <summary>The last attempt of a run, with the steps that were appended of it: mostly one.</summary>
    private struct Attempt(int number, RunOutcome outcome, int step)
    {
        private HashSet<int>? _others;

        /// <summary>From 1; 0 for none.</summary>
        public int Number { get; } = number;

        public RunOutcome Outcome { get; } = outcome;

        public bool AddStep(int added) => added != step && (_others ??= []).Add(added);
    }
}
