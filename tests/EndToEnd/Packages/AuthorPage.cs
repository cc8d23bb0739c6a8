using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd.Packages;

/// <summary>A page for authors, with the plugin that is on it.</summary>
/// <param name="Name">The plugin's assembly.</param>
/// <param name="Sources">Its sources by the names of their files.</param>
/// <param name="Entry">How it is configured.</param>
/// <param name="Package">The package that it references.</param>
internal sealed partial record AuthorPage(string Name, IReadOnlyDictionary<string, string> Sources, string Entry, string Package)
{
    /// <summary>The source of a plugin of one file.</summary>
    public string Source => Sources[$"{Name}.cs"];

    public static AuthorPage Read(string page)
    {
        var text = File.ReadAllText(Path.Combine(BuildOutputs.RepositoryRoot, "docs", "plugins", $"{page}.md"));
        return new(
            PluginName().Match(text).Groups[1].Value,
            SourceBlock().Matches(text).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value),
            EntryBlock().Match(text).Groups[1].Value,
            StoresPackage().IsMatch(text) ? "PluginHost.Sdk.Stores" : "PluginHost.Sdk");
    }

    /// <summary>Writes the project as an author would.</summary>
    public void WriteTo(WorkFolder folder)
    {
        foreach (var (file, source) in Sources) folder.Write($"{Name}/{file}", source);
        folder.Write($"{Name}/{Name}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{Package}" Version="*-*" />
              </ItemGroup>
            </Project>
            """);
    }

    [GeneratedRegex(@"`(\w+)\.cs`, a complete plugin")]
    private static partial Regex PluginName();

    [GeneratedRegex(@"`(\w+\.cs)`, [^`]*\n```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex SourceBlock();

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex EntryBlock();

    [GeneratedRegex(@"of the package `PluginHost\.Sdk\.Stores`")]
    private static partial Regex StoresPackage();
}
