using System.Reflection;
using System.Text.Json;

namespace PluginHost.Sdk.Testing;

/// <summary>The names of plugin objects.</summary>
internal static class PluginNames
{
    /// <summary>The name under which the object's assembly registers its class, or one that is made of the class's name.</summary>
    public static string Find(object plugin)
    {
        var type = plugin.GetType();
        return type.Assembly.GetCustomAttributes().Select(a => NameIn(a, type)).FirstOrDefault(name => name is not null)
            ?? JsonNamingPolicy.KebabCaseLower.ConvertName(type.Name);
    }

    private static string? NameIn(Attribute attribute, Type plugin) => attribute switch
    {
        PluginAttribute registration => registration.Type == plugin ? registration.Name : null,
        _ when attribute.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(PluginAttribute<,>)
            && type.GetGenericArguments()[0] == plugin => (string?)type.GetProperty(nameof(PluginAttribute.Name))!.GetValue(attribute),
        _ => null,
    };
}
