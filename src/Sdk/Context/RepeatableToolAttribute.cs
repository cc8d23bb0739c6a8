namespace PluginHost.Sdk;

/// <summary>
/// Says that a call of a tool may be made again with the same arguments, because it changes nothing, or changes nothing more. The host
/// makes a call again when the process was lost before its result arrived. Without this mark the model learns that the outcome is unknown.
/// </summary>
/// <remarks>
/// On a method from which <c>AIFunctionFactory</c> makes the tool. Other tools set <see cref="Property"/> to <see langword="true"/> in
/// their additional properties, for example from the hints <c>readOnlyHint</c> and <c>idempotentHint</c> of the Model Context Protocol.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RepeatableToolAttribute : Attribute
{
    /// <summary>The key in the additional properties of a tool.</summary>
    public const string Property = "pluginhost.repeatable";
}
