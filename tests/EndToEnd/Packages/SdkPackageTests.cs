using System.IO.Compression;
using System.Reflection.Metadata;

namespace PluginHost.EndToEnd.Packages;

[Collection(PackageCollection.Name)]
[Trait("Form", "Long")]
public sealed class SdkPackageTests(PackageFeed feed)
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="PluginHost.Sdk" Version="*-*" />
            <PackageReference Include="Microsoft.Data.Sqlite" Version="10.0.15" />
            <PackageReference Include="YamlDotNet" Version="18.1.0" />
          </ItemGroup>
        </Project>
        """;

    [Fact]
    public async Task A_plugin_built_with_only_the_SDK_package_works_when_its_packed_folder_is_unpacked_into_a_host()
    {
        using var folder = new AuthorFolder(feed);
        folder.Work.Write("Shout/Shout.csproj", Project);
        folder.Work.Write("Shout/Shout.cs", Shout);
        await folder.DotnetAsync("build", "Shout", "-c", "Release", "-t:PackPlugin");

        var package = Assert.Single(Directory.GetFiles(folder.Work["Shout/bin/plugin"], "*.zip"));
        await ZipFile.ExtractToDirectoryAsync(package, folder.Work["plugins"]);
        // Of the packages, only the one that the host does not share is beside the plugin.
        Assert.Equal(
            ["Shout.dll", "YamlDotNet.dll"],
            Directory.GetFiles(folder.Work["plugins"], "*.dll", SearchOption.AllDirectories).Select(Path.GetFileName).Order());
        Assert.DoesNotContain("Sqlite", await File.ReadAllTextAsync(folder.Work["plugins/Shout/Shout.deps.json"]), StringComparison.Ordinal);

        // The list of hashes is what the operator pins.
        var hashes = (await File.ReadAllLinesAsync(Path.ChangeExtension(package, ".sha256"))).Select(l => l.Split("  "));
        folder.Work.Configure($$"""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": { "assistant": { "Chain": [ { "Plugin": "shout", "Options": { "Mark": "!!" } } ] } }
            }
            """);
        var (code, listed, errors) = await RunningHost.RunAsync(folder.Work, ["plugins", "--json"]);
        Assert.True(code == 0, errors);
        Assert.Contains("What ends the answer.", listed, StringComparison.Ordinal);
        Assert.All(
            hashes.Where(h => Path.GetExtension(h[1]) is ".dll" or ".json"),
            h => Assert.Contains($"\"sha256\": \"{h[0]}\"", listed, StringComparison.Ordinal));
        await using var host = await RunningHost.StartAsync(folder.Work);
        Assert.Equal("ECHO: HELLO (0 EARLIER MESSAGES)!!", await host.Api.AskAsync("ada", "hello"));
    }

    [Fact]
    public async Task A_shared_assembly_above_the_hosts_version_fails_the_build_with_the_cure()
    {
        using var folder = new AuthorFolder(feed);
        folder.Work.Write("Fake/Fake.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <AssemblyName>Microsoft.Extensions.Logging.Abstractions</AssemblyName>
                <Version>99.0.0</Version>
              </PropertyGroup>
            </Project>
            """);
        await folder.DotnetAsync("pack", "Fake", "-o", "newer");
        folder.Work.Write("Newer/Newer.csproj", Project.Replace(
            """<PackageReference Include="YamlDotNet" Version="18.1.0" />""",
            """<PackageReference Include="Microsoft.Extensions.Logging.Abstractions" Version="99.0.0" />""",
            StringComparison.Ordinal));
        var (code, transcript) = await folder.TryDotnetAsync("build", "Newer", $"-p:RestoreAdditionalProjectSources={folder.Work["newer"]}");

        Assert.Equal(1, code);
        Assert.Contains(
            "error PHB001: Microsoft.Extensions.Logging.Abstractions resolves to assembly version 99.0.0.0 "
            + "(package Microsoft.Extensions.Logging.Abstractions 99.0.0), and hosts of this PluginHost.Sdk share version 10.0.0.0",
            transcript,
            StringComparison.Ordinal);
        Assert.Contains("dotnet nuget why Newer.csproj Microsoft.Extensions.Logging.Abstractions", transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("error CS", transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_for_a_newer_NET_fails_the_build_with_the_cure()
    {
        using var folder = new AuthorFolder(feed);
        folder.Work.Write("Shout/Shout.csproj", Project);
        var (code, transcript) = await folder.TryDotnetAsync("build", "Shout", "-p:PluginHostNetVersion=9.0");

        Assert.Equal(1, code);
        Assert.Contains("error PHB002: The plugin targets .NET 10.0", transcript, StringComparison.Ordinal);
        Assert.Contains("Set TargetFramework to net9.0", transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_package_brings_its_analyzers()
    {
        using var folder = new AuthorFolder(feed);
        folder.Work.Write("Sloppy/Sloppy.csproj", Project);
        folder.Work.Write("Sloppy/Sloppy.cs", """
            using PluginHost.Sdk;

            [assembly: Plugin("Sloppy", typeof(Sloppy))]

            public sealed class Sloppy(PluginContext context) : IContextProvider
            {
                public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
                    new(new ContextContribution { Instructions = $"{DateTime.UtcNow} {context}" });
            }
            """);
        var (code, transcript) = await folder.TryDotnetAsync("build", "Sloppy");

        Assert.True(code == 0, transcript);
        Assert.Contains("warning PH0001: Plugin 'Sloppy': The name is not allowed.", transcript, StringComparison.Ordinal);
        Assert.Contains("warning PH0006: Use the TimeProvider of the plugin's context instead of DateTime.UtcNow", transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_symbols_of_the_SDK_hold_its_sources()
    {
        var embeddedSource = new Guid("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
        await using var package = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(feed.Folder, "PluginHost.Sdk.?.*.snupkg")));
        await using var file = await package.GetEntry("lib/net10.0/PluginHost.Sdk.pdb")!.OpenAsync();
        using var stream = new MemoryStream();
        await file.CopyToAsync(stream);
        stream.Position = 0;
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(stream, MetadataStreamOptions.PrefetchMetadata);
        var reader = symbols.GetMetadataReader();
        var withSource = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation)
            .Where(i => i.Parent.Kind == HandleKind.Document && reader.GetGuid(i.Kind) == embeddedSource)
            .Select(i => Path.GetFileName(reader.GetString(reader.GetDocument((DocumentHandle)i.Parent).Name)));

        Assert.Contains("IContextProvider.cs", withSource);
    }

    private const string Shout = """
        using Microsoft.Extensions.AI;
        using PluginHost.Sdk;

        [assembly: Plugin("shout", typeof(Shout), Options = typeof(ShoutOptions))]

        /// <param name="Mark">What ends the answer.</param>
        public sealed record ShoutOptions(string Mark = "!");

        public sealed class Shout(ShoutOptions options, PluginContext context) : IRunMiddleware
        {
            public PluginContext Context { get; } = context;

            public ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken) =>
                next(request with { Output = request.Output.Through(Change) }, cancellationToken);

            private async IAsyncEnumerable<ChatResponseUpdate> Change(IAsyncEnumerable<ChatResponseUpdate> updates)
            {
                await foreach (var update in updates)
                {
                    var changed = update.Clone();
                    changed.Contents = [.. update.Contents.Select(c => c is TextContent text ? new TextContent(text.Text.ToUpperInvariant()) : c)];
                    yield return changed;
                }

                yield return new ChatResponseUpdate(ChatRole.Assistant, options.Mark);
            }
        }
        """;
}
