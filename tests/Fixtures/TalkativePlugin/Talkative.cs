using System.Diagnostics.Metrics;
using PluginHost.Sdk;

[assembly: Plugin("talkative", typeof(TalkativePlugin.Talkative))]

namespace TalkativePlugin;

/// <summary>A plugin that emits spans and a metric through its context.</summary>
public sealed class Talkative(PluginContext context) : IContextProvider, IRunMiddleware
{
    private readonly Counter<int> _lookups = context.Meter.CreateCounter<int>("talkative.lookups", "{lookup}");

    public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        using var span = context.ActivitySource.StartActivity("look up");
        await Task.Yield();
        _lookups.Add(1);
        return ContextContribution.Empty;
    }

    public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
    {
        using (context.ActivitySource.StartActivity("before")) await Task.Yield();
        var response = await next(request, cancellationToken);
        using (context.ActivitySource.StartActivity("after")) await Task.Yield();
        return response;
    }
}
