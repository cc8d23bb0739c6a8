using PluginHost.Sdk;

[assembly: Plugin("good-guard", typeof(GoodPlugin.GoodGuard), AllowSkip = false)]

namespace GoodPlugin;

/// <summary>A middleware that must not be skipped.</summary>
public sealed class GoodGuard(PluginContext context) : IRunMiddleware
{
    public PluginContext Context { get; } = context;

    public ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken) =>
        next(request, cancellationToken);
}
