using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.Http.Binding;

/// <summary>The fields and the constructor of a record that JSON objects are bound to. Built once for each type, by reflection; immutable.</summary>
internal sealed class BodyType
{
    /// <summary>What is wrong with a field that the type does not have.</summary>
    public const string UnknownField = "Unknown field.";

    private const int MaxPlainName = 64;

    private static readonly ConcurrentDictionary<Type, BodyType> Known = new();

    private readonly Func<object?[], object> _create;
    private readonly object?[] _defaults;
    private readonly FrozenDictionary<string, BodyField> _fields;
    private readonly FrozenDictionary<string, BodyField>.AlternateLookup<ReadOnlySpan<char>> _byPlainName;
    private readonly BodyField[] _required;
    private readonly bool _isOpen;
    private readonly bool _ignoresUnknown;

    private BodyType(Type type)
    {
        var constructor = type.GetConstructors().Single();
        Fields = [.. constructor.GetParameters().Select(BodyField.From)];
        if (Fields.Count > 64) throw new NotSupportedException($"{type.Name} has more than 64 fields.");
        _create = Compile(constructor);
        _defaults = [.. Fields.Select(f => f.Default)];
        _required = [.. Fields.Where(f => f.IsRequired)];
        string[] own = [.. Fields.Select(f => f.Name)];
        BodyField[] all =
        [
            .. DiscriminatorsOf(type).Except(own).Select(BodyField.Ignored),
            .. Fields,
            .. type.GetCustomAttributes<RefusesAttribute>(inherit: false).Select(BodyField.Refused),
            .. IgnoredBy(type).Except(own).Select(BodyField.Ignored),
        ];
        _fields = all.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);
        _byPlainName = _fields.GetAlternateLookup<ReadOnlySpan<char>>();
        _ignoresUnknown = type.IsDefined(typeof(IgnoresUnknownAttribute), inherit: false);
        Names = string.Join(", ", all.Select(f => f.Name));
        _isOpen = typeof(IOpenBody).IsAssignableFrom(type);
    }

    /// <summary>The fields that become parameters of the constructor.</summary>
    public IReadOnlyList<BodyField> Fields { get; }

    /// <summary>The names of all fields, for people.</summary>
    public string Names { get; }

    public static BodyType For(Type type) => Known.GetOrAdd(type, static t => new BodyType(t));

    public object? Read(JsonElement value, InputErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Object) return errors.WrongType(value, "object");
        var arguments = (object?[])_defaults.Clone();
        var given = 0UL;
        var before = errors.Count;
        Dictionary<string, JsonElement>? others = null;
        foreach (var property in value.EnumerateObject())
        {
            if (Find(property) is not { } field)
            {
                var name = property.Name;
                if (!_isOpen && !_ignoresUnknown) errors.Add(InputErrors.NameOf(name), UnknownField, Names, InputErrors.Unknown);
                else if (_isOpen && property.Value.ValueKind != JsonValueKind.Null)
                {
                    errors.Within(InputErrors.NameOf(name), ValueReaders.Anything, property.Value);
                    (others ??= [])[name] = property.Value;
                }
            }
            else if (property.Value.ValueKind != JsonValueKind.Null)
            {
                var read = errors.Within(field.Name, field.Reader, property.Value);
                if (field.Position < 0) continue;
                if (read is not null) arguments[field.Position] = read;
                given |= 1UL << field.Position;
            }
        }

        foreach (var field in _required)
        {
            if ((given & (1UL << field.Position)) == 0) errors.AddMissing(field.Name, field.Reader.Allowed);
        }

        return Create(value, arguments, others, errors, before);
    }

    /// <summary>The field of a property, found without making a string of its name unless the name is unusual.</summary>
    private BodyField? Find(JsonProperty property)
    {
        var sent = JsonMarshal.GetRawUtf8PropertyName(property);
        Span<char> name = stackalloc char[MaxPlainName];
        if (sent.Length > MaxPlainName || sent.Contains((byte)'\\')) return _fields.GetValueOrDefault(property.Name);
        return _byPlainName.TryGetValue(name[..Encoding.UTF8.GetChars(sent, name)], out var field) ? field : null;
    }

    /// <summary>What the platform refuses about a value, such as a media type or an id, is an error of the body.</summary>
    private object? Create(JsonElement sent, object?[] arguments, IReadOnlyDictionary<string, JsonElement>? others, InputErrors errors, int before)
    {
        try
        {
            var body = _create(arguments);
            if (others is not null) ((IOpenBody)body).Others = others;
            if (body is ISentBody kept) kept.Sent = sent;
            (body as ICheckedBody)?.Check(errors);
            return body;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException)
        {
            // Fields that are wrong, or left out, have their errors already.
            if (errors.Count == before) errors.Add("", "The value of a field is not allowed.");
            return null;
        }
    }

    /// <summary>Calls the constructor without reflection, which would cost more than the rest of a body.</summary>
    private static Func<object?[], object> Compile(ConstructorInfo constructor)
    {
        var method = new DynamicMethod(constructor.DeclaringType!.Name, typeof(object), [typeof(object?[])], constructor.Module, skipVisibility: true);
        var code = method.GetILGenerator();
        foreach (var parameter in constructor.GetParameters())
        {
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldc_I4, parameter.Position);
            code.Emit(OpCodes.Ldelem_Ref);
            code.Emit(OpCodes.Unbox_Any, parameter.ParameterType);
        }

        code.Emit(OpCodes.Newobj, constructor);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<object?[], object>>();
    }

    /// <summary>The discriminators of unions, which the union has read already.</summary>
    private static IEnumerable<string> DiscriminatorsOf(Type type) =>
        WithUnions(type).Select(u => u.GetCustomAttribute<JsonPolymorphicAttribute>(inherit: false)?.TypeDiscriminatorPropertyName).OfType<string>().Distinct();

    private static IEnumerable<string> IgnoredBy(Type type) =>
        WithUnions(type).SelectMany(u => u.GetCustomAttribute<IgnoresAttribute>(inherit: false)?.Names ?? []);

    private static IEnumerable<Type> WithUnions(Type type)
    {
        for (var each = type; each is not null; each = each.BaseType) yield return each;
        foreach (var union in type.GetInterfaces()) yield return union;
    }
}
