using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PluginHost.McpServer;

// An MCP server with bad habits, for tests. "stdio" speaks on standard input and output; "http PORT" listens on loopback and demands
// the header "X-Key: open" or a token from its own /token. Standard output belongs to the protocol.
if (args is ["http", var port])
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.Services.AddMcpServer(options => options.ServerInstructions = "Count before you add.").WithHttpTransport().WithTools<Habits>();
    var app = builder.Build();
    Credentials.Map(app);
    app.MapMcp("/mcp");
    await app.RunAsync($"http://127.0.0.1:{port}");
}
else
{
    if (args is ["stdio", "refuse"])
    {
        await Console.Error.WriteLineAsync("The licence has ended.");
        return 3;
    }

    var builder = Host.CreateEmptyApplicationBuilder(null);
    builder.Services.AddMcpServer(options => options.ServerInstructions = "Count before you add.")
        .WithStdioServerTransport().WithTools<Habits>().WithResources<Texts>().WithPrompts<Texts>();
    await builder.Build().RunAsync();
}

return 0;
