using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>The sessions of one tenant. Not thread-safe.</summary>
internal sealed class TenantSessions
{
    private readonly Dictionary<string, StoredSession> _sessions = new(StringComparer.Ordinal);
    private readonly SessionOrder _byCreation;
    private readonly SessionOrder _byLastSave;

    public TenantSessions()
    {
        _byCreation = new(id => Find(id)?.Session, SessionPlace.ByCreation.Time);
        _byLastSave = new(id => Find(id)?.Session, SessionPlace.ByLastSave.Time);
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
        Move(_byCreation, SessionPlace.ByCreation, before, session);
        Move(_byLastSave, SessionPlace.ByLastSave, before, session);
    }

    public void Remove(string id)
    {
        _sessions.Remove(id);
        _byCreation.Leave();
        _byLastSave.Leave();
    }

    public SessionOrder In(SessionPlace place) => place == SessionPlace.ByCreation ? _byCreation : _byLastSave;

    private static void Move(SessionOrder order, SessionPlace place, SessionRecord before, SessionRecord now)
    {
        if (place.Time(before) == place.Time(now)) return;
        order.Add(now);
        order.Leave();
    }
}
