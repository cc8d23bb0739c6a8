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
        return type.Assembly.GetCustomAttributes<PluginAttribute>().FirstOrDefault(a => a.Type == type)?.Name
            ?? JsonNamingPolicy.KebabCaseLower.ConvertName(type.Name);
    }
}
