using PluginHost.Sdk;

[assembly: Plugin("throwing", typeof(ThrowingPlugin.Throwing), Options = typeof(ThrowingPlugin.ThrowingOptions))]

namespace ThrowingPlugin;

/// <param name="At">The place that throws.</param>
public sealed record ThrowingOptions(Place At = Place.Constructor);

public enum Place
{
    Constructor,
    Share,
    Disposal,
}

/// <summary>A plugin that throws at a configured place.</summary>
public sealed class Throwing : IContextProvider, IDisposable
{
    private readonly ThrowingOptions _options;

    public Throwing(ThrowingOptions options, PluginContext context)
    {
        _options = options;
        if (options.At == Place.Share) context.Share<object>("key", () => throw new InvalidOperationException("The share is broken."));
        if (options.At == Place.Constructor) throw new InvalidOperationException($"The constructor of {context.Name} is broken.");
    }

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(ContextContribution.Empty);

    public void Dispose()
    {
        if (_options.At == Place.Disposal) throw new InvalidOperationException("The disposal is broken.");
    }
}
