using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>A session store that keeps no journal of runs.</summary>
internal sealed class PlainStore(InMemorySessions store) : ISessionStore
{
    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) => store.FindSessionsAsync(query, cancellationToken);

    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) => store.FindRunsAsync(query, cancellationToken);

    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => store.SaveAsync(save, cancellationToken);

    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => store.DeleteAsync(session, cancellationToken);
}
