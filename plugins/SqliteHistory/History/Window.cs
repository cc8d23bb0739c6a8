using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>The newest messages of a history, without failed runs. Immutable.</summary>
/// <param name="Messages">Oldest first.</param>
/// <param name="Depth">How many to keep.</param>
/// <param name="HasOlder">Whether the history holds older ones.</param>
internal sealed record Window(StoredMessage[] Messages, int Depth, bool HasOlder) : ICached
{
    private const int Overhead = 500;

    public long Cost { get; } = Overhead + Messages.Sum(static m => m.Cost);

    /// <summary>A commit added messages; what a read has seen already is passed over.</summary>
    public Window Add(IReadOnlyList<StoredMessage> added)
    {
        var newest = Messages.Length == 0 ? 0 : Messages[^1].RowId;
        StoredMessage[] all = [.. Messages, .. added.Where(m => m.RowId > newest)];
        return all.Length > Depth ? new Window(all[^Depth..], Depth, HasOlder: true) : new Window(all, Depth, HasOlder);
    }

    /// <summary>The newest messages for a run: never a tool result whose call is not among them.</summary>
    public Page<HistoryMessage> Take(int count)
    {
        var first = Math.Max(0, Messages.Length - count);
        var taken = new List<HistoryMessage>(Messages.Length - first);
        HashSet<string>? calls = null;
        for (var i = first; i < Messages.Length; i++)
        {
            var message = Messages[i].Value;
            if (IsBalanced(message.Message, ref calls)) taken.Add(message);
        }

        return new Page<HistoryMessage>(taken, HasOlder || first > 0);
    }

    private static bool IsBalanced(ChatMessage message, ref HashSet<string>? calls)
    {
        foreach (var content in message.Contents)
        {
            if (content is FunctionCallContent call) (calls ??= new(StringComparer.Ordinal)).Add(call.CallId);
            else if (content is FunctionResultContent result && calls?.Contains(result.CallId) != true) return false;
        }

        return true;
    }
}
