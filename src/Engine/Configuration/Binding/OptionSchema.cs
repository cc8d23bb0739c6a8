using System.Text.Json.Nodes;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Describes options and settings as JSON Schema, with the names in the case in which they are documented.</summary>
/// <param name="special">Describes a type that depends on more than itself; null for another one.</param>
internal sealed class OptionSchema(Func<OptionType, JsonObject?> special)
{
    /// <summary>As <see cref="Scalar.Describe"/> says of durations.</summary>
    private const string DurationPattern = @"^(\d+(\.\d+)?(ms|s|m|h|d)|-?(\d+\.)?\d+:\d+(:\d+(\.\d+)?)?)$";

    /// <summary>The schema of a section's members, none of which must be given.</summary>
    public JsonObject Properties(IEnumerable<OptionDescriptor> options) =>
        new(options.Select(o => KeyValuePair.Create(o.Name, (JsonNode?)From(o))));

    /// <summary>The schema of a section.</summary>
    public JsonObject Section(OptionType section) => new()
    {
        ["type"] = "object",
        ["properties"] = Properties(section.Members),
        ["required"] = new JsonArray([.. section.Members.Where(m => m.IsRequired).Select(m => (JsonNode)m.Name)]),
        ["additionalProperties"] = false,
    };

    private JsonObject From(OptionDescriptor option)
    {
        var schema = From(option.Type);
        if (option.Summary is { } summary) schema["description"] = summary;
        if (!option.IsRequired && Default(option) is { } value) schema["default"] = value;
        return schema;
    }

    private JsonObject From(OptionType type)
    {
        var schema = special(type) ?? type switch
        {
            { Shape: OptionShape.Section } => Section(type),
            { Shape: OptionShape.Choice } => new() { ["enum"] = new JsonArray([.. type.Choices.Select(c => (JsonNode)c)]) },
            { Shape: OptionShape.List } => new() { ["type"] = "array", ["items"] = From(type.Element!) },
            { Shape: OptionShape.Map } => new() { ["type"] = "object", ["additionalProperties"] = From(type.Element!) },
            { Shape: OptionShape.Scalar } => FromScalar(type.Scalar),
            { Shape: OptionShape.Secret } => Secret(),
            _ => new() { ["type"] = "object" },
        };
        foreach (var (keyword, value) in type.Rules.SelectMany(r => r.CreateKeywords())) schema[keyword] = value;
        return type.IsNullable ? new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) } : schema;
    }

    private static JsonObject FromScalar(ScalarKind kind) => kind switch
    {
        ScalarKind.Boolean => new() { ["type"] = "boolean" },
        ScalarKind.Int32 or ScalarKind.Int64 => new() { ["type"] = "integer" },
        ScalarKind.Single or ScalarKind.Double or ScalarKind.Decimal => new() { ["type"] = "number" },
        ScalarKind.Address => new() { ["type"] = "string", ["format"] = "uri" },
        ScalarKind.Time => new() { ["type"] = "string", ["format"] = "date-time" },
        ScalarKind.Guid => new() { ["type"] = "string", ["format"] = "uuid" },
        ScalarKind.Duration => new() { ["type"] = "string", ["pattern"] = DurationPattern },
        _ => new() { ["type"] = "string" },
    };

    /// <summary>As <see cref="OptionSources.SecretForms"/> says.</summary>
    private static JsonObject Secret() => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "string", ["minLength"] = 1 }, SecretIn("File"), SecretIn("Environment")),
    };

    private static JsonObject SecretIn(string source) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { [source] = new JsonObject { ["type"] = "string" } },
        ["required"] = new JsonArray(source),
        ["additionalProperties"] = false,
    };

    private static JsonNode? Default(OptionDescriptor option) => option.Default switch
    {
        string text => text,
        bool flag => flag,
        int number => number,
        long number => number,
        float number => number,
        double number => number,
        decimal number => number,
        TimeSpan or DateTimeOffset => Scalar.Format((IComparable)option.Default),
        Guid id => id.ToString(),
        Uri address => address.OriginalString,
        _ => null,
    };
}
