using PluginHost.Sdk;

namespace MisbehavingPlugin;

/// <summary>A context provider that does what it should not.</summary>
public sealed class MisbehavingContext(Misbehaviour options, IPluginContext context) : IContextProvider
{
    private int _calls;

    public IPluginContext Context { get; } = context;

    public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _calls) <= options.After) return ContextContribution.Empty;
        if (options.Does == Wrong.ReturnsNull) return null!;
        await Deeds.DoAsync(options.Does, request);
        return new ContextContribution { Instructions = "I am well." };
    }

    public ValueTask ObserveAsync(RunRequest request, RunResult result, CancellationToken cancellationToken)
    {
        if (options.Does == Wrong.ThrowsAfter) throw new InvalidOperationException("I throw afterwards.");
        if (options.Does == Wrong.ChangesMessages)
        {
            Deeds.Change(request.Input);
            Deeds.Change(request.Output.Updates);
            Deeds.Change(result.Response.Messages);
        }

        return default;
    }
}
