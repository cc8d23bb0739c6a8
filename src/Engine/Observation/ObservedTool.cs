namespace PluginHost.Engine.Observation;

/// <summary>A call of a tool, as an observer knows it. Immutable.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Description">What the plugin says of it.</param>
/// <param name="CallId">The model's id of the call.</param>
internal sealed record ObservedTool(string Name, string Description, string CallId)
{
    /// <summary>What telemetry calls a tool that does not exist.</summary>
    public const string Unknown = "_OTHER";
}
