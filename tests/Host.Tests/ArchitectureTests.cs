using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PluginHost.Tests;

/// <summary>The arrows between the host's parts, read from its sources and project files.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Host = Path.Combine(RepositoryFiles.Root, "src", "Host");

    // Each part may see those after it. Models and Telemetry see what they observe and serve, and are seen by Program, and by the
    // Hosting folder that does its wiring, and Cli alone.
    private static readonly string[] Layers = ["OpenAI", "Api", "Sessions", "Pipeline", "Plugins", "Configuration"];

    private static readonly string[] Parts = [.. Layers, "Models", "Telemetry", "Hosting", "Cli"];

    private static IEnumerable<(string Part, string File, string Text)> Sources() =>
        from file in Directory.GetFiles(Host, "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Host, file).Split(Path.DirectorySeparatorChar)
        where path[0] is not ("bin" or "obj")
        select (path.Length > 1 ? path[0] : "", Path.GetRelativePath(Host, file), File.ReadAllText(file));

    [Fact]
    public void Arrows_between_the_parts_of_the_host_point_one_way()
    {
        var wrong =
            from source in Sources()
            where source.Part.Length > 0
            from Match name in PartName().Matches(source.Text)
            let seen = name.Groups[1].Value
            where seen != source.Part && Parts.Contains(seen) && !MaySee(source.Part, seen)
            select $"{source.File} names PluginHost.{seen}";

        Assert.Empty(wrong.Distinct());

        static bool MaySee(string part, string seen) => part switch
        {
            "Cli" => true,
            "Hosting" => seen != "Cli",
            "Models" or "Telemetry" => Layers.Contains(seen),
            _ => Array.IndexOf(Layers, seen) > Array.IndexOf(Layers, part),
        };
    }

    [Fact]
    public void Every_folder_of_the_host_is_a_known_part() =>
        Assert.Empty(Sources().Select(s => s.Part).Distinct().Except([.. Parts, ""]));

    [Fact]
    public void Only_telemetry_names_activities_meters_and_opentelemetry()
    {
        var wrong = Sources().Where(s => s.Part != "Telemetry" && TelemetryName().IsMatch(WithoutComments(s.Text))).Select(s => s.File);

        Assert.Empty(wrong);
    }

    /// <summary>The two that may: the one says which issuer does not answer, the other is for a plugin's author, before any run.</summary>
    [Fact]
    public void Exceptions_are_logged_without_their_texts()
    {
        var raw =
            from source in Sources()
            where Path.GetFileName(source.File) == "Log.cs"
            from Match method in RawException().Matches(source.Text)
            select method.Groups[1].Value;

        Assert.Equal(["PluginFailed", "TokenUnchecked"], raw.Order());
    }

    [Fact]
    public void The_host_references_no_plugin_and_a_plugin_only_the_sdk()
    {
        var host = References(Path.Combine(Host, "Host.csproj"));
        Assert.Equal(["Sdk"], host);
        var targets = XDocument.Load(Path.Combine(Host, "Plugins.targets")).Descendants("ProjectReference");
        Assert.All(targets, r => Assert.Equal("false", r.Attribute("ReferenceOutputAssembly")?.Value));

        foreach (var project in Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "plugins"), "*.csproj", SearchOption.AllDirectories))
            Assert.Empty(References(project));
        var common = References(Path.Combine(RepositoryFiles.Root, "plugins", "Directory.Build.props"));
        Assert.Equal(["Sdk"], common);
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));

    private static string WithoutComments(string text) => Comment().Replace(text, "");

    [GeneratedRegex(@"partial void (\w+)\([^)]*\bException\?? ")]
    private static partial Regex RawException();

    [GeneratedRegex(@"\bPluginHost\.([A-Z][A-Za-z]+)\b")]
    private static partial Regex PartName();

    [GeneratedRegex(@"\b(Activity|ActivitySource|ActivityKind|Meter|MeterProvider|Histogram|OpenTelemetry)\b|System\.Diagnostics\.Metrics")]
    private static partial Regex TelemetryName();

    [GeneratedRegex(@"//.*|/\*(.|\n)*?\*/|""(\\.|[^""\\\n])*""")]
    private static partial Regex Comment();
}
