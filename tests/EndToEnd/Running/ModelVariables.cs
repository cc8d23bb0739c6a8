using PluginHost.ModelServer;

namespace PluginHost.EndToEnd.Running;

internal static class ModelVariables
{
    /// <summary>The two variables that switch the shipped configuration from the echo to a model.</summary>
    public static (string Name, string Value)[] For(FakeModel model) =>
        [("Agents__assistant__Model__Client", "openai"), ("Agents__assistant__Model__Endpoint", model.Endpoint)];
}
