using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>
/// Reads from a record or class what its section takes: names, types, defaults, rules and documentation. Options of plugins are the
/// parameters of a constructor, whose defaults are read without running it, and other properties that can be set; settings of the host
/// are properties.
/// </summary>
internal sealed class OptionsModel
{
    private const string SupportedTypes =
        "Supported are string, bool, int, long, float, double, decimal, TimeSpan, DateTimeOffset, Guid, Uri, Secret, enums, records of these, "
        + "lists and arrays, dictionaries by string, and nullable ones.";

    // Deeper than anyone configures, and a limit for a record that holds itself.
    private const int MaxDepth = 8;

    private static readonly Dictionary<string, ScalarKind> Scalars = new()
    {
        [typeof(string).FullName!] = ScalarKind.Text,
        [typeof(bool).FullName!] = ScalarKind.Boolean,
        [typeof(int).FullName!] = ScalarKind.Int32,
        [typeof(long).FullName!] = ScalarKind.Int64,
        [typeof(float).FullName!] = ScalarKind.Single,
        [typeof(double).FullName!] = ScalarKind.Double,
        [typeof(decimal).FullName!] = ScalarKind.Decimal,
        [typeof(TimeSpan).FullName!] = ScalarKind.Duration,
        [typeof(Uri).FullName!] = ScalarKind.Address,
        [typeof(DateTimeOffset).FullName!] = ScalarKind.Time,
        [typeof(Guid).FullName!] = ScalarKind.Guid,
    };

    private readonly XmlDocumentation _documentation;
    private readonly Action<string, string> _defect;
    private readonly bool _isHost;
    private readonly NullabilityInfoContext _nullability = new();
    // Several sections of the host have the same settings.
    private readonly Dictionary<Type, OptionType> _settings = [];

    private OptionsModel(XmlDocumentation documentation, Action<string, string> defect, bool isHost) =>
        (_documentation, _defect, _isHost) = (documentation, defect, isHost);

    /// <summary>The section that options are read from. What cannot be configured is reported to <paramref name="defect"/>.</summary>
    public static OptionType Read(Type options, XmlDocumentation documentation, Action<string, string> defect) =>
        new OptionsModel(documentation, defect, isHost: false).ReadRecord(options, 0);

    /// <summary>The section that settings of the host are read from.</summary>
    public static OptionType ReadSettings(Type settings, XmlDocumentation? documentation = null) =>
        new OptionsModel(documentation ?? new(), (defect, _) => throw new InvalidOperationException(defect), isHost: true).ReadRecord(settings, 0);

    private OptionType ReadRecord(Type record, int depth)
    {
        var parameters = OptionsFactory.PrimaryConstructor(record)?.GetParameters() ?? [];
        var settings = Settings.From(record);
        if (OptionsClassCheck.FindDefect(record, isTooDeep: depth > MaxDepth) is { } defect)
        {
            _defect($"its options of type {record.FullName ?? record.Name} {defect}.", OptionsClassCheck.Cure);
            return OptionType.NoOptions;
        }

        if (_isHost)
        {
            if (_settings.TryGetValue(record, out var known)) return known;
            var defaults = OptionsFactory.CreateDefault(record);
            return _settings[record] = new(OptionShape.Section) { Members = [.. settings.Select(p => ReadSetting(p, defaults, depth))], Settings = record };
        }

        var properties = settings.ExceptBy(parameters.Select(p => p.Name), p => p.Name, StringComparer.OrdinalIgnoreCase);
        return new(OptionShape.Section)
        {
            Members = [.. parameters.Select(p => ReadParameter(record, p, depth)), .. properties.Select(p => ReadProperty(p, depth))],
        };
    }

    private OptionDescriptor ReadSetting(PropertyInfo property, object defaults, int depth)
    {
        var type = ReadType(property.PropertyType, _nullability.Create(property), property.Name, depth);
        var value = property.GetValue(defaults);
        var attributes = property.GetCustomAttributesData();
        return Describe(property.DeclaringType!, property.Name, type, attributes) with
        {
            IsRequired = attributes.Any(IsRequiredMember),
            Default = value is Enum choice ? WordOf(choice.ToString()) : value,
        };
    }

