using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd;

/// <summary>The commands of pages, in their order, with the host as it ships.</summary>
[Trait("Form", "Long")]
public sealed partial class PageCommandTests
{
    /// <summary>Writes the status of each answer to standard error, so that pipes get the answer alone.</summary>
    private const string Curl = """curl() { command curl -s -w '%{stderr}%{http_code}\n' "$@"; }""";

    [ProgramFact("jq")]
    public async Task The_commands_of_the_native_API_are_answered_as_its_page_says()
    {
        var failed = (await RunAsync("docs/http.md")).Where(s => s[0] != '2').ToList();

        // Messages for a run that has ended meanwhile are refused. No call waits for an approval. The last command shows a problem.
        Assert.Equal(["404", "400"], failed.Where(s => s != "409"));
        Assert.InRange(failed.Count, 2, 3);
    }

    [Theory]
    [InlineData("docs/openai.md")]
    [InlineData("docs/recipes.md")]
    public async Task The_commands_of_a_page_are_answered(string page) =>
        Assert.All(await RunAsync(page), status => Assert.StartsWith("2", status, StringComparison.Ordinal));

    /// <returns>The status of each answer.</returns>
    private static async Task<IReadOnlyList<string>> RunAsync(string page)
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        var commands = string.Concat(Commands().Matches(await File.ReadAllTextAsync(Path.Combine(BuildOutputs.RepositoryRoot, page))).Select(m => m.Groups[1].Value))
            .Replace("http://127.0.0.1:5080", host.Address, StringComparison.Ordinal);
        await using var shell = ChildProcess.StartProgram(["bash", "-ec", $"{Curl}\n{commands}"], folder.Path);

        Assert.True(await shell.ExitAsync() == 0, shell.Transcript);
        var statuses = Status().Matches(shell.Errors).Select(m => m.Value).ToList();
        Assert.NotEmpty(statuses);
        return statuses;
    }

    [GeneratedRegex("^```sh\n(.+?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Commands();

    [GeneratedRegex(@"^\d{3}$", RegexOptions.Multiline)]
    private static partial Regex Status();
}
