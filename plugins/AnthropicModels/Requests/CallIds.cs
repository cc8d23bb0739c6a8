namespace PluginHost.AnthropicModels.Requests;

/// <summary>The ids of calls in one request. The service takes only some characters, and each id once; other models' ids may have more, and repeat.</summary>
internal sealed class CallIds
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _repeats = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<string>> _open = new(StringComparer.Ordinal);

    public string OfCall(string callId)
    {
        var allowed = ToAllowed(callId);
        var id = allowed;
        while (!_used.Add(id)) id = $"{allowed}_{_repeats[allowed] = _repeats.GetValueOrDefault(allowed) + 1}";
        if (!_open.TryGetValue(callId, out var open)) _open[callId] = open = new Queue<string>();
        open.Enqueue(id);
        return id;
    }

    /// <summary>Results of calls with the same id come in the order of the calls.</summary>
    public string OfResult(string callId) => _open.TryGetValue(callId, out var open) && open.TryDequeue(out var id) ? id : ToAllowed(callId);

    private static string ToAllowed(string id) =>
        id.Length == 0 ? "call" : string.Concat(id.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));
}
