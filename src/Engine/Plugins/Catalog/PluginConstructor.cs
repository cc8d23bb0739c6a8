using System.Reflection;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>The constructors of plugin classes that the host can call: with the options, the context, both or neither.</summary>
internal static class PluginConstructor
{
    /// <summary>
    /// The constructor that the host calls: of several the one with the most parameters. Null when there is none, or two of one parameter.
    /// </summary>
    /// <param name="plugin">The class, loaded or as metadata.</param>
    /// <param name="options">The full name of the options' type.</param>
    public static ConstructorInfo? Find(Type plugin, string options)
    {
        var longest = plugin.GetConstructors().Where(c => IsAllowed(c, options))
            .GroupBy(c => c.GetParameters().Length).MaxBy(g => g.Key)?.ToList();
        return longest is [var constructor] ? constructor : null;
    }

    /// <summary>Whether a parameter takes the context. By name, because a class that is read as metadata has other type objects.</summary>
    public static bool IsContext(ParameterInfo parameter) => parameter.ParameterType.FullName == typeof(PluginContext).FullName;

    /// <summary>Whether a constructor takes options.</summary>
    public static bool TakesOptions(ConstructorInfo constructor) => constructor.GetParameters() is [var first, ..] && !IsContext(first);

    private static bool IsAllowed(ConstructorInfo constructor, string options) => constructor.GetParameters() switch
    {
        [] => true,
        [var only] => IsContext(only) || only.ParameterType.FullName == options,
        [var first, var second] => first.ParameterType.FullName == options && IsContext(second),
        _ => false,
    };
}
