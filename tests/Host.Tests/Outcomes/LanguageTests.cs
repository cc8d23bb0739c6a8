namespace PluginHost.Tests.Outcomes;

/// <summary>Plugins that are written in F# and Visual Basic, over HTTP.</summary>
public sealed class LanguageTests
{
    [Fact]
    public async Task Plugins_in_fsharp_and_visual_basic_give_context_and_wrap_runs()
    {
        using var setup = new OutcomeSetup("files")
        {
            Fixtures = ["FSharpPlugin", "VisualBasicPlugin"],
            Before = """{ "Plugin": "fsharp-guard", "Options": { "Word": "password" } }""",
            Behind = """{ "Plugin": "fsharp-topic", "Options": { "Topic": "ships", "Times": 2 } }, { "Plugin": "basic-note", "Options": { "Text": "Be brief." } }""",
        };
        await using var host = await OutcomeHost.StartAsync(setup);

        var answer = await host.RunAsync("s", "Hello.");
        var refused = await host.RunAsync("s", "My password is x.");

        Assert.Equal("completed", answer.Run("status"));
        Assert.Equal(["user: The topic is ships. The topic is ships.", "user: Note: Be brief.", "user: Hello."], host.Sent(0));
        Assert.Contains("fsharp-guard does not pass on 'password'.", refused.Json.ToString(), StringComparison.Ordinal);
        Assert.Single(host.Model.Requests);
    }
}
