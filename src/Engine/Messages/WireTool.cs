namespace PluginHost.Engine.Messages;

/// <summary>The additional properties of a caller's tool, with its declaration as it was sent.</summary>
internal static class WireTool
{
    /// <summary>The members of the function.</summary>
    public const string Declaration = "wire.declaration";

    /// <summary>The members of a custom tool, which takes a text instead of arguments.</summary>
    public const string Custom = "wire.custom";

    /// <summary>The members around the function that the host has no type for.</summary>
    public const string Members = "wire.members";
}
