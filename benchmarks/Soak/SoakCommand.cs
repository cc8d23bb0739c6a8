using System.CommandLine;

namespace PluginHost.Benchmarks.Soak;

/// <summary>The command <c>soak</c>. It runs many streams and other requests, then an overload, then restarts the host and checks what is stored.</summary>
internal static class SoakCommand
{
    public static Command Create()
    {
        var host = new Option<FileInfo>("--host") { Description = "The host's pluginhost.dll. The command starts and stops the host.", Required = true };
        var configuration = new Option<FileInfo>("--config") { Description = "The host's configuration file.", DefaultValueFactory = _ => new("config/appsettings.json") };
        host.AcceptExistingOnly();
        configuration.AcceptExistingOnly();
        var streams = IntegerOption.Create("--streams", 500, 1, "The number of concurrent streams.");
        var others = IntegerOption.Create("--others", 16, 0, "The number of other callers. They send runs, read messages and delete sessions.");
        var warmUp = IntegerOption.Create("--warm-up", 30, 1, "The duration of the warm-up in seconds. Memory is not measured.");
        var seconds = IntegerOption.Create("--seconds", 60, 1, "The duration of the measurement in seconds.");
        var word = IntegerOption.Create("--word", 100, 0, "The delay of the echo model before each word, in milliseconds.");
        var overload = IntegerOption.Create("--overload", 0, 0, "The number of concurrent callers of the overload. 0 for no overload. Requires a limit in the host.");
        var overloadSeconds = IntegerOption.Create("--overload-seconds", 10, 1, "The duration of the overload in seconds.");
        var variables = new Option<string[]>("--set") { Description = "An environment variable for the host, as NAME=value.", DefaultValueFactory = _ => [] };
        var command = new Command("soak", "Run many streams, overload and restart the host, and check what is stored. Exits with 1 if a run is lost, a request fails or memory grows by more than 10 %.")
        {
            host, configuration, streams, others, warmUp, seconds, word, overload, overloadSeconds, variables,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new SoakOptions(
                parsed.GetValue(host)!.FullName, parsed.GetValue(configuration)!.FullName, parsed.GetValue(streams), parsed.GetValue(others),
                parsed.GetValue(warmUp), parsed.GetValue(seconds), parsed.GetValue(word), parsed.GetValue(overload), parsed.GetValue(overloadSeconds),
                [.. parsed.GetValue(variables)!.Select(v => v.Split('=', 2)).Select(v => KeyValuePair.Create(v[0], v.Length > 1 ? v[1] : ""))]);
            return await new SoakRun(options, parsed.InvocationConfiguration.Output).RunAsync(cancellationToken) ? 0 : 1;
        });
        return command;
    }
}
