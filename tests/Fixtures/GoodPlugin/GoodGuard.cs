using PluginHost.Sdk;

[assembly: Plugin<GoodPlugin.GoodGuard, NoOptions>("good-guard", AllowSkip = false)]

namespace GoodPlugin;

/// <summary>A middleware that must not be skipped.</summary>
public sealed class GoodGuard(NoOptions options, PluginContext context) : IRunMiddleware
{
    public NoOptions Options { get; } = options;

    public PluginContext Context { get; } = context;

    public ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken) =>
        next(request, cancellationToken);
}
