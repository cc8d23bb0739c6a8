using FixtureLibrary;
using PluginHost.Sdk;

[assembly: Plugin("library-2", typeof(Library2Plugin.Library2))]

namespace Library2Plugin;

/// <summary>A context provider that reports the version of its private library.</summary>
public sealed class Library2(PluginContext context) : IContextProvider
{
    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ContextContribution { Instructions = $"{context.Plugin}: {Answer.GiveV2()}" });
}
