using FixtureLibrary;
using PluginHost.Sdk;

[assembly: Plugin<Library2Plugin.Library2, NoOptions>("library-2")]

namespace Library2Plugin;

/// <summary>A context provider that reports the version of its private library.</summary>
public sealed class Library2(NoOptions options, PluginContext context) : IContextProvider
{
    public NoOptions Options { get; } = options;

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContextContribution { Instructions = $"{context.Plugin}: {Answer.GiveV2()}" });
}
