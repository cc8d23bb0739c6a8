using PluginHost.Sdk;

[assembly: Plugin("newer-sdk", typeof(NewerSdkPlugin.NewerSdk))]

namespace NewerSdkPlugin;

/// <summary>A plugin that was built with a newer SDK than the host's.</summary>
public sealed class NewerSdk(PluginContext context) : IContextProvider
{
    public string Name => context.Plugin;

    public ValueTask ForeseeAsync() => default;
}
