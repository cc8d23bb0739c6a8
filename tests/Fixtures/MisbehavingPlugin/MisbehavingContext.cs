using PluginHost.Sdk;

namespace MisbehavingPlugin;

/// <summary>A context provider with a configured fault.</summary>
public sealed class MisbehavingContext(Misbehaviour options, PluginContext context) : IContextProvider
{
    private int _calls;

    public PluginContext Context { get; } = context;

    public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _calls) <= options.After) return ContextContribution.Empty;
        if (options.Does == Fault.ReturnsNull) return null!;
        await Faults.ApplyAsync(options.Does, request);
        return new ContextContribution { Instructions = "No fault." };
    }

    public ValueTask ObserveAsync(RunRequest request, RunResult result, CancellationToken cancellationToken)
    {
        if (options.Does == Fault.ThrowsAfter) throw new InvalidOperationException("Thrown after the call.");
        if (options.Does == Fault.ChangesMessages)
        {
            Faults.Change(request.Input);
            Faults.Change(request.Output.Updates);
            Faults.Change(result.Response.Messages);
        }

        return default;
    }
}
