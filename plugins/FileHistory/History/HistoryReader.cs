namespace PluginHost.Files.History;

/// <summary>
/// Answers one query from a file in one pass from its end: the places of the messages are picked first, at most a page of them
/// at a time, and only what was picked is parsed.
/// </summary>
/// <param name="query">The query.</param>
/// <param name="limit">How many messages at most.</param>
internal sealed class HistoryReader(HistoryQuery query, int limit)
{
    private readonly LinkedList<MessagePlace> _picked = new();
    private readonly bool _newestFirst = query.Limit is null || query.Order == ListOrder.Descending;
    private bool _runFound = query.UpToRun is null;
    private bool _beforeFound = query.Before is null;
    private bool _afterFound = query.After is null;
    private bool _hasMore;

    public Page<HistoryMessage> Read(HistoryLines lines, Func<MessagePlace, HistoryLine?> parse)
    {
        var goOn = true;
        while (goOn && lines.Read()) goOn = Visit(lines);
        if (!_runFound || !_beforeFound || !_afterFound) return new Page<HistoryMessage>([], false);
        return new Page<HistoryMessage>(Parse(parse), _hasMore);
    }

    /// <summary>Picks from a line, newest message first.</summary>
    /// <returns>Whether older lines can matter.</returns>
    private bool Visit(HistoryLines lines)
    {
        var head = lines.Head;
        _runFound |= head.Run is not null && head.Run == query.UpToRun;
        for (var i = head.Ids.Count - 1; i >= 0; i--)
        {
            if (head.Ids[i] == query.After)
            {
                _afterFound = true;
                return false;
            }

            if (_runFound && _beforeFound && (query.IncludeFailed || head.Outcome != RunOutcome.Failed)) Pick(new MessagePlace(lines.Offset, lines.Length, i));
            _beforeFound |= head.Ids[i] == query.Before;
        }

        // A full page of the newest is done, unless the lower bound has still to be shown to exist.
        return !(_newestFirst && _hasMore && query.After is null);
    }

    private void Pick(MessagePlace place)
    {
        if (_picked.Count == limit)
        {
            _hasMore = true;
            if (_newestFirst) return;
            _picked.RemoveFirst();
        }

        _picked.AddLast(place);
    }

    private List<HistoryMessage> Parse(Func<MessagePlace, HistoryLine?> parse)
    {
        var messages = new List<HistoryMessage>(_picked.Count);
        var offset = -1L;
        HistoryLine? line = null;
        foreach (var place in _picked)
        {
            if (place.Offset != offset)
            {
                line = parse(place);
                offset = place.Offset;
            }

            if (line is not null) messages.Add(line.Messages[place.Index]);
        }

        if (query.Order == ListOrder.Ascending || query.Limit is null) messages.Reverse();
        if (query.Limit is not null) return messages;
        messages = ToolBalance.Apply(messages);
        if (query.Order == ListOrder.Descending) messages.Reverse();
        return messages;
    }
}

/// <summary>Where a message is: the line in its file, and the message's place in the line.</summary>
internal readonly record struct MessagePlace(long Offset, int Length, int Index);
