using PluginHost.Sdk;

[assembly: Plugin<NewerSdkPlugin.NewerSdk, NoOptions>("newer-sdk")]

namespace NewerSdkPlugin;

/// <summary>A plugin that was built with a newer SDK than the host's.</summary>
public sealed class NewerSdk(NoOptions options, PluginContext context) : IContextProvider
{
    public NoOptions Options { get; } = options;

    public string Name => context.Plugin;

    public ValueTask ForeseeAsync() => default;
}
