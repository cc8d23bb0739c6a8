using System.Reflection;

namespace PluginHost.Conformance;

/// <summary>Finds the cases of a class of checks: its public methods with a <see cref="CaseAttribute"/>.</summary>
internal static class ConformanceCases
{
    public static IReadOnlyList<string> FindNames(Type checks) => [.. Find(checks).Select(c => c.Name)];

    public static IEnumerable<(string Name, MethodInfo Method, object?[] Arguments)> Find(Type checks) =>
        from method in checks.GetMethods()
        from attribute in method.GetCustomAttributes<CaseAttribute>()
        let arguments = attribute.Arguments
        select (arguments.Count == 0 ? method.Name : $"{method.Name}({string.Join(", ", arguments)})", method, arguments.ToArray());
}
