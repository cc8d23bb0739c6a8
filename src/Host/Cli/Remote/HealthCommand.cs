using System.CommandLine;

namespace PluginHost.Cli.Remote;

/// <summary>
/// <c>pluginhost health</c>: checks the health of a running host, for containers without a shell and curl. Exits with 0 when the host
/// is healthy, otherwise with 1 and the reason.
/// </summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var url = CommandOptions.CreateUrlOption();
        var live = new Option<bool>("--live") { Description = "Check liveness (/health/live) instead of readiness (/health/ready)." };
        var timeout = CommandOptions.CreateNumberOption("--timeout", "The time limit in seconds.", defaultValue: 5, min: 1, max: 300);
        var command = new Command("health", "Check whether a running host is ready. Exits with 0 when it is, otherwise with 1.") { url, live, timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(live) ? "/health/live" : "/health/ready";
            var error = await CheckAsync(parsed.GetValue(url)!, path, TimeSpan.FromSeconds(parsed.GetValue(timeout)), cancellationToken);
            if (error is null) return 0;
            await parsed.InvocationConfiguration.Error.WriteLineAsync(error);
            return 1;
        });
        return command;
    }

    /// <returns>The error; null when the host is healthy.</returns>
    private static async Task<string?> CheckAsync(string address, string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var socket = UnixSocket.GetPath(address);
        var target = socket is null ? HostConnection.FindTarget(address) : new Uri("http://localhost");
        if (target is null) return $"--url: '{address}' is neither http://host:port nor unix:/path.";

        using var handler = new SocketsHttpHandler { UseProxy = false };
        if (socket is not null) handler.ConnectCallback = (_, token) => UnixSocket.ConnectAsync(socket, token);
        using var client = new HttpClient(handler) { Timeout = timeout };
        try
        {
            using var response = await client.GetAsync(new Uri(target, path), cancellationToken);
            return response.IsSuccessStatusCode ? null : $"{address}{path}: {await HostConnection.DescribeErrorAsync(response, cancellationToken)}";
        }
        catch (HttpRequestException e)
        {
            return $"No host responds at {address}: {e.Message}";
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{address}{path} did not respond within {timeout.TotalSeconds} s.";
        }
    }
}
