using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Http;

/// <summary>The two endpoints of the host's native API that <c>load</c> needs, over a backend that stores runs.</summary>
internal static class BackendServer
{
    private sealed record RunBody(string Input, string? Agent);

    private sealed record SeedMessage(string Role, string Content);

    private sealed record SessionBody(string Id, IReadOnlyList<SeedMessage>? Messages);

    private sealed record RunAnswer(string Id, string Object, string SessionId, string Status, string Text);

    public static Task<RunningServer> StartAsync(string url, IRunBackend backend)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        var app = builder.Build();
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
        return RunningServer.StartAsync(app);
    }
}
