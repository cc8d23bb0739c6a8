using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>A store that says that hosts share it, in memory. All sessions are of the host that asks.</summary>
internal sealed class SharedStore : ISharedSessionStore
{
    private readonly InMemorySessions _store = new();

    /// <summary>Released by each renewal.</summary>
    public SemaphoreSlim Renewals { get; } = new(0);

    /// <summary>Another host; null for none.</summary>
    public HostLease? Other { get; set; }

    /// <summary>Ends when sessions are being released.</summary>
    public TaskCompletionSource Releasing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called before each renewal.</summary>
    public Func<Task> BeforeRenewal { get; set; } = static () => Task.CompletedTask;

    /// <summary>When releases end.</summary>
    public Task Release { get; init; } = Task.CompletedTask;

    /// <summary>Waits for one more renewal.</summary>
    public async Task WaitForRenewalAsync() => Assert.True(await Renewals.WaitAsync(TimeSpan.FromSeconds(20)));

    public async ValueTask<IReadOnlyList<HostLease>> RenewAsync(HostDescription self, CancellationToken cancellationToken)
    {
        await BeforeRenewal();
        var own = new HostLease { Host = self, Remaining = HostLease.Duration };
        IReadOnlyList<HostLease> hosts = Other is { } other ? [other, own] : [own];
        Renewals.Release();
        return hosts;
    }

    public ValueTask LeaveAsync(string hostId, CancellationToken cancellationToken) => default;

    public ValueTask<HostLease?> ClaimAsync(SessionKey session, string hostId, CancellationToken cancellationToken) => new((HostLease?)null);

    public async ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions, string hostId, CancellationToken cancellationToken)
    {
        Releasing.TrySetResult();
        await Release;
    }

    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) => _store.FindSessionsAsync(query, cancellationToken);

    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) => _store.FindRunsAsync(query, cancellationToken);

    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => _store.SaveAsync(save, cancellationToken);

    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => _store.DeleteAsync(session, cancellationToken);
}
