using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Http.Description;

/// <summary>The text takes one of these values: the OpenAPI document says so.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AllowedTextAttribute(params string[] values) : Attribute
{
    public IReadOnlyList<string> Values { get; } = values;
}

/// <summary>Plain text stands for a list with one element of it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OrTextAttribute : Attribute;

/// <summary>The value is an object of any shape.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class JsonObjectSchemaAttribute : Attribute;

/// <summary>The value is a caller's metadata, with the limits of <see cref="MetadataLimits"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MetadataSchemaAttribute(bool isPatch = false) : Attribute
{
    /// <summary>Whether null removes a key.</summary>
    public bool IsPatch { get; } = isPatch;
}
