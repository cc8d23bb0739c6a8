using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain.Kept;

/// <summary>Keeps the last explanations in memory, within so many bytes for each tenant and for all. Thread-safe.</summary>
internal sealed class ExplanationRing(ExplainConfiguration settings)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Kept> _kept = [];
    private readonly Dictionary<(string Tenant, string Run), LinkedListNode<Kept>> _byRun = [];
    private readonly Dictionary<string, long> _bytesOf = new(StringComparer.Ordinal);

    /// <summary>How many bytes are kept.</summary>
    public long Bytes { get; private set; }

    public byte[]? Find(SessionKey session, string runId)
    {
        lock (_lock) return _byRun.TryGetValue((session.Tenant, runId), out var node) && node.Value.Session == session ? node.Value.Document : null;
    }

    /// <summary>Those of a session, the oldest first.</summary>
    public List<(string RunId, byte[] Document)> List(SessionKey session)
    {
        lock (_lock) return [.. _kept.Where(k => k.Session == session).Select(k => (k.RunId, k.Document))];
    }

    /// <summary>Keeps an explanation instead of an earlier one of the run, unless it is larger than all there is room for.</summary>
    public void Add(SessionKey session, string runId, byte[] document)
    {
        lock (_lock)
        {
            RemoveOf(session.Tenant, runId);
            if (document.Length > settings.TenantBytes || document.Length > settings.Bytes) return;
            _byRun[(session.Tenant, runId)] = _kept.AddLast(new Kept(session, runId, document));
            Bytes += document.Length;
            _bytesOf[session.Tenant] = _bytesOf.GetValueOrDefault(session.Tenant) + document.Length;
            Evict(session.Tenant);
        }
    }

    public void Remove(SessionKey session, string runId)
    {
        lock (_lock) RemoveOf(session.Tenant, runId);
    }

    public void Remove(SessionKey session)
    {
        lock (_lock)
        {
            for (var node = _kept.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Session == session) Remove(node);
                node = next;
            }
        }
    }

    private void Evict(string tenant)
    {
        for (var node = _kept.First; node is not null && _bytesOf[tenant] > settings.TenantBytes;)
        {
            var next = node.Next;
            if (node.Value.Session.Tenant == tenant) Remove(node);
            node = next;
        }

        while (Bytes > settings.Bytes) Remove(_kept.First!);
    }

    private void RemoveOf(string tenant, string runId)
    {
        if (_byRun.TryGetValue((tenant, runId), out var node)) Remove(node);
    }

    private void Remove(LinkedListNode<Kept> node)
    {
        var kept = node.Value;
        _kept.Remove(node);
        _byRun.Remove((kept.Session.Tenant, kept.RunId));
        Bytes -= kept.Document.Length;
        if ((_bytesOf[kept.Session.Tenant] -= kept.Document.Length) == 0) _bytesOf.Remove(kept.Session.Tenant);
    }

    private sealed record Kept(SessionKey Session, string RunId, byte[] Document);
}
