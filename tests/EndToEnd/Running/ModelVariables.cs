using PluginHost.ModelServer;

namespace PluginHost.EndToEnd.Running;

internal static class ModelVariables
{
    /// <summary>Creates the two variables that switch the shipped configuration from the echo client to <paramref name="model"/>.</summary>
    public static (string Name, string Value)[] Create(FakeModel model) =>
        [("Agents__assistant__Model__Client", "openai"), ("Agents__assistant__Model__Endpoint", model.Endpoint)];
}
