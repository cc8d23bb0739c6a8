using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Access;

/// <summary>
/// The browsers that are logged in by a key, in memory only. A browser has a random id, never the key. A session ends with its key, when it
/// is idle for too long, when it is removed, and with the process. Thread-safe.
/// </summary>
internal sealed class ConsoleSessions(ApiKeys keys, ServerConfiguration server, TimeProvider time)
{
    /// <summary>How long a session lives without a request.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);

    /// <summary>How many there are at most: one more ends the one that was idle for longest, of the key that has most.</summary>
    public const int Capacity = 1000;

    // By the hash of the id, so that the time of a look-up says nothing of other ids.
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Begins a session.</summary>
    /// <param name="key">An API key.</param>
    /// <returns>The session's id, for its cookie; null when the key is not known, or there is no console.</returns>
    public string? Create(string key)
    {
        if (!server.Console || !keys.AreRequired || keys.Find(key) is null) return null;
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _sessions[HashOf(id)] = new Session(ApiKeys.HashOf(key)) { LastUsed = time.GetUtcNow() };
        Trim();
        return id;
    }

    /// <summary>Ends a session; does nothing when there is none.</summary>
    public void Remove(string id) => _sessions.TryRemove(HashOf(id), out _);

    /// <summary>The owner of the key of a session; null when there is no such session any more.</summary>
    /// <param name="id">The session's id.</param>
    /// <param name="isUse">Whether the session begins to be idle anew.</param>
    public Caller? Find(string id, bool isUse)
    {
        var place = HashOf(id);
        if (!_sessions.TryGetValue(place, out var session)) return null;
        var now = time.GetUtcNow();
        if (now - session.LastUsed >= Idle || keys.FindHash(session.KeyHash) is not { } caller)
        {
            _sessions.TryRemove(place, out _);
            return null;
        }

        if (isUse) session.LastUsed = now;
        return caller;
    }

    private void Trim()
    {
        if (_sessions.Count <= Capacity) return;
        // So that one key cannot end the sessions of others.
        var most = _sessions.ToArray().GroupBy(s => Convert.ToHexStringLower(s.Value.KeyHash)).MaxBy(g => g.Count())!;
        foreach (var (place, _) in most.OrderBy(s => s.Value.LastUsed).Take(_sessions.Count - Capacity)) _sessions.TryRemove(place, out _);
    }

    private static string HashOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    private sealed class Session(byte[] keyHash)
    {
        private long _lastUsed;

        public byte[] KeyHash { get; } = keyHash;

        public DateTimeOffset LastUsed
        {
            get => new(Volatile.Read(ref _lastUsed), TimeSpan.Zero);
            set => Volatile.Write(ref _lastUsed, value.UtcTicks);
        }
    }
}
