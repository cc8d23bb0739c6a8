using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>The orders of lists of sessions.</summary>
internal sealed class SessionOrder : IComparer<SessionRecord>
{
    private SessionOrder(Func<SessionRecord, DateTimeOffset> time) => Time = time;

    public static SessionOrder ByCreation { get; } = new(static s => s.CreatedAt);

    public static SessionOrder ByLastSave { get; } = new(static s => s.UpdatedAt);

    /// <summary>The order of a query.</summary>
    public static SessionOrder From(SessionQuery query) => query.IdleSince is null ? ByCreation : ByLastSave;

    /// <summary>The time of a session in this order.</summary>
    public Func<SessionRecord, DateTimeOffset> Time { get; }

    public int Compare(SessionRecord? x, SessionRecord? y)
    {
        if (Time(x!).CompareTo(Time(y!)) is var byTime and not 0) return byTime;
        if (string.CompareOrdinal(x!.Key.Id, y!.Key.Id) is var byId and not 0) return byId;
        return string.CompareOrdinal(x.Key.Tenant, y.Key.Tenant);
    }
}
