using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd;

/// <summary>Sends hostile ids to every place of the API that takes an id.</summary>
public sealed partial class HostileIdTests
{
    private static readonly string[] Ids =
    [
        "..", "../../../../tmp/escape", "..%2f..%2fescape", "/etc/passwd", "a/b", "a\\b", "C:\\windows", "NUL", "'; DROP TABLE sessions; --", "\" OR \"\"=\"",
        "line\nfail: PluginHost.Fake[1] forged", "a\r\nX-Forged: yes", "\u001b[2J\u001b[31mred", "nul\0", "\u202egnp.exe", "\u0430cme", "\u0130", "日本語", "👩‍👩‍👧",
        "%", "*", "?", "{}", "$(id)", " ", "trailing ", new string('x', 129), new string('y', 5000),
    ];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_hostile_id_is_rejected_or_treated_as_an_ordinary_name_and_cannot_forge_a_log_line(string store)
    {
        using var folder = Configurations.CreateFolder(store);
        await using var host = await RunningHost.StartAsync(folder, Keys.WriteTo(folder), ("Logging__LogLevel__Default", "Debug"));
        var good = (await host.CallAsync(Keys.Acme, "POST", "/v1/sessions/good/runs", """{"input":"hello"}""")).Status;
        Assert.Equal(200, good);
        var before = await host.CallAsync(Keys.Acme, "GET", "/v1/sessions/good/export?messages=true");
        var files = ListFilesOutsideStore(folder);

        foreach (var id in Ids)
        {
            foreach (var (method, path, json) in CreateCalls(id))
            {
                var (status, body) = await host.CallAsync(Keys.Acme, method, path, json);
                Assert.True(status is >= 200 and < 500, $"{method} {path} {json}: {status} {body}");
            }
        }

        Assert.Equal(before, await host.CallAsync(Keys.Acme, "GET", "/v1/sessions/good/export?messages=true"));
        Assert.Equal(files, ListFilesOutsideStore(folder));
        await host.StopAsync();
        var lines = host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(LogLine(), line));
        Assert.DoesNotContain(lines, line => line.Contains("PluginHost.Fake[1]", StringComparison.Ordinal) && !line.Contains("\\u000a", StringComparison.Ordinal));
    }

    private static IEnumerable<(string Method, string Path, string? Json)> CreateCalls(string id)
    {
        var escaped = Uri.EscapeDataString(id);
        var quoted = System.Text.Json.JsonSerializer.Serialize(id);
        var session = $"/v1/sessions/{escaped}";
        return
        [
            ("GET", session, null), ("PATCH", session, "{}"), ("DELETE", session, null), ("GET", $"{session}/messages", null), ("GET", $"{session}/runs", null),
            ("GET", $"{session}/export", null), ("POST", $"{session}/fork", "{}"), ("POST", $"{session}/runs", """{"input":"x","create":false}"""),
            ("GET", $"/v1/sessions/good/runs/{escaped}", null), ("GET", $"/v1/sessions/good/runs/{escaped}/events", null),
            ("POST", $"/v1/sessions/good/runs/{escaped}/cancel", null), ("GET", $"/v1/agents/{escaped}", null), ("GET", $"/{escaped}", null),
            ("GET", $"/v1/sessions?after={escaped}", null), ("GET", $"/v1/sessions/good/messages?before={escaped}", null),
            ("GET", $"/v1/sessions/good/runs?after={escaped}", null), ("GET", $"/v1/sessions?{escaped}=1", null),
            ("POST", "/v1/sessions", $$"""{"id":{{quoted}},"metadata":{"a":"b"} }"""), ("POST", "/v1/sessions/good/fork", $$"""{"id":{{quoted}} }"""),
            ("POST", "/v1/sessions/good/fork", $$"""{"run":{{quoted}} }"""), ("POST", "/v1/sessions/good/runs", $$"""{"agent":{{quoted}},"input":"x"}"""),
            ("POST", "/v1/sessions/import", $$"""{"type":"session","version":1,"session_id":{{quoted}} }"""),
            ("POST", "/v1/sessions/good/runs", $$"""{"input":[{"id":{{quoted}},"role":"unknown","content":"x"}]}"""),
            ("POST", "/v1/sessions/good/runs", $$"""{"input":[{"role":"tool","content":[{"type":"function_result","call_id":{{quoted}},"result":"x"}]}]}"""),
        ];
    }

    /// <summary>Returns the paths of all files outside the store's folder, and of all files that an id with <c>escape</c> would create.</summary>
    private static IReadOnlyList<string> ListFilesOutsideStore(WorkFolder folder) =>
    [
        .. Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Where(f => !f.StartsWith(folder["data"], StringComparison.Ordinal)).Order(),
        .. Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(folder.Path)!, "*escape*"),
    ];

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (trce|dbug|info|warn|fail|crit): [A-Za-z0-9._<>`+-]+\[\d+\] ")]
    private static partial Regex LogLine();
}
