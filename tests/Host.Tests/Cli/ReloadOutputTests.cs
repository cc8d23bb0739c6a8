using System.Text.Json;
using PluginHost.Cli.Remote;

namespace PluginHost.Tests.Cli;

/// <summary>What <c>pluginhost reload</c> says.</summary>
public sealed class ReloadOutputTests
{
    [Fact]
    public void It_says_what_was_applied_and_what_needs_a_restart()
    {
        using var output = new StringWriter { NewLine = "\n" };
        ReloadCommand.Write(output, JsonElement.Parse(
            """
            {"object":"reload","generation":2,"agents":["a","b"],"plugins":[{"name":"clock","from":{"version":"1.0.0","sha256":"1"},"to":null}],
             "applied":["Sessions:Busy"],"needs_restart":["Server:Listen"],"warnings":["Look."]}
            """));

        Assert.Equal(
            "Generation 2 serves the agents a, b.\n  clock: 1.0.0 → none\n  applied: Sessions:Busy\n  needs a restart: Server:Listen\nWarning: Look.\n", output.ToString());
    }

    [Fact]
    public void The_answer_of_an_earlier_version_is_shown_too()
    {
        using var output = new StringWriter { NewLine = "\n" };
        ReloadCommand.Write(output, JsonElement.Parse("""{"object":"reload","generation":2,"agents":["a"],"plugins":[],"warnings":[]}"""));

        Assert.Equal("Generation 2 serves the agents a.\n", output.ToString());
    }
}
