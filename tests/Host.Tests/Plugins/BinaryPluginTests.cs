using Microsoft.Extensions.AI;
using PluginHost.Sdk;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Plugins;

/// <summary>Plugins that were built on a released SDK, as binaries, on the host of today.</summary>
public sealed class BinaryPluginTests
{
    [Fact]
    public async Task A_plugin_that_was_built_on_1_0_0_rc_1_loads_and_works()
    {
        using var fixture = new PluginFixture();
        var folder = Directory.CreateDirectory(Path.Combine(fixture.PluginFolder, "Rc1Plugin")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "tests", "Fixtures", "Binaries", "Rc1Plugin")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        Assert.Empty(fixture.DiscoveryErrors());
        var entry = fixture.Chain("""{ "Plugin": "rc1", "Options": { "Greeting": "Hi." } }""")[0];
        var scope = fixture.Activator.Begin(fixture.Discover());
        var plugin = await scope.ActivateAsync(entry, "assistant");
        Assert.Empty(scope.Errors);
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "whereabouts")), _ => ScriptedModel.Say("done"));
        await using var engine = new TestEngine(model, [plugin!]);

        var run = await engine.RunAsync("s", "hello");
        var refused = await engine.RunAsync("s", "refuse");

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal("Hi. 1", model.Calls[0].Options?.Instructions);
        Assert.Equal("s", run.Output.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single().Result?.ToString());
        Assert.Equal("too_late", refused.Error!.Code);
        Assert.Equal("It is old.", Assert.Single((await engine.Readiness.CheckAsync(default)).Degraded).Message);
    }
}
