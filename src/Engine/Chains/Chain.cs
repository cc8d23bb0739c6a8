using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>An agent's built chain: immutable, replaced whole. Runs go through it side by side.</summary>
internal sealed class Chain
{
    private readonly Stage _first;
    private readonly HostObserver _observer;

    internal Chain(AgentConfiguration agent, IReadOnlyList<PluginInstance> plugins, Stage first, IChatClient model, TokenBudget budget, HostObserver observer)
    {
        Agent = agent;
        Server = agent.Model.Plugin is null ? model.GetService<IModelServer>() : null;
        Plugins = plugins;
        Client = model;
        Budget = budget;
        _first = first;
        _observer = observer;
        LoadingHistory = plugins.FirstOrDefault(p => p.History is not null && p.Entry.Host.Load)
            ?? throw new ArgumentException("A chain has a history that loads.", nameof(plugins));
    }

    public AgentConfiguration Agent { get; }

    /// <summary>The instances in order; the first is outermost. An in-memory history that the host added is among them.</summary>
    public IReadOnlyList<PluginInstance> Plugins { get; }

    /// <summary>The model's server, for calls that are not a run; null when the agent's client has none.</summary>
    public IModelServer? Server { get; }

    /// <summary>The agent's client, unobserved.</summary>
    public IChatClient Client { get; }

    /// <summary>How many tokens its requests may have.</summary>
    public TokenBudget Budget { get; }

    /// <summary>The history that holds the agent's sessions.</summary>
    public PluginInstance LoadingHistory { get; }

    /// <summary>Runs the chain once.</summary>
    /// <exception cref="PluginException">A plugin failed and is not to be skipped.</exception>
    public ValueTask InvokeAsync(RunRequest request, RunContext run, CancellationToken cancellationToken) => _observer.Observes(run.Observed)
        ? InvokeObservedAsync(request, run, cancellationToken)
        : _first.InvokeAsync(request, run, cancellationToken);

    private async ValueTask InvokeObservedAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        var operation = new ObservedOperation(HostOperation.InvokeAgent) { Run = run.Observed };
        var observed = _observer.Begin(operation);
        var end = default(ObservedEnd);
        try
        {
            await _first.InvokeAsync(request, run, cancellationToken);
        }
        catch (Exception e)
        {
            end = ObservedEnd.From(operation, e);
            throw;
        }
        finally
        {
            // Also of an agent that failed or was stopped: the model was called.
            var output = run.Handle.Delivery.Output;
            _observer.End(observed, operation, end with { Usage = run.ResponseAt(output, 0, output.Written.Count).Usage });
        }
    }
}
