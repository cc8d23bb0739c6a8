namespace PluginHost.EndToEnd.Packages;

/// <summary>The check that every build of the SDK makes: what plugins may have been built on is still there.</summary>
[Trait("Form", "Long")]
public sealed class CompatibilityTests
{
    [Fact]
    public async Task A_build_of_the_SDK_fails_on_a_removed_member_and_on_a_new_one_of_an_interface()
    {
        var (code, transcript) = await CheckAsync($"-p:CheckedAssembly={BuildOutputs.FutureSdk}");

        Assert.NotEqual(0, code);
        Assert.Contains("error CP0001: Type 'PluginHost.Sdk.RunRequest'", transcript, StringComparison.Ordinal);
        Assert.Contains("error CP0002: Member 'string PluginHost.Sdk.PluginContext.DataPath.get'", transcript, StringComparison.Ordinal);
        Assert.Contains("error CP0006: Cannot add interface member 'System.Threading.Tasks.ValueTask PluginHost.Sdk.IContextProvider.ForeseeAsync()'", transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_SDK_of_today_has_all_that_plugins_may_have_been_built_on()
    {
        var (code, transcript) = await CheckAsync();

        Assert.True(code == 0, transcript);
    }

    private static async Task<(int Code, string Transcript)> CheckAsync(params string[] arguments)
    {
        await using var process = ChildProcess.Start([], BuildOutputs.RepositoryRoot,
        [
            "msbuild", Path.Combine("src", "Sdk", "Sdk.csproj"), "-t:CheckCompatibility", "-v:q", "-nologo", "-nodeReuse:false",
            $"-p:Configuration={BuildOutputs.Configuration}", "-p:BuildProjectReferences=false", .. arguments,
        ]);
        return (await process.ExitAsync(PackageFeed.BuildTimeLimit), process.Transcript);
    }
}
