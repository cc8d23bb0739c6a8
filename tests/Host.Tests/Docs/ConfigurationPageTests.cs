using System.Text.RegularExpressions;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Docs;

/// <summary>docs/configuration.md against the records that the configuration is read into.</summary>
public sealed class ConfigurationPageTests
{
    private static readonly OptionType Root =
        OptionsModel.ReadSettings(typeof(HostConfiguration), new XmlDocumentation(typeof(HostConfiguration).Assembly.Location));

    // An entry is the session store too, and is listed once.
    private static readonly List<OptionDescriptor> Settings =
        [.. Root.Members.SelectMany(Below).DistinctBy(s => (s.Name, s.Type.ToString())), Root.Members.Single(m => m.Name == "PluginFolders")];

    private static readonly string Page = DocumentationTests.Page("docs/configuration.md");

    private static readonly List<(string Name, string Type, string Default)> Rows =
        [.. DocumentationTests.Rows(Page, "setting").Select(r => (r[0], Plain(r[1]), Plain(r[2])))];

    [Fact]
    public void Every_root_section_has_a_heading() =>
        Assert.All(Root.Members, s => Assert.Matches($"(?m)^## {s.Name}$", Page));

    [Fact]
    public void The_tables_list_every_setting_and_no_other() =>
        Assert.Equal(Settings.Select(s => s.Name).Order(), Rows.Select(r => r.Name).Order());

    [Fact]
    public void The_tables_have_the_type_the_range_and_the_default_of_every_setting() =>
        Assert.All(Settings, s => Assert.Contains(Rows, r => r.Name == s.Name && IsType(r.Type, s) && IsDefault(r.Default, s)));

    [Fact]
    public void Every_setting_has_documentation() => Assert.All(Settings, s => Assert.NotNull(s.Summary));

    private static IEnumerable<OptionDescriptor> Below(OptionDescriptor setting)
    {
        var type = setting.Type.Element is { } element ? element.Element ?? element : setting.Type;
        return type.Members.SelectMany(m => Below(m).Prepend(m));
    }

    private static string Plain(string cell) => cell.Replace("`", "", StringComparison.Ordinal);

    private static bool IsType(string cell, OptionDescriptor setting) => setting.Type switch
    {
        { Shape: OptionShape.Choice } type => cell == string.Join(", ", type.Choices),
        { Shape: OptionShape.List } => cell.StartsWith("list of ", StringComparison.Ordinal),
        { Shape: OptionShape.Scalar, Scalar: ScalarKind.Boolean } => cell == "boolean",
        { Shape: OptionShape.Scalar, Scalar: ScalarKind.Text } => cell is "text" or "path" or "address",
        { Shape: OptionShape.Scalar, Scalar: ScalarKind.Duration } =>
            $"more than 0s and at most {(cell == "duration" ? "1d" : Regex.Match(cell, "^duration, to (.+)$").Groups[1].Value)}" == setting.Allowed,
        { Shape: OptionShape.Scalar, Scalar: ScalarKind.Address } => cell == "address",
        { Shape: OptionShape.Secret } => cell == "secret",
        { Shape: OptionShape.Scalar } => cell == setting.Allowed,
        _ => cell is "section" or "entry",
    };

    // A default that is no value is described in words.
    private static bool IsDefault(string cell, OptionDescriptor setting) => setting switch
    {
        { IsRequired: true } => cell == "required",
        { Default: null or "" } => true,
        { Default: IEnumerable<string> list } => list.Any() ? list.All(cell.Contains) : cell == "empty",
        { Type.Shape: OptionShape.Choice } => setting.Default.Equals(cell),
        { Type.Shape: OptionShape.Scalar } => setting.Default.Equals(Scalar.Parse(cell, setting.Type.Scalar)),
        _ => true,
    };
}
