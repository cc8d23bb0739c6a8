using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// Counts the changes of sessions in this process, before and after each. Several sessions share a number, which can only make what is known of them be
/// read again. An old and a new build of the plugin work beside each other for a while, so they count together. Thread-safe.
/// </summary>
internal static class SessionChanges
{
    private const int Count = 1 << 16;
    private const string Name = "PluginHost.Postgres.SessionChanges";

    private static readonly long[] Numbers = Share();

    public static long Get(SessionKey session) => Volatile.Read(ref Place(session));

    /// <summary>Counts one change.</summary>
    /// <returns>The new number.</returns>
    public static long Add(SessionKey session) => Interlocked.Increment(ref Place(session));

    private static ref long Place(SessionKey session) => ref Numbers[(uint)HashCode.Combine(session.Tenant, session.Id) % Count];

    private static long[] Share()
    {
        // Builds load into different contexts, so their statics differ. A string literal is one object in the process.
        lock (string.Intern(Name))
        {
            if (AppContext.GetData(Name) is long[] known) return known;
            var made = new long[Count];
            AppContext.SetData(Name, made);
            return made;
        }
    }
}
