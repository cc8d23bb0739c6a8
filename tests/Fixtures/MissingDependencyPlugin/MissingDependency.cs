using FixtureLibrary;
using PluginHost.Sdk;

[assembly: Plugin<MissingDependencyPlugin.MissingDependency, NoOptions>("missing-dependency")]

namespace MissingDependencyPlugin;

/// <summary>A context provider whose library is missing from its folder.</summary>
public sealed class MissingDependency(NoOptions options, PluginContext context) : IContextProvider
{
    public NoOptions Options { get; } = options;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContextContribution { Instructions = $"{context.Plugin}: {Answer.GiveV1()}" });
}
