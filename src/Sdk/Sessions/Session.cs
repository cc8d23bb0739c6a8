using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>A session in a run. Thread-safe. Only its state can change, and each plugin instance changes only its own.</summary>
public sealed class Session
{
    private static readonly IReadOnlyDictionary<string, JsonElement> NoState = ReadOnlyDictionary<string, JsonElement>.Empty;

    private readonly IReadOnlyDictionary<string, JsonElement> _saved;
    private ConcurrentDictionary<string, SessionState>? _opened;
    private RunItems? _items;

    /// <summary>Creates a session.</summary>
    /// <param name="key">The session's key.</param>
    /// <param name="state">The saved state by scope; each value is a JSON object. Null for none.</param>
    internal Session(SessionKey key, IReadOnlyDictionary<string, JsonElement>? state = null)
    {
        Key = key;
        _saved = state ?? NoState;
    }

    /// <summary>Tenant and id.</summary>
    public SessionKey Key { get; }

    /// <summary>The session's id, as callers use it.</summary>
    public string Id => Key.Id;

    /// <summary>Whether no run of this session has been saved yet.</summary>
    public bool IsNew { get; internal init; }

    /// <summary>The session's id at the model service that keeps the history; null when the service keeps none.</summary>
    public string? ServiceSessionId { get; internal init; }

    /// <summary>When the session was created, in UTC.</summary>
    public DateTimeOffset CreatedAt { get; internal init; }

    /// <summary>The caller's metadata of the session.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; internal init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Reads a value of the current state of any plugin instance in this run.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="scope">The instance's source id: the plugin's name, or <c>plugin/name</c> when its entry has a name.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, a new object on every call; the default when there is none.</param>
    /// <returns>Whether there is a value.</returns>
    /// <exception cref="JsonException">The stored JSON is not a valid <typeparamref name="T"/>.</exception>
    public bool TryReadState<T>(string scope, StateKey<T> key, [MaybeNullWhen(false)] out T value) => Open(scope).TryGet(key, out value);

    /// <summary>What plugin instances keep for the run that this session is in.</summary>
    internal RunItems Items => _items ?? Interlocked.CompareExchange(ref _items, new(), null) ?? _items;

    /// <summary>Ends the run's items.</summary>
    /// <returns>What has to be disposed, in order; empty when nothing was kept.</returns>
    internal IReadOnlyList<(string SourceId, object Value)> EndItems() => _items?.End() ?? [];

    /// <summary>Gets the writable state of a scope. The host gives it only to the scope's owner.</summary>
    internal SessionState Open(string scope)
    {
        var opened = _opened ?? Interlocked.CompareExchange(ref _opened, new(StringComparer.Ordinal), null) ?? _opened;
        return opened.GetOrAdd(
            scope,
            static (name, saved) => saved.TryGetValue(name, out var json) ? new SessionState(json) : new SessionState(),
            _saved);
    }

    /// <summary>Captures the current state; returns the saved state when nothing was written.</summary>
    internal IReadOnlyDictionary<string, JsonElement> CaptureState()
    {
        if (_opened is null || !_opened.Values.Any(s => s.IsChanged)) return _saved;
        var all = new Dictionary<string, JsonElement>(_saved, StringComparer.Ordinal);
        foreach (var (scope, state) in _opened)
        {
            if (!state.IsChanged) continue;
            if (state.IsEmpty) all.Remove(scope);
            else all[scope] = state.ToJson();
        }

        return all;
    }
}
