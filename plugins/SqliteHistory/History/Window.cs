using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>The newest messages of a history, without failed runs. Immutable.</summary>
/// <param name="Messages">The messages, oldest first.</param>
/// <param name="Depth">The maximum number of messages.</param>
/// <param name="HasOlder">Whether the history holds older messages.</param>
internal sealed record Window(StoredMessage[] Messages, int Depth, bool HasOlder) : ICacheValue
{
    private const int Overhead = 500;

    public long Size { get; } = Overhead + Messages.Sum(static m => m.Size);

    /// <summary>Adds the messages of a commit. Skips messages that the window already holds.</summary>
    public Window Add(IReadOnlyList<StoredMessage> added)
    {
        var newest = Messages.Length == 0 ? 0 : Messages[^1].RowId;
        StoredMessage[] all = [.. Messages, .. added.Where(m => m.RowId > newest)];
        return all.Length > Depth ? new Window(all[^Depth..], Depth, HasOlder: true) : new Window(all, Depth, HasOlder);
    }

    /// <summary>Gets the newest messages for a run, without tool results that have no call among them.</summary>
    public Page<HistoryMessage> GetNewest(int count)
    {
        var first = Math.Max(0, Messages.Length - count);
        var newest = new List<HistoryMessage>(Messages.Length - first);
        HashSet<string>? calls = null;
        for (var i = first; i < Messages.Length; i++)
        {
            var message = Messages[i].Value;
            if (TryTrackTools(message.Message, ref calls)) newest.Add(message);
        }

        return new Page<HistoryMessage> { Items = newest, HasMore = HasOlder || first > 0 };
    }

    /// <summary>Adds the message's tool calls to the set.</summary>
    /// <returns>False when the message holds a result without an earlier call.</returns>
    private static bool TryTrackTools(ChatMessage message, ref HashSet<string>? calls)
    {
        foreach (var content in message.Contents)
        {
            if (content is FunctionCallContent call) (calls ??= new(StringComparer.Ordinal)).Add(call.CallId);
            else if (content is FunctionResultContent result && calls?.Contains(result.CallId) != true) return false;
        }

        return true;
    }
}
