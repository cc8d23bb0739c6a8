using System.CommandLine;
using System.Net.Sockets;

namespace PluginHost.Cli;

/// <summary>
/// <c>pluginhost health</c>: asks a running host whether it is well, for containers that have neither a shell nor curl. Exits 0
/// when it is, else 1 with the reason.
/// </summary>
internal static class HealthCommand
{
    private const string DefaultAddress = "http://127.0.0.1:5080";
    private static readonly string[] UnixPrefixes = ["unix:", "http://unix:"];

    public static Command Create()
    {
        var url = new Option<string>("--url")
        {
            Description = "Where the host listens: http://host:port or unix:/path.",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("Server__Listen__0") ?? DefaultAddress,
        };
        var live = new Option<bool>("--live") { Description = "Ask whether it lives (/health/live), not whether it is ready (/health/ready)." };
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait.", DefaultValueFactory = _ => 5 };
        timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 300) result.AddError("--timeout is from 1 to 300 seconds.");
        });

        var command = new Command("health", "Ask a running host whether it is ready. Exits 0 when it is, else 1.") { url, live, timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(live) ? "/health/live" : "/health/ready";
            var problem = await AskAsync(parsed.GetValue(url)!, path, TimeSpan.FromSeconds(parsed.GetValue(timeout)), cancellationToken);
            if (problem is null) return 0;
            await parsed.InvocationConfiguration.Error.WriteLineAsync(problem);
            return 1;
        });
        return command;
    }

    /// <returns>What is wrong; null when nothing is.</returns>
    private static async Task<string?> AskAsync(string address, string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var socket = UnixSocketPath(address);
        var target = socket is null ? Target(address) : new Uri("http://localhost");
        if (target is null) return $"--url: '{address}' is neither http://host:port nor unix:/path.";

        using var handler = new SocketsHttpHandler { UseProxy = false };
        if (socket is not null) handler.ConnectCallback = (_, token) => ConnectAsync(socket, token);
        using var client = new HttpClient(handler) { Timeout = timeout };
        try
        {
            using var response = await client.GetAsync(new Uri(target, path), cancellationToken);
            return response.IsSuccessStatusCode ? null : $"{address}{path} answered {(int)response.StatusCode}.";
        }
        catch (HttpRequestException e)
        {
            return $"{address} cannot be reached: {e.Message}";
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{address}{path} did not answer within {timeout.TotalSeconds} s.";
        }
    }

    /// <summary>The path of <c>unix:/path</c>; also of <c>http://unix:/path</c>, as the web server logs it.</summary>
    private static string? UnixSocketPath(string address) =>
        UnixPrefixes.Where(p => address.StartsWith(p, StringComparison.OrdinalIgnoreCase)).Select(p => address[p.Length..]).FirstOrDefault();

    private static Uri? Target(string address)
    {
        // A host that listens on all addresses is asked on loopback: "any" is no address to connect to.
        var reachable = address.Replace("//+", "//127.0.0.1", StringComparison.Ordinal).Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal).Replace("//[::]", "//[::1]", StringComparison.Ordinal);
        return Uri.TryCreate(reachable, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") ? uri : null;
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
