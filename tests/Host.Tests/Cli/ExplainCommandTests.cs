using System.CommandLine;
using System.Text.Json;
using PluginHost.Cli;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Cli;

/// <summary>The commands explain and replay, against a host on a real socket.</summary>
public sealed class ExplainCommandTests
{
    [Fact]
    public async Task Explain_shows_the_last_run_in_80_columns_and_as_json()
    {
        using var setup = new OutcomeSetup("sqlite") { Behind = """{ "Plugin": "memory" }, { "Plugin": "redaction" }""", Agent = "\"Instructions\": \"Be brief.\"" };
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("trip", "first");
        await host.RunAsync("trip", $"write to ann@example.org, {new string('x', 200)}");

        var (code, text) = await InvokeAsync(host, "explain", "trip");
        var (_, json) = await InvokeAsync(host, "explain", "trip", "--json");

        Assert.Equal(0, code);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("sqlite-history (history)", text);
        Assert.Contains("  loaded   sqlite-history", text);
        Assert.Contains("by redaction; before: write to ann@example.org", text);
        Assert.Equal("run.explanation", JsonElement.Parse(json).GetProperty("object").GetString());
        Assert.Equal(1, (await InvokeAsync(host, "explain", "no-such-session")).Code);
    }

    [Fact]
    public async Task Replay_says_that_nothing_differs()
    {
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("trip", "first");

        Assert.Equal((0, "1 the same, 0 different, 0 not replayed\n"), await InvokeAsync(host, "replay", "--session", "trip"));
    }

    [Fact]
    public async Task Replay_with_another_configuration_shows_the_difference_and_exits_with_1()
    {
        using var setup = new OutcomeSetup("sqlite") { Agent = "\"Instructions\": \"Be brief.\"" };
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("trip", "first");
        var folder = Path.Combine(setup.Folder.Path, "config");
        var text = await File.ReadAllTextAsync(Path.Combine(folder, "appsettings.json"));
        await File.WriteAllTextAsync(Path.Combine(folder, "candidate.json"), text.Replace("Be brief.", "Be long.", StringComparison.Ordinal));

        var (code, output) = await InvokeAsync(host, "replay", "--session", "trip", "--config", "candidate.json");

        Assert.Equal(1, code);
        Assert.Contains("call 1, instructions", output, StringComparison.Ordinal);
        Assert.Contains("- Be brief.", output, StringComparison.Ordinal);
        Assert.Contains("+ Be long.", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> InvokeAsync(OutcomeHost host, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var console = new InvocationConfiguration { Output = output, Error = TextWriter.Null };
        var code = await CommandLine.InvokeAsync(CommandLine.CreateRoot(new CommandOptions()), [.. arguments, "--url", host.Http.BaseAddress!.ToString()], console);
        return (code, output.ToString());
    }
}
