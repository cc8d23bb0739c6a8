using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>Looks session records up.</summary>
internal static class SessionLookup
{
    public static async ValueTask<SessionRecord?> FindAsync(ISessionStore store, SessionKey key, CancellationToken cancellationToken)
    {
        var page = await store.FindSessionsAsync(new SessionQuery(key.Tenant) { Id = key.Id, Limit = 1 }, cancellationToken);
        return page.Items.Count > 0 ? page.Items[0] : null;
    }

    /// <exception cref="ProblemException">404.</exception>
    public static async ValueTask<SessionRecord> RequireAsync(ISessionStore store, SessionKey key, CancellationToken cancellationToken) =>
        await FindAsync(store, key, cancellationToken) ?? throw ProblemException.SessionNotFound(key.Id);

    public static ProblemException UnknownCursor(string parameter, string cursor) =>
        ProblemException.Invalid(new ProblemError(parameter, $"'{cursor}' is not in this list", "an id from an earlier page"));
}
