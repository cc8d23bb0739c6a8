using PluginHost.Sdk;

namespace MisbehavingPlugin;

/// <summary>A run middleware that does what it should not.</summary>
public sealed class MisbehavingMiddleware(Misbehaviour options, IPluginContext context) : IRunMiddleware
{
    private int _calls;

    public IPluginContext Context { get; } = context;

    public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _calls) <= options.After) return await next(request, cancellationToken);
        await Deeds.DoAsync(options.Does, request);
        if (options.Does == Wrong.ThrowsInNext) request = request with { Output = request.Output.Through(static _ => throw new InvalidOperationException("I throw in between.")) };
        var response = await next(request, cancellationToken);
        if (options.Does == Wrong.ChangesMessages)
        {
            Deeds.Change(response.Messages);
            Deeds.Change(request.Output.Updates);
        }

        return options.Does switch
        {
            Wrong.ThrowsAfter => throw new InvalidOperationException("I throw afterwards."),
            Wrong.ReturnsNull => null!,
            Wrong.CallsNextTwice => await next(request, cancellationToken),
            _ => response,
        };
    }
}
