using System.Reflection;
using System.Text.Json;

namespace PluginHost.Sdk.Testing.Conformance.Checks;

/// <summary>Finds the cases of a class of checks: its public methods with a <see cref="CaseAttribute"/>.</summary>
internal static class ConformanceCases
{
    public static IReadOnlyList<string> FindNames(Type checks) => [.. Find(checks).Select(c => c.Name)];

    public static IEnumerable<(string Name, MethodInfo Method, object?[] Arguments)> Find(Type checks) =>
        from method in checks.GetMethods()
        from attribute in method.GetCustomAttributes<CaseAttribute>()
        let arguments = attribute.Arguments
        select (arguments.Count == 0 ? method.Name : $"{method.Name}({string.Join(", ", arguments.Select(Describe))})", method, arguments.ToArray());

    /// <summary>Texts are escaped: they hold line feeds and control characters.</summary>
    private static object? Describe(object? argument) => argument is string text ? JsonSerializer.Serialize(text) : argument;
}
