namespace PluginHost.EndToEnd;

public sealed class SdkPackageTests
{
    // Unique, because a cached package of the same version would be used instead of this one.
    private readonly string _version = $"1.0.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}";

    [Fact]
    public async Task A_plugin_built_with_only_the_SDK_package_works_when_its_folder_is_copied_in()
    {
        using var folder = new WorkFolder();
        string[] output = ["-c", BuildOutputs.Configuration, "-o", folder["packages"]];
        await DotnetAsync(folder, ["pack", BuildOutputs.SdkProject, "--no-build", $"-p:PackageVersion={_version}", .. output]);
        WriteProject(folder);
        await DotnetAsync(folder, "build", folder["Shout"], "-c", "Release", "-o", folder["plugins/Shout"], "--disable-build-servers", "-nodeReuse:false");
        Assert.Equal("Shout.dll", Path.GetFileName(Assert.Single(Directory.GetFiles(folder["plugins/Shout"], "*.dll"))));

        folder.Configure("""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": { "assistant": { "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "shout", "Options": { "Mark": "!!" } } ] } },
              "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
            }
            """);
        var (code, listed, errors) = await RunningHost.RunAsync(folder, ["plugins"]);
        Assert.True(code == 0, errors);
        Assert.Contains("What ends the answer.", listed, StringComparison.Ordinal);
        await using var host = await RunningHost.StartAsync(folder);
        Assert.Equal("ECHO: HELLO (0 EARLIER MESSAGES)!!", await host.Api.AskAsync("ada", "hello"));
        Assert.Equal("ECHO: AGAIN (2 EARLIER MESSAGES)!!", await host.Api.AskAsync("ada", "again"));
    }

    private void WriteProject(WorkFolder folder)
    {
        folder.Write("nuget.config", """<configuration><packageSources><add key="sdk" value="packages" /></packageSources></configuration>""");
        folder.Write("Shout/Shout.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <EnableDynamicLoading>true</EnableDynamicLoading>
                <GenerateDocumentationFile>true</GenerateDocumentationFile>
                <NoWarn>$(NoWarn);CS1591</NoWarn>
                <!-- The test reads the user's package cache but does not write to it. -->
                <RestorePackagesPath>{folder["restored"]}</RestorePackagesPath>
                <RestoreFallbackFolders>{BuildOutputs.PackageFolder}</RestoreFallbackFolders>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="PluginHost.Sdk" Version="{_version}" ExcludeAssets="runtime" />
              </ItemGroup>
            </Project>
            """);
        folder.Write("Shout/Shout.cs", """
            using Microsoft.Extensions.AI;
            using PluginHost.Sdk;

            [assembly: Plugin<Shout, ShoutOptions>("shout")]

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
            """);
    }

    private static async Task DotnetAsync(WorkFolder folder, params string[] arguments)
    {
        await using var process = ChildProcess.Start([], folder.Path, arguments);
        var code = await process.ExitAsync();
        Assert.True(code == 0, $"dotnet {string.Join(' ', arguments)} exited with code {code}.\n{process.Transcript}");
    }
}
