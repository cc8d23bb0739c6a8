using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd.Packages;

/// <summary>A page for authors, with the plugin that is on it.</summary>
/// <param name="Name">The plugin's assembly.</param>
/// <param name="Source">Its source.</param>
/// <param name="Entry">How it is configured.</param>
internal sealed partial record AuthorPage(string Name, string Source, string Entry)
{
    public static AuthorPage Read(string page)
    {
        var text = File.ReadAllText(Path.Combine(BuildOutputs.RepositoryRoot, "docs", "plugins", $"{page}.md"));
        return new(FileName().Match(text).Groups[1].Value, Block(text, "csharp"), Block(text, "json"));
    }

    /// <summary>Writes the project as an author would.</summary>
    public void WriteTo(WorkFolder folder)
    {
        folder.Write($"{Name}/{Name}.cs", Source);
        folder.Write($"{Name}/{Name}.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="PluginHost.Sdk" Version="*-*" />
              </ItemGroup>
            </Project>
            """);
    }

    private static string Block(string text, string language) =>
        Regex.Match(text, $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    [GeneratedRegex(@"`(\w+)\.cs`, a complete plugin")]
    private static partial Regex FileName();
}
