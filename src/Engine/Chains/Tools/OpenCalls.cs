using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Calls without a result, in order. Several calls may have one id. Every change takes constant time, because callers choose how many there are.</summary>
internal sealed class OpenCalls
{
    private readonly List<string> _called = [];
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    public OpenCalls(IReadOnlyList<string> ids)
    {
        for (var i = 0; i < ids.Count; i++) Add(ids[i]);
    }

    public int Count { get; private set; }

    public void Add(string id)
    {
        _called.Add(id);
        _open[id] = _open.GetValueOrDefault(id) + 1;
        Count++;
    }

    /// <summary>A call with this id has its result.</summary>
    /// <returns>False when no call with this id is open.</returns>
    public bool Remove(string id)
    {
        if (!_open.TryGetValue(id, out var count) || count == 0) return false;
        _open[id] = count - 1;
        Count--;
        return true;
    }

    /// <summary>Adds the calls of a content and removes those that it answers.</summary>
    /// <returns>False for a result that answers no open call.</returns>
    public bool Follow(AIContent content)
    {
        if (content is FunctionCallContent call) Add(call.CallId);
        return content is not FunctionResultContent result || Remove(result.CallId);
    }

    public void Clear()
    {
        _called.Clear();
        _open.Clear();
        Count = 0;
    }

    /// <summary>The ids in the order of the calls; of several with one id those that came last.</summary>
    public List<string> ToList()
    {
        var left = new Dictionary<string, int>(_open, StringComparer.Ordinal);
        var ids = new List<string>(Count);
        for (var i = _called.Count - 1; i >= 0; i--)
        {
            if (left[_called[i]]-- > 0) ids.Add(_called[i]);
        }

        ids.Reverse();
        return ids;
    }
}
