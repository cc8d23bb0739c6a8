using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Sends a run through its chain within its time, and says how that ended. Stateless.</summary>
internal sealed class ChainInvocation(PluginCaller caller, ILogger logger)
{
    /// <summary>Never throws.</summary>
    public async ValueTask<ChainOutcome> InvokeAsync(RunContext run)
    {
        var (handle, timeout) = (run.Handle, run.Set.Settings.RunTimeout);
        // Not for the completion: observers may ask a model after a run that was cancelled.
        CurrentRun.Begin(run.Record.Id, handle.Cancellation);
        using var timer = caller.Time.CreateTimer(static state => ((RunHandle)state!).TimeOut(), handle, timeout, Timeout.InfiniteTimeSpan);
        try
        {
            await run.Chain.InvokeAsync(RequestFactory.Create(run), run, handle.Cancellation);
            return handle.IsCancelled ? ChainOutcome.Cancelled : ChainOutcome.Completed;
        }
        catch (Exception) when (handle.IsCancelled)
        {
            return ChainOutcome.Cancelled;
        }
        catch (Exception e)
        {
            var outcome = handle.IsTimedOut
                ? ChainOutcome.Failed(ErrorTypes.RunTimeout, $"The run took longer than {timeout} (Sessions:RunTimeout).")
                : ChainOutcome.From(e, run);
            if (outcome.Error!.Type == ErrorTypes.RunRefused)
            {
                Log.RunRefused(logger, run.Record.Id, (e as PluginRefusalException)?.SourceId, outcome.Error.Code);
                return outcome;
            }

            if (ReferenceEquals(e, run.ModelError) && run.Chain.Agent.Model.Plugin is { } client) caller.LogFailure(client, "ChatClient", e);
            if (!handle.IsTimedOut) FailedPlugins.Blame(run, e);
            Log.RunFailed(logger, run.Record.Id, run.Record.Session.Id, outcome.Error.Type, caller.Observer.TraceId ?? "untraced", outcome.ShowsStack ? LoggableError.From(e) : null);
            if (outcome.Details is { } details) Log.FailureDetails(logger, run.Record.Id, details);
            return outcome;
        }
        finally
        {
            // A plugin that was abandoned may still try to write.
            await handle.Delivery.Output.CompleteAsync(CancellationToken.None);
        }
    }
}
