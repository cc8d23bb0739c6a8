using System.Text.Json.Nodes;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Activation;

namespace PluginHost.Engine.Chains.Building;

/// <summary>
/// Moves what only one build of a plugin can hold from the instances of a changed plugin to those of its next build, and back when
/// the next generation fails. Runs that use an old instance call its successor from then on. Not thread-safe.
/// </summary>
internal sealed class ResourceHandover(PluginCaller caller, ILogger logger) : ITakeover
{
    private readonly List<(PluginInstance Old, PluginInstance Next)> _pairs = [];
    private readonly List<PluginInstance> _started = [];
    private bool _hasBegun;

    /// <summary>The instances that take resources over.</summary>
    public IEnumerable<PluginInstance> Successors => _pairs.Select(p => p.Next).Distinct();

    /// <summary>The successors that have been started, also when the handover failed.</summary>
    public IReadOnlyList<PluginInstance> Started => _started;

    public bool IsUsed => _pairs.Count > 0;

    private IEnumerable<HandoverGate> Gates => _pairs.Select(p => p.Old.Slot!.Gate).Distinct();

    /// <summary>
    /// Finds the successor of each old instance. One that the new configuration does not have any more gets one all the same, for its runs
    /// that have not ended.
    /// </summary>
    /// <param name="scope">The next generation; gets the errors.</param>
    /// <param name="live">The sets of chains that may still be called.</param>
    public async ValueTask PlanAsync(ActivationScope scope, IReadOnlyList<ChainSet> live)
    {
        var next = scope.Instances.Where(p => p.Slot is not null).ToList();
        foreach (var old in live.SelectMany(s => s.Plugins).Where(p => p.Slot is { IsHandedOver: false }).Distinct())
        {
            if (!next.Exists(n => n.Slot!.Gate == old.Slot!.Gate && n.Descriptor!.Image != old.Descriptor!.Image)) continue;
            var successor = next.Find(n => Continues(n, old)) ?? await scope.ActivateAsync(old.Entry, old.Agent);
            if (successor is null) return;
            if (!next.Contains(successor)) next.Add(successor);
            _pairs.Add((old, successor));
        }
    }

    /// <summary>Hands over.</summary>
    /// <param name="timeout">How long calls may be held back.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="PluginException">A plugin failed; call <see cref="RevertAsync"/>.</exception>
    /// <exception cref="TimeoutException">It took too long; call <see cref="RevertAsync"/>.</exception>
    public async ValueTask HandOverAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_pairs.Count == 0) return;
        using var deadline = new CancellationTokenSource(timeout, caller.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        _hasBegun = true;
        try
        {
            foreach (var gate in Gates) await gate.CloseAsync(either.Token);
            foreach (var (old, _) in _pairs) await PluginLifetime.ReleaseAsync(old, caller, either.Token);
            foreach (var next in Successors)
            {
                await PluginLifetime.StartAsync(next, caller, either.Token);
                _started.Add(next);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"It took longer than {timeout.TotalSeconds:0.###} s (PluginLoading:HandoverTimeout).");
        }

        foreach (var (old, next) in _pairs) old.Slot!.HandTo(next.Slot);
        OpenGates();
    }

    /// <summary>Gives everything back to the old instances. Never throws.</summary>
    public async ValueTask RevertAsync()
    {
        if (!_hasBegun) return;
        _hasBegun = false;
        using var patience = new CancellationTokenSource(BoundedWait.Grace, caller.Time);
        foreach (var gate in Gates) await TryAsync(null, () => new ValueTask(gate.CloseAsync(patience.Token)));
        foreach (var next in Successors) await TryAsync(next, () => PluginLifetime.ReleaseAsync(next, caller, CancellationToken.None));
        foreach (var (old, _) in _pairs)
        {
            await TryAsync(old, () => PluginLifetime.AcquireAsync(old, caller, CancellationToken.None));
            old.Slot!.HandTo(null);
        }

        OpenGates();
    }

    private void OpenGates()
    {
        foreach (var gate in Gates) gate.Open();
    }

    private async ValueTask TryAsync(PluginInstance? plugin, Func<ValueTask> step)
    {
        try
        {
            await step();
        }
        catch (Exception e)
        {
            Log.HandoverNotReverted(logger, plugin?.SourceId ?? "", LoggableError.From(e));
        }
    }

    private static bool Continues(PluginInstance next, PluginInstance old) =>
        next.Agent == old.Agent && next.SourceId == old.SourceId && JsonNode.DeepEquals(next.Entry.Options.Json, old.Entry.Options.Json);
}
