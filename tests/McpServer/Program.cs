using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using PluginHost.McpServer;

// An MCP server with bad habits, for tests. "stdio" speaks on standard input and output; "http PORT" listens on loopback and demands
// the header "X-Key: open" or a token from its own /token; with "sessions" after it, clients of older revisions get sessions,
// with "old", all do and there are no newer revisions, and with "subscriptions", clients of newer ones may subscribe. "stdio mute" never lists its resources. Standard output belongs to the protocol.
if (args is ["http", var port, ..])
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.Services.AddMcpServer(options => options.ServerInstructions = "Count before you add.")
        .WithHttpTransport(options =>
        {
            options.SessionMode = args[^1] switch
            {
                "sessions" => HttpServerSessionMode.StatefulForInitializeClients,
                "old" => HttpServerSessionMode.Stateful,
                _ => HttpServerSessionMode.Stateless,
            };
            options.ConfigureSessionOptions = Habits.ShareTools;
        })
        .WithTools<Habits>();
    if (args is [.., "subscriptions"]) builder.Services.AddMcpServer().WithSubscriptionsListenHandler(Subscriptions.HoldAsync);
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
    if (args is ["stdio", "mute"])
    {
        builder.Services.AddMcpServer().WithListResourcesHandler(static async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return new ListResourcesResult();
        });
    }

    await builder.Build().RunAsync();
}

return 0;
