using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using PluginHost.Native.Resources;

namespace PluginHost.Http.Description;

/// <summary>What schemas are called in the document.</summary>
internal static class SchemaNames
{
    private const string Resource = nameof(Resource);

    /// <returns>Null for types that get no name of their own.</returns>
    public static string? Of(JsonTypeInfo type)
    {
        var clr = type.Type;
        if (clr.IsGenericType && clr.GetGenericTypeDefinition() == typeof(ListResource<>)) return Short(clr.GenericTypeArguments[0].Name) + "List";
        return OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name ? Short(name) : null;
    }

    private static string Short(string name) =>
        name.EndsWith(Resource, StringComparison.Ordinal) ? name[..^Resource.Length] : name;
}
