using System.Collections.Concurrent;
using System.Reflection;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Hosts;

/// <summary>
/// This host among those that share its session store: keeps its lease, claims sessions with it, and finds out which other hosts are gone. Does
/// nothing with a store of one host. Thread-safe.
/// </summary>
internal sealed class HostMembership(ChainHolder chains, SessionClaims claims, ClusterConfiguration settings, TimeProvider time, ILogger<HostMembership> logger)
    : IClaimSource, IDisposable
{
    private readonly string _id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly CancellationTokenSource _leaving = new();
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _leases = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<HostLease> _hosts = [];
    private Task _loop = Task.CompletedTask;
    private Task _releasing = Task.CompletedTask;
    private Task _renewal = Task.CompletedTask;
    private long _lastRenewal;
    private bool _isFailing;
    private string? _sameAddress;
    private long _sameAddressSince;
    private bool _hasWarned;

    /// <summary>Whether other hosts may use the store of this one.</summary>
    public bool IsShared => claims.Source is not null;

    /// <summary>The hosts at the last renewal, the oldest first; this one alone when the store is not shared.</summary>
    public IReadOnlyList<HostLease> Hosts => _hosts.Count > 0 ? _hosts : [new HostLease { Host = Describe(), Remaining = HostLease.Duration }];

    /// <summary>The id of this host.</summary>
    public string Id => _id;

    /// <summary>Whether this host does what one of them does for all: it is the oldest that lives.</summary>
    public bool IsFirst => Hosts.FirstOrDefault(h => h.IsLive)?.Host.Id is not { } first || first == _id;

    /// <summary>How many runs are in progress, for others to see.</summary>
    public Func<int>? CountRuns { get; set; }

    /// <summary>Takes the runs over that hosts left when they went.</summary>
    public Func<Task>? TakeRunsOver { get; set; }

    /// <summary>Joins the hosts when the store is one that they share. A database that cannot be reached is tried again.</summary>
    public async Task StartAsync()
    {
        if (!chains.Current.Store.IsShared) return;
        claims.Source = this;
        await TryRenewAsync();
        if (_hosts.Count > 0) Log.Joined(logger, Name, _id, _hosts.Count(h => h.IsLive), settings.Address?.ToString() ?? "no address (Cluster:Address)");
        _loop = RenewAsync();
    }

    /// <summary>Names this host to a store that is about to serve: the store checks writes by the claims of the host that it knows.</summary>
    public async ValueTask JoinAsync(SessionStoreClient next)
    {
        if (!IsShared) return;
        try
        {
            await next.RenewAsync(Describe());
        }
        catch (SessionStoreException)
        {
            // The next renewal tries again, and says why.
        }
    }

    /// <summary>Gives up the sessions that are not in use, and the others as soon as they are free.</summary>
    public Task BeginToLeaveAsync() => IsShared ? claims.CloseAsync() : Task.CompletedTask;

    /// <summary>Leaves the hosts, so that they need not wait for the end of the lease.</summary>
    public async Task LeaveAsync()
    {
        if (!IsShared) return;
        await _leaving.CancelAsync();
        try
        {
            // Of a database that does not answer, the lease ends by itself.
            await LeaveStoreAsync().WaitAsync(HostLease.RenewalInterval, time);
        }
        catch (Exception e) when (e is SessionStoreException or TimeoutException)
        {
            Log.NotReleased(logger, claims.Count, LoggableError.From(e));
        }
    }

    /// <summary>Cancelled when the lease of another host has ended, as far as this one knows.</summary>
    public CancellationToken LeaseOf(string hostId) => _leases.GetOrAdd(hostId, static _ => new CancellationTokenSource()).Token;

    /// <inheritdoc/>
    public async ValueTask<HostDescription?> ClaimAsync(SessionKey session)
    {
        // Also at the first claim of a host that started without its database.
        if (!HasLease) await RenewTogetherAsync();
        var owner = default(HostLease);
        await WithStoreAsync(async store => owner = await store.ClaimAsync(session, _id));
        return owner?.Host;
    }

    /// <inheritdoc/>
    public HostDescription? FindHost(string agent) => _hosts.FirstOrDefault(h => h.IsLive && h.Host.Id != _id && h.Host.Address is not null && h.Host.Agents.Contains(agent))?.Host;

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions)
    {
        try
        {
            await WithStoreAsync(store => store.ReleaseAsync(sessions, _id));
        }
        catch (SessionStoreException e)
        {
            Log.NotReleased(logger, sessions.Count, LoggableError.From(e));
        }
    }

    public void Dispose() => _leaving.Dispose();

    private async Task LeaveStoreAsync()
    {
        // A renewal that is on its way, of the loop or of a claim, would bring the lease back.
        await _loop;
        await _renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await WithStoreAsync(store => store.LeaveAsync(_id));
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(HostLease.RenewalInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_leaving.Token))
            {
                await TryRenewAsync();
                // Not awaited: the database may keep it waiting for longer than the lease lasts.
                if (_releasing.IsCompleted) _releasing = claims.ReleaseIdleAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The host leaves.
        }
    }

    private async Task TryRenewAsync()
    {
        try
        {
            await RenewTogetherAsync();
            _isFailing = false;
        }
        catch (SessionStoreException e)
        {
            // Once: the store's readiness says the same.
            if (!_isFailing) Log.NotRenewed(logger, HostLease.Duration.TotalSeconds, LoggableError.From(e));
            _isFailing = true;
        }
    }

    /// <summary>Renews the lease. Callers at the same time share the end, so that a database that does not answer keeps none of them waiting for the others.</summary>
    private Task RenewTogetherAsync()
    {
        lock (_lock) return _renewal.IsCompleted ? _renewal = Task.Run(RenewOnceAsync) : _renewal;
    }

    private async Task RenewOnceAsync()
    {
        var began = time.GetTimestamp();
        // The answer does not know hosts that join after the question.
        var watched = _leases.Keys;
        IReadOnlyList<HostLease> hosts = [];
        await WithStoreAsync(async store => hosts = await store.RenewAsync(Describe()));
        var gone = _hosts.Where(h => h.IsLive && h.Host.Id != _id && !hosts.Any(n => n.IsLive && n.Host.Id == h.Host.Id)).ToList();
        _hosts = hosts;
        WarnOfSameAddress();
        var last = Volatile.Read(ref _lastRenewal);
        var isLate = last != 0 && !HasLease;
        // Before sessions are claimed again, which needs a lease.
        Volatile.Write(ref _lastRenewal, began);
        if (isLate)
        {
            Log.RenewedLate(logger, time.GetElapsedTime(last));
            claims.LoseAll();
        }

        foreach (var host in gone) Log.HostGone(logger, host.Host.Name, host.Host.Id);
        EndLeases(watched);
        if (gone.Count > 0 && TakeRunsOver is { } takeOver) _ = takeOver();
    }

    private void EndLeases(ICollection<string> watched)
    {
        foreach (var id in watched)
        {
            if (!_hosts.Any(h => h.IsLive && h.Host.Id == id) && _leases.TryRemove(id, out var lease)) BoundedWait.Cancel(lease);
        }
    }

    private void WarnOfSameAddress()
    {
        var other = settings.Address is { } address ? _hosts.FirstOrDefault(h => h.IsLive && h.Host.Id != _id && h.Host.Address == address.ToString())?.Host : null;
        if (other?.Id != _sameAddress)
        {
            (_sameAddress, _sameAddressSince, _hasWarned) = (other?.Id, time.GetTimestamp(), false);
        }
        else if (other is not null && !_hasWarned && time.GetElapsedTime(_sameAddressSince) > HostLease.Duration)
        {
            // The lease of a process that was lost, and started again as this one, is over by then.
            Log.SameAddress(logger, other.Name, other.Id, other.Address!);
            _hasWarned = true;
        }
    }

    private HostDescription Describe() => new()
    {
        Id = _id,
        Name = Name,
        Address = settings.Address?.ToString(),
        Version = Version,
        StartedAt = _startedAt,
        Agents = chains.IsReady ? [.. chains.Current.Chains.Select(c => c.Agent.Name).Order(StringComparer.Ordinal)] : [],
        Runs = CountRuns?.Invoke() ?? 0,
    };

    /// <summary>Whether the lease lasts still, by this host's own clock, which counts from before the renewal.</summary>
    private bool HasLease => Volatile.Read(ref _lastRenewal) is not 0 and var last && time.GetElapsedTime(last) < HostLease.Duration;

    private string Name => settings.HostName.Length > 0 ? settings.HostName : Environment.MachineName;

    private static string Version { get; } =
        typeof(HostMembership).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private async ValueTask WithStoreAsync(Func<SessionStoreClient, ValueTask> call)
    {
        var set = chains.Lease();
        try
        {
            await call(set.Store);
        }
        finally
        {
            set.Release();
        }
    }
}
