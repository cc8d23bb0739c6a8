using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Http;

/// <summary>The newest messages of each session in memory. Thread-safe. It forgets nothing: a server of a benchmark does not live long.</summary>
internal sealed class MemoryWindows
{
    private readonly ConcurrentDictionary<string, ChatMessage[]> _windows = new();

    /// <summary>Returns a copy; null if no message of the session was added.</summary>
    public List<ChatMessage>? Read(string session) => _windows.TryGetValue(session, out var window) ? [.. window] : null;

    /// <summary>Adds messages after those that are there.</summary>
    public void Add(string session, IReadOnlyList<ChatMessage> messages) =>
        _windows.AddOrUpdate(session, static (_, added) => Newest([], added), static (_, window, added) => Newest(window, added), messages);

    private static ChatMessage[] Newest(ChatMessage[] window, IReadOnlyList<ChatMessage> added)
    {
        var newest = new ChatMessage[Math.Min(IRunBackend.Window, window.Length + added.Count)];
        var fromAdded = Math.Min(newest.Length, added.Count);
        for (var i = 0; i < fromAdded; i++) newest[^(i + 1)] = added[added.Count - 1 - i];
        var fromWindow = newest.Length - fromAdded;
        window.AsSpan(window.Length - fromWindow).CopyTo(newest);
        return newest;
    }
}
