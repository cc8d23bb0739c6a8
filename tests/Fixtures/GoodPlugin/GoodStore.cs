using PluginHost.Sdk;

[assembly: Plugin("good-store", typeof(GoodPlugin.GoodStore))]

namespace GoodPlugin;

/// <summary>A session store that stores nothing.</summary>
public sealed class GoodStore(PluginContext context) : ISessionStore
{
    public PluginContext Context { get; } = context;

    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new Page<SessionRecord> { Items = [], HasMore = false });

    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new Page<RunRecord> { Items = [], HasMore = false });

    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => default;

    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => ValueTask.FromResult(0);
}
