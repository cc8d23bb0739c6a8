using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Compaction.Strategies;

/// <summary>The context of a run while it is compacted. Only messages that a history loaded change.</summary>
internal sealed class LoadedMessages
{
    private const int LargeResult = 512;

    private readonly List<ContextMessage> _context;

    public LoadedMessages(IReadOnlyList<ContextMessage> context)
    {
        _context = [.. context];
        Tokens = _context.Where(IsLoaded).Sum(c => MessageTokens.Estimate(c.Message));
    }

    public IReadOnlyList<ContextMessage> Context => _context;

    public IEnumerable<ContextMessage> Loaded => _context.Where(IsLoaded);

    /// <summary>What the loaded messages have.</summary>
    public long Tokens { get; private set; }

    /// <summary>Takes out the messages that a summary covers.</summary>
    public void Remove(IReadOnlySet<string> ids)
    {
        Tokens -= _context.Where(c => IsLoaded(c) && ids.Contains(c.Id!)).Sum(c => MessageTokens.Estimate(c.Message));
        _context.RemoveAll(c => IsLoaded(c) && ids.Contains(c.Id!));
    }

    /// <summary>Makes notes of large results, oldest first, until the messages have no more than a limit.</summary>
    /// <returns>How many.</returns>
    public int DropToolResults(long limit, int keep)
    {
        var count = 0;
        foreach (var i in Older(keep))
        {
            if (Tokens <= limit) break;
            var message = _context[i].Message;
            if (!message.Contents.Any(IsLarge)) continue;
            var copy = message.Clone();
            copy.Contents = [.. message.Contents.Select(c => IsLarge(c) ? Note((FunctionResultContent)c) : c)];
            Tokens += MessageTokens.Estimate(copy) - MessageTokens.Estimate(message);
            _context[i] = _context[i] with { Message = copy };
            count++;
        }

        return count;
    }

    /// <summary>Leaves out the oldest turns until the messages have no more than a limit: what stays begins with a message of the user.</summary>
    /// <returns>How many messages.</returns>
    public int Truncate(long limit, int keep)
    {
        var gone = OldestTurns(limit, keep);
        Remove(gone.Select(c => c.Id!).ToHashSet(StringComparer.Ordinal));
        return gone.Count;
    }

    /// <summary>The oldest messages without which the others have no more than a limit, up to the beginning of a turn. Empty when there is no such place.</summary>
    public IReadOnlyList<ContextMessage> OldestTurns(long limit, int keep)
    {
        var (left, best, leftThere) = (Tokens, 0, Tokens);
        var older = Older(keep);
        for (var n = 0; n < older.Count && leftThere > limit; n++)
        {
            left -= MessageTokens.Estimate(_context[older[n]].Message);
            if (NextLoaded(older[n]) is { } next && next.Message.Role == ChatRole.User) (best, leftThere) = (n + 1, left);
        }

        return [.. older.Take(best).Select(i => _context[i])];
    }

    /// <summary>What is kept by configuration or pinned is never compacted.</summary>
    private static bool IsLoaded(ContextMessage message) => message.Id is not null && !message.IsKept;

    private static bool IsLarge(AIContent content) => content is FunctionResultContent result && MessageText.From(result.Result).Length >= LargeResult;

    private static FunctionResultContent Note(FunctionResultContent result) =>
        new(result.CallId, $"[This result of {MessageText.From(result.Result).Length} characters was left out.]") { AdditionalProperties = result.AdditionalProperties };

    /// <summary>The indexes of the loaded messages before the newest ones.</summary>
    private List<int> Older(int keep)
    {
        var all = Enumerable.Range(0, _context.Count).Where(i => IsLoaded(_context[i])).ToList();
        return all[..Math.Max(0, all.Count - keep)];
    }

    private ContextMessage? NextLoaded(int index)
    {
        for (var i = index + 1; i < _context.Count; i++)
        {
            if (_context[i].Id is not null) return _context[i];
        }

        return null;
    }
}
