using PluginHost.Sdk;

namespace MisbehavingPlugin;

/// <summary>A run middleware with a configured fault.</summary>
public sealed class MisbehavingMiddleware(Misbehaviour options, PluginContext context) : IRunMiddleware
{
    private int _calls;

    public PluginContext Context { get; } = context;

    public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _calls) <= options.After) return await next(request, cancellationToken);
        await Faults.ApplyAsync(options.Does, request);
        if (options.Does == Fault.ThrowsInNext) request = request with { Output = request.Output.Through(static _ => throw new InvalidOperationException("Thrown inside next.")) };
        var response = await next(request, cancellationToken);
        if (options.Does == Fault.ChangesMessages)
        {
            Faults.Change(response.Messages);
            Faults.Change(request.Output.Updates);
        }

        return options.Does switch
        {
            Fault.ThrowsAfter => throw new InvalidOperationException("Thrown after the call."),
            Fault.ReturnsNull => null!,
            Fault.CallsNextTwice => await next(request, cancellationToken),
            _ => response,
        };
    }
}
