using FixtureLibrary;
using PluginHost.Sdk;

[assembly: Plugin("library-1", typeof(Library1Plugin.Library1))]

namespace Library1Plugin;

/// <summary>A context provider that reports the version of its private library.</summary>
public sealed class Library1(PluginContext context) : IContextProvider
{
    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContextContribution { Instructions = $"{context.Plugin}: {Answer.GiveV1()}" });
}
