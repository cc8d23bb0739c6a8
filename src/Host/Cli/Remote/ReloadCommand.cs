using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Cli.Remote;

/// <summary><c>pluginhost reload</c>: makes a running host read its configuration and plugins again, on systems without SIGHUP too.</summary>
internal static class ReloadCommand
{
    public static Command Create()
    {
        var host = RemoteOptions.CreateForAdmin();
        var rollback = new Option<bool>("--rollback") { Description = "Return to the previous generation instead." };
        var command = new Command("reload", "Make a running host read its configuration and plugins again. Exits with 1 when it keeps the old ones.") { rollback };
        host.AddTo(command);
        command.SetAction((parsed, cancellationToken) => host.CallAsync(parsed, async connection =>
        {
            var answer = await connection.PostAsync("v1/reload", new JsonObject { ["rollback"] = parsed.GetValue(rollback) }, cancellationToken);
            Write(parsed.InvocationConfiguration.Output, answer);
        }));
        return command;
    }

    /// <summary>Writes what a reload has changed.</summary>
    internal static void Write(TextWriter output, JsonElement answer)
    {
        output.WriteLine($"Generation {answer.GetProperty("generation").GetInt32()} serves the agents {string.Join(", ", Texts(answer, "agents"))}.");
        foreach (var plugin in answer.GetProperty("plugins").EnumerateArray())
            output.WriteLine($"  {plugin.GetProperty("name").GetString()}: {Version(plugin, "from")} → {Version(plugin, "to")}");
        foreach (var setting in Texts(answer, "applied")) output.WriteLine($"  applied: {setting}");
        foreach (var setting in Texts(answer, "needs_restart")) output.WriteLine($"  needs a restart: {setting}");
        foreach (var warning in Texts(answer, "warnings")) output.WriteLine($"Warning: {warning}");
    }

    private static string Version(JsonElement plugin, string name) =>
        plugin.TryGetProperty(name, out var build) && build.ValueKind == JsonValueKind.Object ? build.GetProperty("version").GetString()! : "none";

    // A host of an earlier version leaves some out.
    private static IEnumerable<string?> Texts(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var texts) ? texts.EnumerateArray().Select(t => t.GetString()) : [];
}
