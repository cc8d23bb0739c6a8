using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>The sessions of one tenant. Not thread-safe.</summary>
internal sealed class TenantSessions
{
    private readonly Dictionary<string, StoredSession> _sessions = new(StringComparer.Ordinal);
    private readonly SessionIndex _byCreation;
    private readonly SessionIndex _byLastSave;

    public TenantSessions()
    {
        _byCreation = new(id => Find(id)?.Session, SessionOrder.ByCreation.Time);
        _byLastSave = new(id => Find(id)?.Session, SessionOrder.ByLastSave.Time);
    }

    public int Count => _sessions.Count;

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<StoredSession> All => _sessions.Values;

    public StoredSession? Find(string id) => _sessions.GetValueOrDefault(id);

    public StoredSession Add(SessionRecord session)
    {
        var added = new StoredSession(session);
        _sessions.Add(session.Key.Id, added);
        _byCreation.Add(session);
        _byLastSave.Add(session);
        return added;
    }

    /// <summary>Replaces the record of a session.</summary>
    public void Save(StoredSession entry, SessionRecord session)
    {
        var before = entry.Session;
        entry.Session = session;
        Move(_byCreation, SessionOrder.ByCreation, before, session);
        Move(_byLastSave, SessionOrder.ByLastSave, before, session);
    }

    public void Remove(string id)
    {
        _sessions.Remove(id);
        _byCreation.Leave();
        _byLastSave.Leave();
    }

    public SessionIndex In(SessionOrder order) => order == SessionOrder.ByCreation ? _byCreation : _byLastSave;

    private static void Move(SessionIndex index, SessionOrder order, SessionRecord before, SessionRecord now)
    {
        if (order.Time(before) == order.Time(now)) return;
        index.Add(now);
        index.Leave();
    }
}
