using System.CommandLine;
using System.Text.Json;

namespace PluginHost.Cli.Remote;

/// <summary><c>pluginhost explain</c>: shows what the model was given in a run of a running host, and by which plugin.</summary>
internal static class ExplainCommand
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var session = new Argument<string>("session") { Description = "The session." };
        var run = new Argument<string?>("run") { Description = "The run. Default: the last one of the session.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var host = new RemoteOptions(RemoteOptions.KeyVariable, RemoteOptions.AdminKeyVariable);
        var command = new Command("explain", "Show what the model was given in a run, and by which plugin.") { session, run, json };
        host.AddTo(command);
        command.SetAction((parsed, cancellationToken) => host.CallAsync(parsed, async connection =>
        {
            var path = $"v1/sessions/{Uri.EscapeDataString(parsed.GetValue(session)!)}/runs";
            var id = parsed.GetValue(run) ?? await FindLastAsync(connection, path, parsed.GetValue(session)!, cancellationToken);
            var answer = await connection.GetAsync($"{path}/{Uri.EscapeDataString(id)}/explain", cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(Indent(answer));
            else new ExplainScreen(TraceScreen.Create(output)).Write(answer);
        }));
        return command;
    }

    public static string Indent(JsonElement answer)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented)) answer.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static async Task<string> FindLastAsync(HostConnection connection, string path, string session, CancellationToken cancellationToken)
    {
        var runs = (await connection.GetAsync($"{path}?order=desc&limit=1", cancellationToken)).GetProperty("data");
        return runs.GetArrayLength() > 0
            ? runs[0].GetProperty("id").GetString()!
            : throw new HostCallException($"Session '{session}' has no run.");
    }
}
