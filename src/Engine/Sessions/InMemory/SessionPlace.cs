using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>The orders of lists of sessions.</summary>
internal sealed class SessionPlace : IComparer<SessionRecord>
{
    private readonly Func<SessionRecord, DateTimeOffset> _time;

    private SessionPlace(Func<SessionRecord, DateTimeOffset> time) => _time = time;

    public static SessionPlace ByCreation { get; } = new(static s => s.CreatedAt);

    public static SessionPlace ByLastSave { get; } = new(static s => s.UpdatedAt);

    public int Compare(SessionRecord? x, SessionRecord? y)
    {
        if (_time(x!).CompareTo(_time(y!)) is var byTime and not 0) return byTime;
        if (string.CompareOrdinal(x!.Key.Id, y!.Key.Id) is var byId and not 0) return byId;
        return string.CompareOrdinal(x.Key.Tenant, y.Key.Tenant);
    }
}
