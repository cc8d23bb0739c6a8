using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace PluginHost.Http.Binding;

/// <summary>One field of a body.</summary>
internal sealed class BodyField
{
    private BodyField(string name, int position, ValueReader reader) => (Name, Position, Reader) = (name, position, reader);

    /// <summary>The name in JSON.</summary>
    public string Name { get; }

    /// <summary>The position among the constructor's parameters; negative for a field without a parameter.</summary>
    public int Position { get; }

    public ValueReader Reader { get; }

    public bool IsRequired { get; private init; }

    /// <summary>The value when the field is left out or wrong.</summary>
    public object? Default { get; private init; }

    /// <summary>The type without nullability.</summary>
    public Type Type { get; private init; } = typeof(object);

    /// <summary>The attributes of the parameter and of its property.</summary>
    public IReadOnlyList<Attribute> Attributes { get; private init; } = [];

    public static BodyField From(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        var property = parameter.Member.DeclaringType!.GetProperty(parameter.Name!);
        List<Attribute> attributes = [.. parameter.GetCustomAttributes(), .. property?.GetCustomAttributes() ?? []];
        return new BodyField(JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!), parameter.Position, ValueReaders.For(type, attributes))
        {
            Type = type,
            Attributes = attributes,
            IsRequired = !parameter.HasDefaultValue,
            Default = parameter.DefaultValue is { } given and not DBNull ? given : EmptyOf(parameter.ParameterType),
        };
    }

    private static object? EmptyOf(Type type) =>
        type.IsValueType && Nullable.GetUnderlyingType(type) is null ? RuntimeHelpers.GetUninitializedObject(type) : null;

    public static BodyField Ignored(string name) => new(name, -1, new ValueReader("anything", static (_, _) => null));

    public static BodyField Refused(RefusesAttribute refused) => new(refused.Name, -1, new ValueReader("nothing", (value, errors) =>
    {
        if (!refused.IsHarmless(value)) errors.AddUnsupported("", refused.Supported);
        return null;
    }));
}
