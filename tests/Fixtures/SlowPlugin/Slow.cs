using PluginHost.Sdk;

[assembly: Plugin("slow", typeof(SlowPlugin.Slow))]

namespace SlowPlugin;

/// <summary>A context provider that waits until its token is cancelled.</summary>
public sealed class Slow(PluginContext context) : IContextProvider
{
    public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, context.TimeProvider, cancellationToken);
        return ContextContribution.Empty;
    }
}
