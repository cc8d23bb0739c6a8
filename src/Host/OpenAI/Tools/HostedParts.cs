using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;

namespace PluginHost.OpenAI.Tools;

/// <summary>
/// Decides about what only the model's service understands: tools that it runs, their items, and choices among them. A server with the
/// Responses interface gets all of it; for another one <c>UnknownParameters</c> decides.
/// </summary>
/// <param name="model">The agent's model; null when there is no such agent, which is another error.</param>
internal readonly struct HostedParts(ModelConfiguration? model)
{
    private const string Cure = "Model:Api Responses for an agent whose server has it, or Model:UnknownParameters drop";

    /// <summary>Whether they are left out.</summary>
    public bool AreDropped => !IsKnown && model!.UnknownParameters == UnknownParameters.Drop;

    /// <summary>Whether the model's server has the Responses interface; also of an agent that is not there.</summary>
    public bool IsKnown => model is null || model.HasResponses;

    /// <summary>Whether parts of messages that the host does not know reach the model's server as they were sent.</summary>
    public bool TakesOtherParts => model is null or { Client: "openai", HasResponses: false };

    /// <summary>The items of an input without those that are left out.</summary>
    public IReadOnlyList<ItemBody> Keep(IReadOnlyList<ItemBody> input) => AreDropped ? [.. input.Where(static i => i is not HostedItemBody { IsOfHost: false })] : input;

    public void CheckTool(string type, string path, string others, InputErrors errors)
    {
        if (IsKnown || model!.UnknownParameters != UnknownParameters.Refuse) return;
        errors.Add(path, $"The server of the agent's model has no tool of the type '{type}'.", $"{others}; tools that the host runs come from plugins; {Cure}", InputErrors.Unsupported);
    }

    /// <summary>A server without the interface has no place for its items, whatever the setting says, so that they are not passed.</summary>
    public void CheckItem(string type, string path, string others, InputErrors errors)
    {
        if (IsKnown || AreDropped) return;
        errors.Add(path, $"The server of the agent's model has no items of the type '{type}'.", $"{others}; {Cure}", InputErrors.Unsupported);
    }

    public void CheckChoice(string path, string others, InputErrors errors)
    {
        if (IsKnown || AreDropped) return;
        errors.Add(path, "The server of the agent's model has no such choice.", $"{others}; {Cure}", InputErrors.Unsupported);
    }
}
