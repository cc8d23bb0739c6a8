using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.Http.Binding;

/// <summary>Reads an object that is one of several records; the text of one field says which. A record may be the only case of itself.</summary>
internal sealed class UnionValueReader
{
    private readonly string _field;
    private readonly (string Name, BodyType Type)[] _cases;
    private readonly ImpliedByAttribute[] _implied;
    private readonly RefusesAttribute[] _refused;
    private readonly string? _refusesOthers;
    private readonly BodyType? _others;
    private readonly string _allowed;

    private UnionValueReader(Type type)
    {
        _field = type.GetCustomAttribute<JsonPolymorphicAttribute>()!.TypeDiscriminatorPropertyName!;
        _cases = [.. type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).Select(c => ((string)c.TypeDiscriminator!, BodyType.For(c.DerivedType)))];
        _implied = [.. type.GetCustomAttributes<ImpliedByAttribute>()];
        _refused = type.IsAbstract ? [.. type.GetCustomAttributes<RefusesAttribute>()] : [];
        _refusesOthers = type.GetCustomAttribute<RefusesOthersAttribute>()?.Supported;
        if (type.GetCustomAttribute<OtherCasesAttribute>() is { } others) _others = BodyType.For(others.Type);
        _allowed = string.Join(", ", _cases.Select(c => c.Name));
    }

    public static ValueReader For(Type type) => new("object", new UnionValueReader(type).Read);

    private object? Read(JsonElement value, InputErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Object) return errors.WrongType(value, "object");
        if (!value.TryGetProperty(_field, out var given) || given.ValueKind == JsonValueKind.Null)
        {
            var implied = Array.Find(_implied, i => value.TryGetProperty(i.Field, out var member) && member.ValueKind != JsonValueKind.Null);
            if (implied is not null) return Array.Find(_cases, c => c.Name == implied.Case).Type.Read(value, errors);
            errors.AddMissing(_field, _allowed);
        }
        else if (given.ValueKind != JsonValueKind.String)
        {
            errors.WrongType(given, _allowed, _field);
        }
        else
        {
            foreach (var (name, type) in _cases)
            {
                if (given.ValueEquals(name)) return type.Read(value, errors);
            }

            if (_others is not null) return _others.Read(value, errors);
            var supported = Array.Find(_refused, r => given.ValueEquals(r.Name))?.Supported ?? _refusesOthers;
            if (supported is null) errors.Add(_field, "Unknown value.", _allowed);
            else errors.AddUnsupported(_field, supported);
        }

        return null;
    }
}
