using FixtureLibrary;
using PluginHost.Sdk;

[assembly: Plugin("missing-dependency", typeof(MissingDependencyPlugin.MissingDependency))]

namespace MissingDependencyPlugin;

/// <summary>A context provider whose library is missing from its folder.</summary>
public sealed class MissingDependency(PluginContext context) : IContextProvider
{
    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContextContribution { Instructions = $"{context.Plugin}: {Answer.GiveV1()}" });
}
