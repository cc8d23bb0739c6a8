using PluginHost.Cli.Remote;

namespace PluginHost.Tests.Cli;

public sealed class HealthCommandTests
{
    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("unix")]
    public async Task It_exits_0_when_the_host_is_ready_and_1_when_it_is_not(string listen)
    {
        var folder = Directory.CreateTempSubdirectory("pluginhost-");
        try
        {
            var socket = Path.Combine(folder.FullName, "s");
            await using var app = await StartAsync(listen == "unix" ? $"http://unix:{socket}" : listen);
            var url = listen == "unix" ? $"unix:{socket}" : app.Urls.Single();

            Assert.Equal((0, ""), await RunAsync("--url", url, "--live"));
            Assert.Equal((1, $"{url}/health/ready: The host returned status 503.\n"), await RunAsync("--url", url));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task It_says_why_the_host_is_not_ready()
    {
        await using var app = await StartAsync("http://127.0.0.1:0", "sqlite-sessions: The disk is full.");
        var url = app.Urls.Single();

        Assert.Equal((1, $"{url}/health/ready: sqlite-sessions: The disk is full. (503)\n"), await RunAsync("--url", url));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("+")]
    [InlineData("*")]
    public async Task Other_commands_reach_a_host_that_listens_on_all_addresses_too(string host)
    {
        await using var app = await StartAsync("http://127.0.0.1:0");
        using var error = new StringWriter();

        await ReloadCommand.Create().Parse(["--url", $"http://{host}:{new Uri(app.Urls.Single()).Port}"]).InvokeAsync(new() { Error = error });

        // It is reached: this one has no such call.
        Assert.Equal("The host returned status 404.\n", error.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_host_that_listens_on_all_addresses_is_asked_on_loopback()
    {
        await using var app = await StartAsync("http://127.0.0.1:0");
        var port = new Uri(app.Urls.Single()).Port;

        foreach (var host in (string[])["0.0.0.0", "+", "*"])
            Assert.Equal((0, ""), await RunAsync("--url", $"http://{host}:{port}", "--live"));
    }

    [Theory]
    [InlineData("unix:/does/not/exist", "No host responds")]
    [InlineData("127.0.0.1:5080", "neither http://host:port nor unix:/path")]
    public async Task An_error_that_prevents_the_request_is_reported(string url, string expected)
    {
        var (exit, error) = await RunAsync("--url", url);

        Assert.Equal(1, exit);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(string url, string? detail = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        app.MapGet("/health/live", () => Results.Ok());
        app.MapGet("/health/ready", () => detail is null ? Results.StatusCode(503) : Results.Problem(detail, statusCode: 503));
        await app.StartAsync();
        return app;
    }

    private static async Task<(int Exit, string Error)> RunAsync(params string[] arguments)
    {
        using var error = new StringWriter();
        var exit = await HealthCommand.Create().Parse(arguments).InvokeAsync(new() { Error = error });
        return (exit, error.ToString().ReplaceLineEndings("\n"));
    }
}
