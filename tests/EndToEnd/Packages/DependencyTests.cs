namespace PluginHost.EndToEnd.Packages;

/// <summary>Plugins with what they bring along, built outside the repository and used over HTTP.</summary>
[Collection(PackageCollection.Name)]
[Trait("Form", "Long")]
public sealed class DependencyTests(PackageFeed feed)
{
    private const string Properties = """
        <TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
        """;

    [Fact]
    public async Task Plugins_use_two_versions_of_a_library_a_native_library_and_resources_in_a_language()
    {
        using var folder = new AuthorFolder(feed);
        WriteLibrary(folder.Work, "1.0.0");
        WriteLibrary(folder.Work, "2.0.0");
        WritePlugin(folder.Work, "First", "Library.Version.Text", """<ProjectReference Include="../Library-1.0.0/Library.csproj" />""");
        WritePlugin(folder.Work, "Second", "Library.Version.Text", """<ProjectReference Include="../Library-2.0.0/Library.csproj" />""");
        WritePlugin(folder.Work, "Native", "$\"{Version(out _, out _) >> 8}\"", """<PackageReference Include="Gee.External.Capstone" Version="2.3.0" />""", """
                [System.Runtime.InteropServices.DllImport("capstone", EntryPoint = "cs_version")]
                private static extern int Version(out int major, out int minor);
            """);
        WritePlugin(folder.Work, "Worded", "Words.GetString(\"hello\", new System.Globalization.CultureInfo(\"de\"))!", "", """
                private static readonly System.Resources.ResourceManager Words = new("Worded.Words", typeof(Plugin).Assembly);
            """);
        folder.Work.Write("Worded/Words.resx", Resource("hello"));
        folder.Work.Write("Worded/Words.de.resx", Resource("hallo"));
        await folder.BuildPluginsAsync(["First", "Second", "Native", "Worded"]);
        folder.Work.Configure("""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": { "assistant": { "Chain": [ { "Plugin": "first" }, { "Plugin": "second" }, { "Plugin": "native" }, { "Plugin": "worded" } ] } }
            }
            """);
        await using var host = await RunningHost.StartAsync(folder.Work);

        Assert.Equal("Echo: first returned 1.0.0 (0 earlier messages)", await host.Api.AskAsync("a", "call first"));
        Assert.Equal("Echo: second returned 2.0.0 (0 earlier messages)", await host.Api.AskAsync("b", "call second"));
        Assert.Equal("Echo: native returned 4 (0 earlier messages)", await host.Api.AskAsync("c", "call native"));
        Assert.Equal("Echo: worded returned hallo (0 earlier messages)", await host.Api.AskAsync("d", "call worded"));
    }

    [Fact]
    public async Task A_plugin_in_Visual_Basic_is_built_with_the_package_alone_and_used()
    {
        using var folder = new AuthorFolder(feed);
        folder.Work.Write("VisualBasicPlugin/VisualBasicPlugin.vbproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><LangVersion>latest</LangVersion><OptionStrict>On</OptionStrict></PropertyGroup>
              <ItemGroup><PackageReference Include="PluginHost.Sdk" Version="*-*" /></ItemGroup>
            </Project>
            """);
        var source = Path.Combine(BuildOutputs.RepositoryRoot, "tests", "Fixtures", "VisualBasicPlugin", "Note.vb");
        folder.Work.Write("VisualBasicPlugin/Note.vb", await File.ReadAllTextAsync(source));
        await folder.DotnetAsync("build", "VisualBasicPlugin", "--nologo");
        folder.Work.InstallPlugin(folder.Work["VisualBasicPlugin/bin/Debug/net10.0"], "VisualBasicPlugin");
        folder.Work.Configure("""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": { "assistant": { "Chain": [ { "Plugin": "basic-note", "Options": { "Text": "Be brief." } } ] } }
            }
            """);
        await using var host = await RunningHost.StartAsync(folder.Work);

        // The note is the message before the input.
        Assert.Equal("Echo: hi (1 earlier message)", await host.Api.AskAsync("ada", "hi"));
    }

    private static void WriteLibrary(WorkFolder folder, string version)
    {
        folder.Write($"Library-{version}/Library.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk"><PropertyGroup>{Properties}<Version>{version}</Version></PropertyGroup></Project>
            """);
        folder.Write($"Library-{version}/Version.cs", $$"""
            namespace Library;

            public static class Version
            {
                public static string Text => "{{version}}";
            }
            """);
    }

    /// <summary>A plugin with one tool, which has its name and returns an expression.</summary>
    private static void WritePlugin(WorkFolder folder, string name, string expression, string reference, string members = "")
    {
        folder.Write($"{name}/{name}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>{Properties}</PropertyGroup>
              <ItemGroup><PackageReference Include="PluginHost.Sdk" Version="*-*" />{reference}</ItemGroup>
            </Project>
            """);
        var id = name.ToLowerInvariant();
        folder.Write($"{name}/Plugin.cs", $$"""
            using Microsoft.Extensions.AI;
            using PluginHost.Sdk;

            [assembly: Plugin("{{id}}", typeof({{name}}.Plugin))]

            namespace {{name}};

            public sealed class Plugin : IContextProvider
            {
            {{members}}

                public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
                    new(new ContextContribution { Tools = [AIFunctionFactory.Create(() => {{expression}}, "{{id}}")] });
            }
            """);
    }

    private static string Resource(string text) => $"""
        <root>
          <resheader name="resmimetype"><value>text/microsoft-resx</value></resheader>
          <resheader name="version"><value>2.0</value></resheader>
          <resheader name="reader"><value>System.Resources.ResXResourceReader, System.Windows.Forms</value></resheader>
          <resheader name="writer"><value>System.Resources.ResXResourceWriter, System.Windows.Forms</value></resheader>
          <data name="hello"><value>{text}</value></data>
        </root>
        """;
}
