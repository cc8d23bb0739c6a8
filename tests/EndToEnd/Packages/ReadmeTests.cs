using System.Text.RegularExpressions;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd.Packages;

/// <summary>The commands of README, read from the page, do what it says.</summary>
[Collection(PackageCollection.Name)]
[Trait("Form", "Long")]
public sealed partial class ReadmeTests(PackageFeed feed)
{
    private const string Address = "http://127.0.0.1:5080";

    private static readonly Dictionary<string, string> Chapters = Heading()
        .Split(File.ReadAllText(Path.Combine(BuildOutputs.RepositoryRoot, "README.md"))).Skip(1).Chunk(2).ToDictionary(c => c[0], c => c[1]);

    [Fact]
    public async Task The_first_conversation_and_the_restart_answer_as_README_shows()
    {
        using var folder = WorkFolder.CreateShipped();
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await CheckAsync(folder, host, "A first conversation");
            await host.StopAsync();
        }

        await using var restarted = await RunningHost.StartAsync(folder);
        await CheckAsync(folder, restarted, "A restart that remembers");
    }

    [Fact]
    public async Task The_lines_for_Ollama_reach_its_server_with_the_name_of_the_model()
    {
        await using var model = await FakeModel.StartAsync();
        var variables = Exports(Blocks("A real model", "sh").Single(b => b.Contains("11434", StringComparison.Ordinal)));
        Assert.Contains(variables, v => v.Value == "http://localhost:11434/v1");
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, variables.Select(v => v.Value == "http://localhost:11434/v1" ? (v.Name, model.Endpoint) : v));

        Assert.Equal("Hello there", await host.Api.AskAsync("ada", "hi"));
        var request = Assert.Single(model.Requests);
        Assert.Equal(("/v1/chat/completions", "llama3.2"), (request.Path, (string?)request.Body["model"]));
    }

    [Fact]
    public async Task The_lines_for_OpenAI_are_a_valid_configuration()
    {
        using var folder = WorkFolder.CreateShipped();
        var (code, output, errors) = await RunningHost.RunAsync(folder, ["check"], Exports(Blocks("A real model", "sh").First()));

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("openai", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_explanation_of_a_run_looks_as_README_shows_and_a_message_can_be_traced()
    {
        using var folder = WorkFolder.CreateShipped();
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.AskAsync("first", "hi");
            await host.Api.AskAsync("first", """call remember {"fact": "tea, not coffee"}""");
            var (code, output, errors) = await RunningHost.RunAsync(folder, ["explain", "first", "--url", host.Address]);
            Assert.Equal((0, ""), (code, errors));
            var lines = output.Split('\n').Select(WithoutNumbers).ToList();
            Assert.All(
                Blocks("What the model was given", "text").Single().Split('\n', StringSplitOptions.RemoveEmptyEntries),
                shown => Assert.Contains(WithoutNumbers(shown), lines));
            await host.StopAsync();
        }

        var traced = await RunningHost.RunAsync(folder, ["trace", "hi"]);
        Assert.Equal(0, traced.Code);
        Assert.Contains("Echo: hi (0 earlier messages)", traced.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plugin_of_README_builds_outside_the_clone_and_answers()
    {
        using var folder = new AuthorFolder(feed);
        folder.Work.Write("Clock/Clock.csproj", Blocks("Writing a plugin", "xml").Single());
        folder.Work.Write("Clock/Clock.cs", Blocks("Writing a plugin", "csharp").Single());
        Directory.CreateSymbolicLink(folder.Work["packages"], feed.Folder);
        // The host serves from the folder that holds those of README, not from a clone beside them.
        folder.Work.Write("agents.json", Blocks("Writing a plugin", "json").Single().Replace("../plugins", "plugins", StringComparison.Ordinal));
        await folder.DotnetAsync("publish", "Clock", "-o", "plugins/Clock", "--nologo");

        var (code, _, errors) = await RunningHost.RunAsync(folder.Work, ["check", "--config", "agents.json"]);
        Assert.Equal((0, ""), (code, errors));
        await using var host = await RunningHost.StartAsync(folder.Work, ("PLUGINHOST_CONFIG", "agents.json"));
        var answer = await RunBlockAsync(folder.Work, host, Blocks("Writing a plugin", "sh").Last());
        Assert.Matches(@"Echo: clock returned \d{4}-\d\d-\d\dT[0-9:.]+\+02:00 \(0 earlier messages\)", Regex.Unescape(answer));
    }

    /// <summary>Runs the commands of a chapter, and looks for the texts of answers that the chapter shows.</summary>
    private static async Task CheckAsync(WorkFolder folder, RunningHost host, string chapter)
    {
        var said = "";
        foreach (var block in Blocks(chapter, "sh")) said += await RunBlockAsync(folder, host, block);
        var shown = Answer().Matches(Chapters[chapter]).Select(m => m.Value).Distinct().ToList();

        Assert.NotEmpty(shown);
        Assert.All(shown, text => Assert.Contains(text, said, StringComparison.Ordinal));
    }

    private static async Task<string> RunBlockAsync(WorkFolder folder, RunningHost host, string block)
    {
        Assert.StartsWith("curl", block, StringComparison.Ordinal);
        await using var shell = ChildProcess.StartProgram(["bash", "-ec", block.Replace(Address, host.Address, StringComparison.Ordinal)], folder.Path);
        Assert.Equal(0, await shell.ExitAsync());
        return shell.Output;
    }

    /// <summary>A line of a table without its times, counts and columns.</summary>
    private static string WithoutNumbers(string line) => Regex.Replace(Regex.Replace(line, @"\d+(\.\d+)?", "#"), @"\s+", " ").Trim();

    private static (string Name, string Value)[] Exports(string block) =>
        [.. Export().Matches(block).Select(m => (m.Groups[1].Value, m.Groups[2].Value.Replace("…", "key", StringComparison.Ordinal)))];

    private static IEnumerable<string> Blocks(string chapter, string language) =>
        Regex.Matches(Chapters[chapter], $"^```{language}\n(.+?)^```", RegexOptions.Singleline | RegexOptions.Multiline).Select(m => m.Groups[1].Value);

    [GeneratedRegex("^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"Echo: [^`""]+ \(\d+ earlier messages\)")]
    private static partial Regex Answer();

    [GeneratedRegex("^export (\\w+)=(.+)$", RegexOptions.Multiline)]
    private static partial Regex Export();
}
