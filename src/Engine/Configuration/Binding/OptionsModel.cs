using System.Globalization;
using System.Reflection;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Reads what an options record takes from its metadata: names, types, defaults, rules and documentation.</summary>
internal sealed class OptionsModel
{
    private const string SupportedTypes =
        "Supported are string, bool, int, long, double, decimal, TimeSpan, enums, records of these, lists and arrays, "
        + "dictionaries by string, and nullable ones.";

    // Deeper than any person configures, and an end for a record that holds itself.
    private const int MaxDepth = 8;

    private static readonly Dictionary<string, ScalarKind> Scalars = new()
    {
        [typeof(string).FullName!] = ScalarKind.Text,
        [typeof(bool).FullName!] = ScalarKind.Boolean,
        [typeof(int).FullName!] = ScalarKind.Int32,
        [typeof(long).FullName!] = ScalarKind.Int64,
        [typeof(double).FullName!] = ScalarKind.Double,
        [typeof(decimal).FullName!] = ScalarKind.Decimal,
        [typeof(TimeSpan).FullName!] = ScalarKind.Duration,
    };

    private readonly XmlDocumentation _documentation;
    private readonly Action<string, string> _defect;
    private readonly NullabilityInfoContext _nullability = new();

    private OptionsModel(XmlDocumentation documentation, Action<string, string> defect) => (_documentation, _defect) = (documentation, defect);

    /// <summary>The section that a record stands for. What cannot be configured is told to <paramref name="defect"/>.</summary>
    public static OptionType Read(Type record, XmlDocumentation documentation, Action<string, string> defect)
    {
        var section = new OptionsModel(documentation, defect).ReadRecord(record, 0);
        foreach (var member in section.Members.Where(m => EntryReader.HostSettings.Contains(m.Name, StringComparer.OrdinalIgnoreCase)))
            defect($"its option '{member.Name}' has the name of a setting of the host's.", "Rename it.");
        return section;
    }

    private OptionType ReadRecord(Type record, int depth)
    {
        var constructor = OptionsFactory.PrimaryConstructor(record);
        if (constructor is null || depth > MaxDepth)
        {
            _defect(
                $"its options of type {record.FullName} cannot be constructed.",
                "Use a record with a public constructor that does not hold itself.");
            return OptionType.NoOptions;
        }

        var parameters = constructor.GetParameters();
        var names = parameters.Select(p => p.Name).ToHashSet();
        foreach (var property in record.GetProperties().Where(p => p.SetMethod?.IsPublic == true && !names.Contains(p.Name)))
            _defect(
                $"the default of its option '{property.Name}' cannot be read without running it.",
                $"Make it a parameter of {record.Name}'s constructor.");
        return new(OptionShape.Section) { Members = [.. parameters.Select(p => ReadOption(record, p, depth))] };
    }

    private OptionDescriptor ReadOption(Type record, ParameterInfo parameter, int depth)
    {
        var type = ReadType(parameter.ParameterType, _nullability.Create(parameter), parameter.Name!, depth);
        var ofProperty = record.GetProperty(parameter.Name!)?.GetCustomAttributesData() ?? [];
        var attributes = parameter.GetCustomAttributesData().Concat(ofProperty).ToList();
        var rules = OptionRules.Read(attributes, type, (message, cure) => _defect($"its option '{parameter.Name}' {message}", cure));
        var option = new OptionDescriptor(parameter.Name!, type) { Rules = rules, Summary = _documentation.Option(record, parameter.Name!) };
        if (OptionRules.Default(attributes) is { } text) return option with { Default = ReadDefault(type, text, parameter.Name!) };
        if (parameter.HasDefaultValue) return option with { Default = ReadDefault(type, Constant(parameter), parameter.Name!) };
        if (type.IsNullable) return option;
        var members = type.Shape == OptionShape.Section ? OptionsReader.Defaults(type) : null;
        return option with { IsRequired = members is null, Default = members };
    }

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
            return new(OptionShape.Choice) { Choices = [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.Name)] };
        if (type.IsArray) return new(OptionShape.List) { Element = ReadType(type.GetElementType()!, nullability.ElementType!, name, depth) };
        if (ListTypes.Any(t => IsGeneric(type, t)))
            return new(OptionShape.List) { Element = ReadType(type.GetGenericArguments()[0], nullability.GenericTypeArguments[0], name, depth) };
        if (MapTypes.Any(t => IsGeneric(type, t)) && type.GetGenericArguments()[0].FullName == typeof(string).FullName)
            return new(OptionShape.Map) { Element = ReadType(type.GetGenericArguments()[1], nullability.GenericTypeArguments[1], name, depth) };
        var isOwn = type.Namespace != "System" && type.Namespace?.StartsWith("System.", StringComparison.Ordinal) != true;
        if (isOwn && type is { IsClass: true, IsAbstract: false, IsGenericType: false })
            return ReadRecord(type, depth + 1);
        _defect($"its option '{name}' has the type {type.Name}, which cannot be configured.", SupportedTypes);
        return OptionType.NoOptions;
    }

    private static readonly Type[] ListTypes =
        [typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>), typeof(IEnumerable<>), typeof(IList<>), typeof(ICollection<>), typeof(List<>)];

    private static readonly Type[] MapTypes = [typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>), typeof(Dictionary<,>)];

    private static bool IsGeneric(Type type, Type definition) =>
        type.IsGenericType && type.GetGenericTypeDefinition().FullName == definition.FullName;

    // A default of a struct, such as "TimeSpan timeout = default", is null in metadata.
    private object? ReadDefault(OptionType type, object? value, string name)
    {
        switch (value)
        {
            case null when type.IsNullable || type.Shape != OptionShape.Scalar:
                return null;
            case null:
                return type.Scalar == ScalarKind.Duration ? TimeSpan.Zero : Scalar.Parse("0", type.Scalar);
            default:
                var text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                var parsed = type.Shape == OptionShape.Choice
                    ? type.Choices.FirstOrDefault(c => c.Equals(text, StringComparison.OrdinalIgnoreCase))
                    : type.Shape == OptionShape.Scalar ? Scalar.Parse(text, type.Scalar) : null;
                if (parsed is null) _defect($"its option '{name}' has the default '{text}', which is not {type}.", "Correct the default.");
                return parsed;
        }
    }

    private static object? Constant(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return OptionRules.NameOfConstant(IsGeneric(type, typeof(Nullable<>)) ? type.GetGenericArguments()[0] : type, parameter.RawDefaultValue);
    }
}
