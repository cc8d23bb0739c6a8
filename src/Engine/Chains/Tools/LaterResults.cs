using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Finds results that come too late in a list of messages. Asked from the list's start to its end.</summary>
internal sealed class LaterResults
{
    private readonly Dictionary<string, Queue<(int Message, AIContent Content)>> _byId = new(StringComparer.Ordinal);
    private readonly HashSet<AIContent> _taken = new(ReferenceEqualityComparer.Instance);

    public LaterResults(IReadOnlyList<ChatMessage> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            foreach (var content in messages[i].Contents)
            {
                if (content is FunctionCallContent call) Add(call.CallId, i, content);
                else if (content is FunctionResultContent result) Add(result.CallId, i, content);
            }
        }
    }

    public bool IsTaken(AIContent content) => _taken.Count > 0 && _taken.Contains(content);

    /// <summary>Takes the result of a call from a message at or behind an index; null when there is none before another call with this id.</summary>
    public AIContent? Take(string id, int from)
    {
        if (!_byId.TryGetValue(id, out var later)) return null;
        while (later.TryPeek(out var first) && first.Message < from) later.Dequeue();
        if (!later.TryPeek(out var next) || next.Content is FunctionCallContent) return null;
        later.Dequeue();
        _taken.Add(next.Content);
        return next.Content;
    }

    private void Add(string id, int message, AIContent content)
    {
        if (!_byId.TryGetValue(id, out var later)) _byId[id] = later = new Queue<(int, AIContent)>();
        later.Enqueue((message, content));
    }
}
