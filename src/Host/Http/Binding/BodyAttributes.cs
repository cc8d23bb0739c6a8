using System.Text.Json;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Http.Binding;

/// <summary>The text takes one of these values; in a list, each text does.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal class AllowedTextAttribute(params string[] values) : Attribute
{
    public string[] Values { get; } = values;
}

/// <summary>Text is taken too: the type, or the type of the list's elements, has a static method <c>FromText</c> for it.</summary>
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
    /// <param name="isPatch">A patch may remove any number of keys; what it leaves is checked when it is applied.</param>
    public MetadataAttribute(bool isPatch = false)
    {
        MaxCount = isPatch ? int.MaxValue : MetadataLimits.MaxPairs;
        (MinKeyLength, MaxKeyLength, MaxLength, OrNull) = (1, MetadataLimits.MaxKeyLength, MetadataLimits.MaxValueLength, isPatch);
    }
}

/// <summary>Fields of a record, or of all cases of a union, that are taken and change nothing, whatever they hold.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface)]
internal sealed class IgnoresAttribute(params string[] names) : Attribute
{
    public string[] Names { get; } = names;
}

/// <summary>A field of a record, a case of a union or a value of a choice that the interface has and the host has not.</summary>
/// <param name="name">Its name.</param>
/// <param name="cure">What to do instead, or what is supported.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property | AttributeTargets.Parameter, AllowMultiple = true)]
internal sealed class RefusesAttribute(string name, string? cure = null) : Attribute
{
    private JsonElement[] _harmless = [];

    public string Name { get; } = name;

    public string? Cure { get; } = cure;

    /// <summary>Values that change nothing, as JSON.</summary>
    public string[] Unless { get => []; init => _harmless = [.. value.Select(v => JsonElement.Parse(v))]; }

    public bool IsHarmless(JsonElement value) => Array.Exists(_harmless, h => JsonElement.DeepEquals(h, value));
}

/// <summary>Cases that a union does not list are in the interface, and the host has them not.</summary>
/// <param name="cure">What is supported.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RefusesOthersAttribute(string cure) : Attribute
{
    public string Cure { get; } = cure;
}

/// <summary>An object that does not say which case of a union it is, is this one when it has the field.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class ImpliedByAttribute(string @case, string field) : Attribute
{
    public string Case { get; } = @case;

    public string Field { get; } = field;
}
