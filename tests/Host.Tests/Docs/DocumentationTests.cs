using System.Reflection;
using System.Text.RegularExpressions;
using PluginHost.Configuration;
using PluginHost.Models;

namespace PluginHost.Tests.Docs;

/// <summary>What users read lists what the code does, and nothing else.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Root = RepositoryFiles.Root;

    [Fact]
    public void The_configuration_page_lists_every_setting_and_no_other()
    {
        var read = Sources("Configuration").SelectMany(text => ReadSetting().Matches(text)).Select(m => m.Groups[1].Value)
            .Concat(EntryReader.HostSettings).ToHashSet(StringComparer.Ordinal);
        var page = Page("docs/configuration.md");

        Assert.DoesNotContain(read, name => !Regex.IsMatch(page, $@"`{name}`|^## {name}$|""{name}"":", RegexOptions.Multiline));
        Assert.Empty(FirstCells(page).Except(read));
    }

    [Fact]
    public void The_page_of_models_lists_every_option_and_error_of_the_clients_and_no_other()
    {
        var options = BuiltInChatClients.OptionTypes.Values.SelectMany(t => t.GetConstructors()[0].GetParameters()).Select(p => p.Name!);
        var errors = typeof(ModelErrorTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);

        Assert.Equal(options.Append("Model").Concat(errors).Order(), FirstCells(Page("docs/models.md")).Order());
    }

    [Fact]
    public void The_page_of_the_http_api_lists_every_problem_with_its_status_and_no_other()
    {
        var thrown = new[] { "Api", "Sessions", "Hosting" }.SelectMany(Sources).SelectMany(text => Problem().Matches(text))
            .Select(m => (Slug: m.Groups[2].Value, Status: m.Groups[1].Value)).ToHashSet();
        var listed = ProblemRow().Matches(Page("docs/http.md")).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);

        Assert.Equal(thrown.Select(t => t.Slug).Distinct().Order(), listed.Keys.Order());
        Assert.DoesNotContain(thrown, t => char.IsAsciiDigit(t.Status[0]) && listed[t.Slug] != t.Status);
    }

    private static string Page(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Sources(string part) =>
        Directory.GetFiles(Path.Combine(Root, "src", "Host", part), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText);

    /// <summary>The names that rows of tables begin with.</summary>
    private static IEnumerable<string> FirstCells(string page) => Row().Matches(page).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"\.(?:Text|Texts|Boolean|Int32|Int64|Duration|Choice|Section|Items)\(""(\w+)""")]
    private static partial Regex ReadSetting();

    // The status may be written as a number, as a name, or worked out.
    [GeneratedRegex(@"\(\s*(\d{3}|StatusCodes\.\w+|status|FailedRun\.StatusOf\([^)]*\)),\s*""([a-z-]+)""")]
    private static partial Regex Problem();

    [GeneratedRegex(@"^\| `([a-z-]+)` \| ([0-9x, ]+) \|", RegexOptions.Multiline)]
    private static partial Regex ProblemRow();

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
