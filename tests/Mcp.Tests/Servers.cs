using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PluginHost.Mcp.Tests;

/// <summary>The server with bad habits (tests/McpServer), as a program or on a port.</summary>
internal static class Servers
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory.Replace("Mcp.Tests", "McpServer", StringComparison.Ordinal), "McpServer.dll");

    public static McpServerOptions Stdio(params string[] habit) => new(Command: "dotnet", Arguments: [Program, "stdio", .. habit]);

    public static Dictionary<string, McpServerOptions> One(McpServerOptions server) => new() { ["habits"] = server };

    /// <summary>Runs until a condition holds; fails after half a minute.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await holds()) await timer.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>Starts the server on a free port of loopback.</summary>
    public static async Task<HttpServer> StartHttpAsync(params string[] habit)
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            var server = new HttpServer(Process.Start(new ProcessStartInfo("dotnet", [Program, "http", $"{port}", .. habit]) { RedirectStandardOutput = true, RedirectStandardError = true })!, port);
            await UntilAsync(server.AnswersAsync);
            return server;
        }
    }

    internal sealed class HttpServer(Process process, int port) : IDisposable
    {
        private readonly HttpClient _http = new();

        public Uri Address { get; } = new($"http://127.0.0.1:{port}/mcp");

        public Uri TokenEndpoint { get; } = new($"http://127.0.0.1:{port}/token");

        public async Task<int> CountTokensAsync() => int.Parse(await ReadAsync("/tokens"), System.Globalization.CultureInfo.InvariantCulture);

        /// <summary>All headers about traces that it has got.</summary>
        public Task<string> ReadTracesAsync() => ReadAsync("/traces");

        private async Task<string> ReadAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, path));
            request.Headers.Add("X-Key", "open");
            using var response = await _http.SendAsync(request);
            return await response.Content.ReadAsStringAsync();
        }

        public async Task<bool> AnswersAsync()
        {
            try
            {
                using var response = await _http.GetAsync(Address);
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        public void Stop()
        {
            process.Kill();
            process.WaitForExit();
        }

        public void Dispose()
        {
            Stop();
            process.Dispose();
            _http.Dispose();
        }
    }
}
