namespace PluginHost.Engine.Messages;

/// <summary>The additional properties of a caller's tool, with its declaration as it was sent.</summary>
internal static class WireTool
{
    /// <summary>The members of the function.</summary>
    public const string Declaration = "wire.declaration";

    /// <summary>The members of a custom tool, which takes a text instead of arguments.</summary>
    public const string Custom = "wire.custom";

    /// <summary>A tool of a type that the host does not know, as it was sent: the model's service knows it.</summary>
    public const string Hosted = "wire.hosted";

    /// <summary>The names of the caller's functions that such a tool declares inside of it.</summary>
    public const string Functions = "wire.functions";

    /// <summary>The choice of such a tool, in the options of a request.</summary>
    public const string Choice = "wire.choice";

    /// <summary>The members around the function that the host has no type for.</summary>
    public const string Members = "wire.members";
}
