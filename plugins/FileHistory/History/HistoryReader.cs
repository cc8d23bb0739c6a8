namespace PluginHost.Files.History;

/// <summary>
/// Answers one query in one pass from the end of the file. It first selects the locations of at most one page of messages, then
/// parses only these messages.
/// </summary>
/// <param name="query">The query.</param>
internal sealed class HistoryReader(HistoryQuery query)
{
    private readonly LinkedList<MessageLocation> _selected = new();
    private readonly bool _newestFirst = query.Order == ListOrder.Descending;
    private bool _runFound = query.UpToRun is null;
    private bool _beforeFound = query.Before is null;
    private bool _afterFound = query.After is null;
    private MessageLocation? _after;
    private bool _hasMore;

    /// <param name="lines">The lines of the file.</param>
    /// <param name="parse">Reads a line with its messages; null when it is corrupt.</param>
    /// <param name="getIndex">The index of the file, which is read only when older pinned messages are asked for.</param>
    public Page<HistoryMessage> Read(HistoryLines lines, Func<MessageLocation, HistoryLine?> parse, Func<HistoryIndex> getIndex)
    {
        var needsOlderLines = true;
        while (needsOlderLines && lines.Read()) needsOlderLines = SelectFrom(lines);
        if (!_runFound || !_beforeFound || !_afterFound) return new Page<HistoryMessage> { Items = [], HasMore = false };
        var page = Parse(_newestFirst ? _selected : _selected.Reverse(), parse, out var last);
        if (_newestFirst && _hasMore && query.PinnedLimit > 0 && last is { } oldest)
        {
            var pinned = getIndex().FindPinned(query.IncludeFailed).SkipWhile(l => !l.IsBefore(oldest)).TakeWhile(l => _after?.IsBefore(l) != false);
            page.AddRange(Parse(pinned.Take(query.PinnedLimit), parse, out _));
        }

        return new Page<HistoryMessage> { Items = page, HasMore = _hasMore };
    }

    /// <summary>Selects matching messages of a line, newest first.</summary>
    /// <returns>Whether older lines may change the result.</returns>
    private bool SelectFrom(HistoryLines lines)
    {
        var line = lines.Current;
        _runFound |= line.Run is not null && line.Run == query.UpToRun;
        for (var i = line.Ids.Count - 1; i >= 0; i--)
        {
            if (line.Ids[i] == query.After)
            {
                (_afterFound, _after) = (true, new MessageLocation(lines.Offset, lines.Length, i));
                return false;
            }

            if (_runFound && _beforeFound && (query.IncludeFailed || line.Outcome != RunOutcome.Failed)) Select(new MessageLocation(lines.Offset, lines.Length, i));
            _beforeFound |= line.Ids[i] == query.Before;
        }

        // A full page of the newest messages is the result, unless the message of After has not been found yet.
        return !(_newestFirst && _hasMore && query.After is null);
    }

    private void Select(MessageLocation location)
    {
        if (_selected.Count == query.Limit)
        {
            _hasMore = true;
            if (_newestFirst) return;
            _selected.RemoveFirst();
        }

        _selected.AddLast(location);
    }

    /// <param name="locations">The messages.</param>
    /// <param name="parse">Reads a line.</param>
    /// <param name="last">The last one of them that was read.</param>
    private List<HistoryMessage> Parse(IEnumerable<MessageLocation> locations, Func<MessageLocation, HistoryLine?> parse, out MessageLocation? last)
    {
        var messages = new List<HistoryMessage>();
        var (offset, bytes) = (-1L, 0L);
        HistoryLine? line = null;
        last = null;
        foreach (var location in locations)
        {
            if (location.Offset != offset)
            {
                if (bytes > query.MaxBytes && messages.Count > 0)
                {
                    _hasMore = true;
                    break;
                }

                line = parse(location);
                offset = location.Offset;
                bytes += location.Length;
            }

            last = location;
            if (line is not null) messages.Add(line.Messages[location.Index]);
        }

        return messages;
    }
}

/// <summary>The location of a message: offset and length of its line in the file, and its index in the line.</summary>
internal readonly record struct MessageLocation(long Offset, int Length, int Index)
{
    /// <summary>Whether the message is older than another one.</summary>
    public bool IsBefore(MessageLocation other) => Offset < other.Offset || (Offset == other.Offset && Index < other.Index);
}
