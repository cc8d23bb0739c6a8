using System.CommandLine;

namespace PluginHost.Benchmarks.Load;

/// <summary><c>load</c>: durable runs over HTTP, as many a second as a server answers.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var url = new Option<string>("--url") { Description = "The server.", DefaultValueFactory = _ => "http://127.0.0.1:5080" };
        url.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out _)) result.AddError("--url is an absolute address, as http://127.0.0.1:5080 is.");
        });
        var connections = Number("--connections", 32, "Requests under way at any time; each has a session of its own.");
        var seconds = Number("--seconds", 10, "How long is measured.");
        var warmUp = Number("--warm-up", 3, "Seconds of requests before that.");
        var seed = Number("--seed", 0, "Messages that each session holds at the start.");
        var agent = new Option<string>("--agent") { Description = "The agent.", DefaultValueFactory = _ => "assistant" };
        var command = new Command("load", "Send runs over HTTP; prints requests a second and latencies. Exits 1 when a request failed.")
        {
            url, connections, seconds, warmUp, seed, agent,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new LoadOptions(
                new(parsed.GetValue(url)!), parsed.GetValue(connections), parsed.GetValue(seconds), parsed.GetValue(warmUp), parsed.GetValue(seed),
                parsed.GetValue(agent)!, Environment.GetEnvironmentVariable("PLUGINHOST_API_KEY"));
            using var run = new LoadRun(options);
            var result = await run.RunAsync(cancellationToken);
            result.Write(parsed.InvocationConfiguration.Output);
            return result.Errors.Count == 0 && result.Latencies.Length > 0 ? 0 : 1;
        });
        return command;
    }

    private static Option<int> Number(string name, int value, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 100_000) result.AddError($"{name} is from 0 to 100000.");
        });
        return option;
    }
}
