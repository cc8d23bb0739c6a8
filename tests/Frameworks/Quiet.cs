namespace PluginHost.Sdk.Testing.Frameworks;

/// <summary>A plugin that does nothing, to be tested with each framework.</summary>
public sealed class Quiet : IContextProvider
{
    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);
}
