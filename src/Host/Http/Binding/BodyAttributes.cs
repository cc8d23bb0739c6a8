using System.Text.Json;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Http.Binding;

/// <summary>The text, or each text of a list, is one of these values.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal class AllowedTextAttribute(params string[] values) : Attribute
{
    public string[] Values { get; } = values;
}

/// <summary>Accepts text too. The type, or the type of the list's elements, has a static method <c>FromText</c> for it.</summary>
/// <param name="things">What the list holds, for people.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class OrTextAttribute(string? things = null) : Attribute
{
    public string? Things { get; } = things;
}

/// <summary>The value is an object of any shape.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class AnyObjectAttribute : Attribute;

/// <summary>The value is an object whose keys the caller chooses.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal class EntriesAttribute : Attribute
{
    public int MaxCount { get; init; } = int.MaxValue;

    public int MinKeyLength { get; init; }

    public int MaxKeyLength { get; init; } = int.MaxValue;

    /// <summary>Of values that are text.</summary>
    public int MaxLength { get; init; } = int.MaxValue;

    /// <summary>Whether null is a value: in a merge patch it removes the key.</summary>
    public bool OrNull { get; init; }
}

/// <summary>The value is a caller's metadata, with the limits of <see cref="MetadataLimits"/>.</summary>
internal sealed class MetadataAttribute : EntriesAttribute
{
    /// <param name="isPatch">Whether null removes a key. The number of keys is checked when the patch is applied.</param>
    public MetadataAttribute(bool isPatch = false)
    {
        MaxCount = isPatch ? int.MaxValue : MetadataLimits.MaxPairs;
        (MinKeyLength, MaxKeyLength, MaxLength, OrNull) = (1, MetadataLimits.MaxKeyLength, MetadataLimits.MaxValueLength, isPatch);
    }
}

/// <summary>Fields of a record, or of all cases of a union, that are accepted with any value and have no effect.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface)]
internal sealed class IgnoresAttribute(params string[] names) : Attribute
{
    public string[] Names { get; } = names;
}

/// <summary>Unknown fields of a record are accepted and have no effect, where clients send more than an interface publishes.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class IgnoresUnknownAttribute : Attribute;

/// <summary>A field of a record, a case of a union or a value of a choice that the interface defines and the host does not support.</summary>
/// <param name="name">Its name.</param>
/// <param name="supported">What is supported, or what to do instead.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property | AttributeTargets.Parameter, AllowMultiple = true)]
internal sealed class RefusesAttribute(string name, string? supported = null) : Attribute
{
    private JsonElement[] _harmless = [];

    public string Name { get; } = name;

    public string? Supported { get; } = supported;

    /// <summary>Values without an effect, as JSON; they are accepted.</summary>
    public string[] Unless { get => []; init => _harmless = [.. value.Select(v => JsonElement.Parse(v))]; }

    public bool IsHarmless(JsonElement value) => Array.Exists(_harmless, h => JsonElement.DeepEquals(h, value));
}

/// <summary>The interface defines more cases of the union than it lists; the host does not support them.</summary>
/// <param name="supported">What is supported.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface)]
internal sealed class RefusesOthersAttribute(string supported) : Attribute
{
    public string Supported { get; } = supported;
}

/// <summary>An object whose discriminator names none of the cases is this one.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface)]
internal sealed class OtherCasesAttribute(Type type) : Attribute
{
    public Type Type { get; } = type;
}

/// <summary>An object without the discriminator of its union is this case when it has the field.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class ImpliedByAttribute(string @case, string field) : Attribute
{
    public string Case { get; } = @case;

    public string Field { get; } = field;
}
