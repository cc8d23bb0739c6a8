namespace PluginHost.Sdk.Testing.Conformance.Checks;

/// <summary>A public method that checks one rule, with the arguments of one of its cases.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class CaseAttribute(params object?[] arguments) : Attribute
{
    public IReadOnlyList<object?> Arguments { get; } = arguments;
}
