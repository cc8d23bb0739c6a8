using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;

namespace PluginHost.Http.Description;

/// <summary>What schemas are called in the document.</summary>
internal static class SchemaNames
{
    private const string Resource = nameof(Resource);

    /// <returns>Null for types without a name.</returns>
    public static string? Create(JsonTypeInfo type)
    {
        var clr = type.Type;
        // ListResource<RunResource> is called RunList.
        if (clr.IsGenericType && clr.Assembly == typeof(SchemaNames).Assembly)
            return Shorten(clr.GenericTypeArguments[0].Name) + Shorten(clr.Name[..clr.Name.IndexOf('`', StringComparison.Ordinal)]);
        return OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name ? Shorten(name) : null;
    }

    /// <summary>RunResource is called Run.</summary>
    public static string Shorten(string name) =>
        name.EndsWith(Resource, StringComparison.Ordinal) ? name[..^Resource.Length] : name;
}
