using PluginHost.Sdk;

[assembly: Plugin<SlowPlugin.Slow, NoOptions>("slow")]

namespace SlowPlugin;

/// <summary>A context provider that waits until its token is cancelled.</summary>
public sealed class Slow(NoOptions options, PluginContext context) : IContextProvider
{
    public NoOptions Options { get; } = options;

    public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, context.TimeProvider, cancellationToken);
        return ContextContribution.Empty;
    }
}
