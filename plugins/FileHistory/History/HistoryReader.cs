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
    private bool _hasMore;

    public Page<HistoryMessage> Read(HistoryLines lines, Func<MessageLocation, HistoryLine?> parse)
    {
        var needsOlderLines = true;
        while (needsOlderLines && lines.Read()) needsOlderLines = SelectFrom(lines);
        if (!_runFound || !_beforeFound || !_afterFound) return new Page<HistoryMessage> { Items = [], HasMore = false };
        return new Page<HistoryMessage> { Items = Parse(parse), HasMore = _hasMore };
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
                _afterFound = true;
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

    private List<HistoryMessage> Parse(Func<MessageLocation, HistoryLine?> parse)
    {
        var messages = new List<HistoryMessage>(_selected.Count);
        var (offset, bytes) = (-1L, 0L);
        HistoryLine? line = null;
        foreach (var location in _newestFirst ? _selected : _selected.Reverse())
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

            if (line is not null) messages.Add(line.Messages[location.Index]);
        }

        return messages;
    }
}

/// <summary>The location of a message: offset and length of its line in the file, and its index in the line.</summary>
internal readonly record struct MessageLocation(long Offset, int Length, int Index);