    private OptionDescriptor ReadParameter(Type record, ParameterInfo parameter, int depth)
    {
        // F# begins the parameters of its records in lower case, and their properties in upper case.
        var property = record.GetProperties().FirstOrDefault(p => p.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase));
        var name = property?.Name ?? parameter.Name!;
        var attributes = parameter.GetCustomAttributesData().Concat(property?.GetCustomAttributesData() ?? []).ToList();
        var option = Describe(record, name, ReadType(parameter.ParameterType, _nullability.Create(parameter), name, depth), attributes);
        if (OptionDefaults.TryRead(parameter, attributes, out var text)) return WithDefault(option, text);
        if (option.Type.IsNullable) return option;
        var members = option.Type.Shape == OptionShape.Section ? OptionsReader.Defaults(option.Type) : null;
        return option with { IsRequired = members is null, Default = members };
    }

    /// <summary>An option that is no parameter. Its initializer cannot be read, so it keeps its value unless another one is given.</summary>
    private OptionDescriptor ReadProperty(PropertyInfo property, int depth)
    {
        var attributes = property.GetCustomAttributesData();
        var name = property.Name;
        var option = Describe(property.DeclaringType!, name, ReadType(property.PropertyType, _nullability.Create(property), name, depth), attributes);
        if (OptionDefaults.TryRead(attributes, out var text)) return WithDefault(option, text);
        var isRequired = attributes.Any(a => IsRequiredMember(a) || a.AttributeType.FullName == typeof(RequiredAttribute).FullName);
        return option with { IsRequired = isRequired, IsSetByPlugin = !isRequired };
    }

    private OptionDescriptor WithDefault(OptionDescriptor option, string? text)
    {
        var value = OptionDefaults.Parse(text, option.Type);
        if (value is null && text is not null)
            _defect($"its option '{option.Name}' has the default '{text}', which is not {option.Type}.", "Correct the default.");
        return option with { Default = value };
    }

    private OptionDescriptor Describe(Type record, string name, OptionType type, IEnumerable<CustomAttributeData> attributes) =>
        new(name, OptionRules.Add(type, attributes, (message, cure) => _defect($"its option '{name}' {message}", cure)))
        {
            ReadSummary = _documentation.Option(record, name),
        };

    private OptionType ReadType(Type type, NullabilityInfo nullability, string name, int depth)
    {
        if (IsGeneric(type, typeof(Nullable<>)))
            return ReadType(type.GetGenericArguments()[0], nullability, name, depth) with { IsNullable = true };
        var isNullable = !type.IsValueType && nullability.ReadState == NullabilityState.Nullable;
        return ReadShape(type, nullability, name, depth) with { IsNullable = isNullable };
    }

    private OptionType ReadShape(Type type, NullabilityInfo nullability, string name, int depth)
    {
        if (Scalars.TryGetValue(type.FullName ?? "", out var scalar)) return new(OptionShape.Scalar) { Scalar = scalar };
        if (type.IsEnum)
            return new(OptionShape.Choice) { Choices = [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => WordOf(f.Name))] };
        if (type.IsArray) return new(OptionShape.List) { Element = ReadType(type.GetElementType()!, nullability.ElementType!, name, depth) };
        if (ListTypes.Any(t => IsGeneric(type, t)))
            return new(OptionShape.List) { Element = ReadType(type.GetGenericArguments()[0], nullability.GenericTypeArguments[0], name, depth) };
        if (MapTypes.Any(t => IsGeneric(type, t)) && type.GetGenericArguments()[0].FullName == typeof(string).FullName)
            return new(OptionShape.Map) { Element = ReadType(type.GetGenericArguments()[1], nullability.GenericTypeArguments[1], name, depth) };
        if (type.FullName == typeof(Secret).FullName) return new(OptionShape.Secret);
        if (type == typeof(OptionsSection)) return new(OptionShape.Unread);
        var isFramework = type.Namespace == "System" || type.Namespace?.StartsWith("System.", StringComparison.Ordinal) == true;
        if (!isFramework && type is { IsClass: true, IsAbstract: false, IsGenericType: false })
            return ReadRecord(type, depth + 1);
        _defect($"its option '{name}' has the type {type.Name}, which cannot be configured.", SupportedTypes);
        return OptionType.NoOptions;
    }

    private static readonly Type[] ListTypes =
        [typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>), typeof(IEnumerable<>), typeof(IList<>), typeof(ICollection<>), typeof(List<>)];

    private static readonly Type[] MapTypes = [typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>), typeof(Dictionary<,>)];

    private static bool IsRequiredMember(CustomAttributeData attribute) => attribute.AttributeType.FullName == typeof(RequiredMemberAttribute).FullName;

    private static bool IsGeneric(Type type, Type definition) =>
        type.IsGenericType && type.GetGenericTypeDefinition().FullName == definition.FullName;

    // The host's words are written in lower case; a plugin's as its author wrote them.
    private string WordOf(string constant) => _isHost ? JsonNamingPolicy.CamelCase.ConvertName(constant) : constant;
}
