using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>Disposes what plugins kept for a run, when it has ended. Stateless.</summary>
internal sealed class RunItemDisposal(PluginCaller caller, ILogger logger)
{
    /// <summary>Disposes the items of a run, the last one first, each within its plugin's timeout. Never throws.</summary>
    public async ValueTask DisposeAsync(RunContext run)
    {
        // A run that was refused has no session.
        if (run.Session is null) return;
        foreach (var (sourceId, item) in run.Session.EndItems())
        {
            if (item is not (IAsyncDisposable or IDisposable) || run.Chain.Plugins.FirstOrDefault(p => p.SourceId == sourceId) is not { } plugin) continue;
            try
            {
                await caller.CallUnobservedAsync(new PluginCall(plugin, HostOperation.PluginDispose), item, static (i, _) => AnyDisposal.DisposeAsync(i), CancellationToken.None);
            }
            catch (PluginException e)
            {
                Log.AfterWorkFailed(logger, sourceId, run.Record.Id, LoggableError.From(e));
            }
        }
    }
}
