using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Cli.Remote;

/// <summary><c>pluginhost replay</c>: shows what models would have been sent in recorded runs with another configuration.</summary>
internal static class ReplayCommand
{
    public static Command Create(CommandOptions options)
    {
        var session = new Option<string>("--session") { Description = "The session.", Required = true };
        var run = new Option<string?>("--run") { Description = "One run. Default: all that are recorded." };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var host = RemoteOptions.CreateForAdmin();
        var command = new Command(
            "replay",
            "Make recorded runs of a running host again with another configuration (--config: a file in the folder of the host's own). Exits with 1 when models would have been sent something else.")
        {
            session, run, json,
        };
        host.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var isDifferent = false;
            var code = await host.CallAsync(parsed, async connection =>
            {
                var body = new JsonObject();
                if (parsed.GetValue(options.Config) is { } config) body["config"] = Path.GetDirectoryName(config) is { Length: > 0 } ? Path.GetFullPath(config) : config;
                if (parsed.GetValue(run) is { } id) body["run"] = id;
                var answer = await connection.PostAsync($"v1/sessions/{Uri.EscapeDataString(parsed.GetValue(session)!)}/replay", body, cancellationToken);
                isDifferent = answer.GetProperty("different").GetInt32() > 0;
                var output = parsed.InvocationConfiguration.Output;
                if (parsed.GetValue(json)) await output.WriteLineAsync(ExplainCommand.Indent(answer));
                else Write(TraceScreen.Create(output), answer);
            });
            return code == 0 && isDifferent ? 1 : code;
        });
        return command;
    }

    private static void Write(TraceScreen screen, JsonElement answer)
    {
        screen.WriteLine($"{answer.GetProperty("same")} the same, {answer.GetProperty("different")} different, {answer.GetProperty("not_replayed")} not replayed");
        foreach (var run in answer.GetProperty("runs").EnumerateArray().Where(r => r.GetProperty("result").GetString() != "same"))
        {
            screen.WriteLine("");
            screen.WriteLine($"{run.GetProperty("run_id")} of {run.GetProperty("agent")}{(run.TryGetProperty("reason", out var reason) ? $": not replayed. {reason}" : "")}");
            foreach (var difference in run.GetProperty("differences").EnumerateArray())
            {
                screen.WriteLine($"  call {difference.GetProperty("call")}, {difference.GetProperty("part")}");
                foreach (var was in difference.GetProperty("recorded").EnumerateArray()) screen.WriteLine($"    - {Describe(was)}");
                foreach (var now in difference.GetProperty("replayed").EnumerateArray()) screen.WriteLine($"    + {Describe(now)}");
            }
        }
    }

    private static string Describe(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out var content)
        ? $"{value.GetProperty("role")}: {ExplainScreen.Content(content)}"
        : value.ToString();
}
