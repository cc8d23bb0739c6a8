using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>
/// Makes sure that no host serves from a store that hosts share: the migration has a lease as a host has, and ends when another one appears.
/// Does nothing for other stores, which one process alone can open.
/// </summary>
internal sealed class MigrationLease(MigrationSide side, HostDescription self) : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Why the migration must end; null while it may continue.</summary>
    public MigrationException? Failure { get; private set; }

    /// <param name="lost">Called when a host appears.</param>
    /// <exception cref="MigrationException">A host serves.</exception>
    public async Task TakeAsync(Action lost)
    {
        if (!side.Store.IsShared) return;
        await RenewAsync();
        _loop = KeepAsync(lost);
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _loop;
        _leaving.Dispose();
        if (!side.Store.IsShared) return;
        try
        {
            await side.Store.LeaveAsync(self.Id);
        }
        catch (SessionStoreException)
        {
            // The lease ends by itself.
        }
    }

    /// <exception cref="MigrationException">A host serves.</exception>
    public async ValueTask CheckAsync()
    {
        if (side.Store.IsShared) await RenewAsync();
    }

    private async Task KeepAsync(Action lost)
    {
        using var timer = new PeriodicTimer(HostLease.RenewalInterval, side.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_leaving.Token)) await TryRenewAsync();
        }
        catch (OperationCanceledException)
        {
            // The migration has ended.
        }
        catch (MigrationException e)
        {
            Failure = e;
            lost();
        }
    }

    private async ValueTask TryRenewAsync()
    {
        try
        {
            await RenewAsync();
        }
        catch (SessionStoreException)
        {
            // The next tick tries again; without a lease the store refuses writes.
        }
    }

    private async ValueTask RenewAsync()
    {
        var hosts = await side.Store.RenewAsync(self);
        if (hosts.FirstOrDefault(h => h.IsLive && h.Host.Id != self.Id) is { } host)
        {
            throw new MigrationException(
                $"'{host.Host.Name}' uses the session store of {side.Option}. Stop it. If it was lost, start again when its lease has ended, in {Math.Ceiling(host.Remaining.TotalSeconds):0} s.");
        }
    }
}
