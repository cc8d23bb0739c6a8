using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace PluginHost.EndToEnd.Kills;

/// <summary>Where tools act. It counts what they do. Thread-safe.</summary>
internal sealed class EffectServer(Action<KillPoint> hit)
{
    private readonly ConcurrentQueue<Effect> _effects = new();

    public IReadOnlyList<Effect> Effects => [.. _effects];

    public async Task ActAsync(HttpContext http)
    {
        var act = (await http.Request.ReadFromJsonAsync<Effect>())!;
        _effects.Enqueue(act);
        hit(KillPoint.ToolActed);
        // Some tools take a time in which a host can be lost.
        if (act.Name.Length % 2 == 0) await Pace.WaitAsync(http.RequestAborted);
        await http.Response.WriteAsync($"did {act.Name}", http.RequestAborted);
    }
}

/// <summary>What a tool did.</summary>
/// <param name="Key">The idempotency key of the call.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Name">The effect.</param>
internal sealed record Effect(string Key, string Tool, [property: System.Text.Json.Serialization.JsonPropertyName("effect")] string Name);

/// <summary>The pace of the servers: a model takes its time for a piece, and a tool for an answer.</summary>
internal static class Pace
{
    public static async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}
