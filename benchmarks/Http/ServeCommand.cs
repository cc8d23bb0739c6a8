using System.CommandLine;
using Microsoft.Extensions.AI;
using PluginHost.Benchmarks.Runs;

namespace PluginHost.Benchmarks.Http;

/// <summary>The command <c>serve</c>. It runs a server that the host is compared with, for the same requests as the host's native API.</summary>
internal static class ServeCommand
{
    private sealed record RunBody(string Input, string? Agent);

    private sealed record SeedMessage(string Role, string Content);

    private sealed record SessionBody(string Id, IReadOnlyList<SeedMessage>? Messages);

    private sealed record RunAnswer(string Id, string Object, string SessionId, string Status, string Text);

    public static Command Create()
    {
        var kind = new Argument<string>("kind") { Description = "baseline: a handler written by hand. peer: ChatClientAgent with SQLite under a lock." };
        kind.AcceptOnlyFromAmong("baseline", "peer");
        var url = new Option<string>("--url") { Description = "The address to listen on.", DefaultValueFactory = _ => "http://127.0.0.1:5090" };
        var data = new Option<string>("--data") { Description = "The database file. It is created if it does not exist.", Required = true };
        var command = new Command("serve", "Run a server that the host is compared with, until SIGTERM.") { kind, url, data };
        command.SetAction((parsed, cancellationToken) =>
            ServeAsync(parsed.GetValue(kind)!, parsed.GetValue(url)!, parsed.GetValue(data)!, cancellationToken));
        return command;
    }

    private static async Task ServeAsync(string kind, string url, string data, CancellationToken cancellationToken)
    {
        using var model = new StubChatClient();
        await using IRunBackend backend = kind == "peer" ? new PeerBackend(data, model) : new HttpBaseline(data, model);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower);
        await using var app = builder.Build();

        app.MapGet("/health/ready", () => Results.Ok());
        app.MapPost("/v1/sessions", async (SessionBody body, CancellationToken ct) =>
        {
            await backend.SeedAsync(body.Id, [.. (body.Messages ?? []).Select(m => new ChatMessage(new ChatRole(m.Role), m.Content))], ct);
            return Results.Created();
        });
        app.MapPost("/v1/sessions/{id}/runs", async (string id, RunBody body, CancellationToken ct) =>
        {
            var text = await backend.RunAsync(id, body.Input, ct);
            return Results.Ok(new RunAnswer($"run_{Guid.NewGuid():N}", "run", id, "completed", text));
        });
        await app.RunAsync(cancellationToken);
    }
}
