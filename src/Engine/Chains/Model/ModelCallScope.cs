using PluginHost.Engine.Calls;
using PluginHost.Engine.Observation;

namespace PluginHost.Engine.Chains.Model;

/// <summary>
/// One call of a model by a plugin: ends with the run that it belongs to, and claims the model's errors, so that they are not counted
/// as errors of the plugin.
/// </summary>
internal readonly struct ModelCallScope(CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _call = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, CurrentRun.Cancellation);

    public CancellationToken Token => _call.Token;

    public async ValueTask<T> AwaitAsync<T>(ValueTask<T> work)
    {
        try
        {
            return await work;
        }
        catch (Exception e)
        {
            if (!Token.IsCancellationRequested) ObservedEnd.Claim(e);
            throw;
        }
    }

    public void Dispose() => _call.Dispose();
}
