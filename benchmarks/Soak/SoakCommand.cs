using System.CommandLine;

namespace PluginHost.Benchmarks.Soak;

/// <summary><c>soak</c>: many streams at once with other work beside them, then more than the host takes, then a restart and a check.</summary>
internal static class SoakCommand
{
    public static Command Create()
    {
        var host = new Option<FileInfo>("--host") { Description = "The host's PluginHost.dll; it is started and stopped by this command.", Required = true };
        var configuration = new Option<FileInfo>("--config") { Description = "The host's configuration.", DefaultValueFactory = _ => new("config/appsettings.json") };
        host.AcceptExistingOnly();
        configuration.AcceptExistingOnly();
        var streams = Number("--streams", 500, 1, "Streams that are open at any time.");
        var others = Number("--others", 16, 0, "Callers that run, read and delete beside them.");
        var warmUp = Number("--warm-up", 30, 1, "Seconds before memory is watched.");
        var seconds = Number("--seconds", 60, 1, "Seconds after that.");
        var word = Number("--word", 100, 0, "Milliseconds that the echo model waits before each word.");
        var overload = Number("--overload", 0, 0, "Callers at once that are too many; 0 for none. The host needs a limit for that.");
        var overloadSeconds = Number("--overload-seconds", 10, 1, "Seconds of that.");
        var variables = new Option<string[]>("--set") { Description = "More of the host's environment, NAME=value.", DefaultValueFactory = _ => [] };
        var command = new Command("soak", "Hold streams, overload, restart and check. Exits 1 when a run is lost, a request fails or memory grows by more than 10 %.")
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

    private static Option<int> Number(string name, int value, int least, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least || result.GetValueOrDefault<int>() > 100_000) result.AddError($"{name} is from {least} to 100000.");
        });
        return option;
    }
}
