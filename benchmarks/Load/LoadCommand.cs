using System.CommandLine;

namespace PluginHost.Benchmarks.Load;

/// <summary>The command <c>load</c>. It measures durable runs per second over HTTP.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var url = new Option<string>("--url") { Description = "The address of the server.", DefaultValueFactory = _ => "http://127.0.0.1:5080" };
        url.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var given) || given.Scheme != Uri.UriSchemeHttp)
                result.AddError("--url must be an absolute URL of http, such as http://127.0.0.1:5080.");
        });
        var connections = IntegerOption.Create("--connections", 32, 0, "The number of concurrent requests. Each uses its own session.");
        var seconds = IntegerOption.Create("--seconds", 10, 0, "The duration of the measurement in seconds.");
        var warmUp = IntegerOption.Create("--warm-up", 3, 0, "The duration of the warm-up in seconds.");
        var seed = IntegerOption.Create("--seed", 0, 0, "The number of messages in each session at the start.");
        var agent = new Option<string>("--agent") { Description = "The agent to run.", DefaultValueFactory = _ => "assistant" };
        var streamed = new Option<bool>("--stream") { Description = "Stream the runs." };
        var command = new Command("load", "Send runs over HTTP and print requests per second and latencies. Exits with 1 if a request failed.")
        {
            url, connections, seconds, warmUp, seed, agent, streamed,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new LoadOptions(
                new(parsed.GetValue(url)!), parsed.GetValue(connections), parsed.GetValue(seconds), parsed.GetValue(warmUp), parsed.GetValue(seed),
                parsed.GetValue(agent)!, Environment.GetEnvironmentVariable("PLUGINHOST_API_KEY"), parsed.GetValue(streamed));
            using var run = new LoadRun(options);
            var result = await run.RunAsync(cancellationToken);
            result.Write(parsed.InvocationConfiguration.Output);
            return result.Errors.Count == 0 && result.Latencies.Length > 0 ? 0 : 1;
        });
        return command;
    }
}
