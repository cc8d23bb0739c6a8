using System.Diagnostics.CodeAnalysis;

namespace PluginHost.Files.Sessions;

/// <summary>The explanations of all runs by their files, and of each tenant in the order of their writes. Holds no content. The caller synchronises.</summary>
internal sealed class ExplanationIndex
{
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<SessionKey, HashSet<string>> _sessions = [];

    /// <summary>Adds or replaces the newest one of a tenant.</summary>
    public void Put(SessionKey session, string path, long size)
    {
        Remove(path);
        if (!_tenants.TryGetValue(session.Tenant, out var tenant)) _tenants[session.Tenant] = tenant = new Tenant();
        _entries[path] = tenant.ByWrite.AddLast(new Entry(session, path, size));
        tenant.Bytes += size;
        if (!_sessions.TryGetValue(session, out var paths)) _sessions[session] = paths = new(StringComparer.Ordinal);
        paths.Add(path);
    }

    public void Remove(string path)
    {
        if (!_entries.Remove(path, out var node)) return;
        var (session, _, size) = node.Value;
        var tenant = _tenants[session.Tenant];
        tenant.ByWrite.Remove(node);
        tenant.Bytes -= size;
        if (tenant.ByWrite.Count == 0) _tenants.Remove(session.Tenant);
        if (_sessions[session].Remove(path) && _sessions[session].Count == 0) _sessions.Remove(session);
    }

    /// <summary>Finds the oldest one of a tenant that has more bytes than allowed.</summary>
    public bool TryFindOldest(string tenant, long maxBytes, [MaybeNullWhen(false)] out string path)
    {
        path = _tenants.TryGetValue(tenant, out var found) && found.Bytes > maxBytes ? found.ByWrite.First!.Value.Path : null;
        return path is not null;
    }

    /// <summary>The files of a session.</summary>
    public IReadOnlyList<string> List(SessionKey session) => _sessions.TryGetValue(session, out var paths) ? [.. paths] : [];

    public void Clear()
    {
        _entries.Clear();
        _tenants.Clear();
        _sessions.Clear();
    }

    private sealed record Entry(SessionKey Session, string Path, long Size);

    private sealed class Tenant
    {
        public LinkedList<Entry> ByWrite { get; } = new();

        public long Bytes { get; set; }
    }
}
