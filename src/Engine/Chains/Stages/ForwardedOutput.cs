using System.Runtime.ExceptionServices;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>
/// Ends the outputs that a run middleware put before its own, innermost first, so that held-back text is passed on, whatever happened
/// behind; and names the middleware when its change of the output is what broke.
/// </summary>
internal sealed class ForwardedOutput(PluginInstance plugin, PluginCaller caller, Action<PluginException> lateError)
{
    /// <summary>What follows has returned.</summary>
    public async ValueTask EndAsync(RunOutput passedOn, RunOutput own, CancellationToken cancellationToken)
    {
        try
        {
            await CompleteAsync(passedOn, own, cancellationToken);
        }
        catch (Exception e)
        {
            ExceptionDispatchInfo.Throw(Named(passedOn, own, e));
        }
    }

    /// <summary>What follows has thrown.</summary>
    /// <returns>The error to throw on: the first one, named after the middleware when it came from its change.</returns>
    public async ValueTask<Exception> EndAsync(RunOutput passedOn, RunOutput own, Exception first, CancellationToken cancellationToken)
    {
        try
        {
            await CompleteAsync(passedOn, own, cancellationToken);
        }
        catch (Exception e) when (e == first)
        {
            // The change broke before, and says so again.
        }
        catch (Exception e)
        {
            lateError(Named(passedOn, own, e) as PluginException ?? Failure(e));
        }

        return Named(passedOn, own, first);
    }

    private async ValueTask CompleteAsync(RunOutput passedOn, RunOutput own, CancellationToken cancellationToken)
    {
        for (var output = passedOn; output is not null && output != own; output = output.Target)
        {
            var completing = output.CompleteAsync(CancellationToken.None);
            if (completing.IsCompletedSuccessfully) continue;
            var task = completing.AsTask();
            try
            {
                await task.WaitAsync(cancellationToken.IsCancellationRequested ? BoundedWait.Grace : plugin.Entry.Host.Timeout, caller.Time, CancellationToken.None);
            }
            catch (TimeoutException e) when (!task.IsCompleted)
            {
                BoundedWait.Forget(task);
                throw Failure(e, timedOut: true);
            }
        }
    }

    private Exception Named(RunOutput passedOn, RunOutput own, Exception e)
    {
        for (var output = passedOn; output is not null && output != own; output = output.Target)
        {
            if (output.ChangeError == e) return Error(e);
        }

        return e;
    }

    private Exception Error(Exception e) => e is RunRefusedException refusal ? new PluginRefusalException(plugin.SourceId, refusal) : Failure(e);

    private PluginException Failure(Exception e, bool timedOut = false)
    {
        caller.LogFailure(plugin.Entry, nameof(RunOutput.Through), e);
        return new(plugin.SourceId, nameof(RunOutput.Through), e, timedOut);
    }
}
