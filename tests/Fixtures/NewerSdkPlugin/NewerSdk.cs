using PluginHost.Sdk;

[assembly: Plugin<NewerSdkPlugin.NewerSdk, NoOptions>("newer-sdk")]

namespace NewerSdkPlugin;

/// <summary>Built on an SDK that the host does not have.</summary>
public sealed class NewerSdk(NoOptions options, IPluginContext context) : IContextProvider
{
    public NoOptions Options { get; } = options;

    public string Name => context.Plugin;

    public ValueTask ForeseeAsync() => default;
}
