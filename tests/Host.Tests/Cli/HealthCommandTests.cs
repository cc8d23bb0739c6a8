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
    public async Task An_answer_of_another_program_is_named_as_one()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapPost("/v1/reload", () => Results.Text("<html>"));
        await app.StartAsync();
        var url = app.Urls.Single();

        Assert.Equal((1, $"What answers at {url} is not a PluginHost: its answer is not JSON.\n"), await ReloadAsync("--url", url));
    }

    [Theory]
    [InlineData("first-key\nsecond-key\n")]
    [InlineData("clé")]
    public async Task A_file_that_holds_something_else_than_a_key_is_named_without_its_text(string text)
    {
        using var folder = new TemporaryFolder();
        var (exit, error) = await ReloadAsync("--url", "http://127.0.0.1:1", "--api-key-file", folder.Write("key", text));

        Assert.Equal(1, exit);
        Assert.Equal("The API key is not one word of ASCII characters (it is not shown). A file of --api-key-file holds one key.\n", error);
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

    private static async Task<(int Exit, string Error)> ReloadAsync(params string[] arguments)
    {
        using var error = new StringWriter();
        var exit = await ReloadCommand.Create().Parse(arguments).InvokeAsync(new() { Error = error });
        return (exit, error.ToString().ReplaceLineEndings("\n"));
    }

    private static async Task<(int Exit, string Error)> RunAsync(params string[] arguments)
    {
        using var error = new StringWriter();
        var exit = await HealthCommand.Create().Parse(arguments).InvokeAsync(new() { Error = error });
        return (exit, error.ToString().ReplaceLineEndings("\n"));
    }
}
