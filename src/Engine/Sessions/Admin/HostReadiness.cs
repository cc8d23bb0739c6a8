using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Whether the plugins in use can do their work. What was found holds for a second, however many ask. Thread-safe.</summary>
internal sealed class HostReadiness : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly ChainHolder _chains;
    private readonly PluginCaller _caller;
    private readonly HostEvents _events;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1);
    private Readiness _found = new([], []);
    private IReadOnlyList<ProblemError> _logged = [];
    private long? _asked;

    internal HostReadiness(ChainHolder chains, PluginCaller caller, HostEvents events, ILogger<HostReadiness> logger) =>
        (_chains, _caller, _events, _logger) = (chains, caller, events, logger);

    public async ValueTask<Readiness> CheckAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_asked is { } asked && _caller.Time.GetElapsedTime(asked) < Fresh) return _found;
            _found = Publish(await AskAsync());
            _asked = _caller.Time.GetTimestamp();
            return _found;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Everyone may ask, so that paths are for the log, which has what is new.</summary>
    private Readiness Publish(Readiness found)
    {
        foreach (var trouble in found.Unhealthy.Except(_logged)) Log.NotReady(_logger, trouble.Path, trouble.Message);
        foreach (var trouble in found.Degraded.Except(_logged)) Log.Degraded(_logger, trouble.Path, trouble.Message);
        if (!found.Unhealthy.Concat(found.Degraded).SequenceEqual(_logged))
            _events.Publish(new HostEvent.ReadinessChanged([.. found.Unhealthy.Select(t => t.Path)], [.. found.Degraded.Select(t => t.Path)]));
        _logged = [.. found.Unhealthy, .. found.Degraded];
        return new Readiness([.. found.Unhealthy.Select(ForCallers)], [.. found.Degraded.Select(ForCallers)]);
    }

    private static ProblemError ForCallers(ProblemError trouble) => trouble with { Message = CallerText.HidePaths(trouble.Message) };

    private async ValueTask<Readiness> AskAsync()
    {
        var set = _chains.Lease();
        try
        {
            var found = await HealthCheck.AskAsync(set, _caller);
            return await ProbeAsync(set.Store) is { } unanswered ? found with { Unhealthy = [.. found.Unhealthy, unanswered] } : found;
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>Asks a store that did not answer last time, because callers may have been sent elsewhere since.</summary>
    private static async ValueTask<ProblemError?> ProbeAsync(SessionStoreClient store)
    {
        if (!store.HasTimedOut) return null;
        try
        {
            await store.FindAsync(new SessionKey("readiness", "readiness"), CancellationToken.None);
            return null;
        }
        catch (SessionStoreException e)
        {
            return new ProblemError(store.Plugin.SourceId, e.Message);
        }
    }
}
