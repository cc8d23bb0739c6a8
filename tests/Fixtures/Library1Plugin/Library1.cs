using FixtureLibrary;
using PluginHost.Sdk;

[assembly: Plugin<Library1Plugin.Library1, NoOptions>("library-1")]

namespace Library1Plugin;

/// <summary>A context provider that reports the version of its private library.</summary>
public sealed class Library1(NoOptions options, PluginContext context) : IContextProvider
{
    public NoOptions Options { get; } = options;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContextContribution { Instructions = $"{context.Plugin}: {Answer.GiveV1()}" });
}
