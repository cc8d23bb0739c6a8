using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Kills;

/// <summary>How a caller sends a run.</summary>
internal enum LoopMode
{
    Background,
    Streamed,
    Waiting,
}

/// <summary>A run as its caller sees it: sent, followed over any number of lost hosts, and ended.</summary>
internal sealed class LoopRun(string session, LoopTask task, LoopMode mode)
{
    private readonly RunStream _stream = new();
    private string? _id;
    private bool _isAnswered;

    public LoopTask Task => task;

    public LoopMode Mode => mode;

    /// <summary>The id that the caller has seen; null while it has seen none.</summary>
    public string? Id => _id ?? _stream.RunId;

    public bool IsEnded => mode == LoopMode.Waiting ? _isAnswered : _stream.IsEnded;

    public RunStream Stream => _stream;

    /// <summary>Whether the host was lost before the caller knew how the run had ended.</summary>
    public bool WasLost { get; private set; }

    /// <summary>Sends the run. One that is not in the background has ended then.</summary>
    public async Task SendAsync(ApiClient api, Action<KillPoint> hit, bool isRetry = false)
    {
        var body = new JsonObject { ["input"] = task.Input, ["background"] = mode == LoopMode.Background, ["stream"] = mode == LoopMode.Streamed };
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/{session}/runs") { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", task.Id } } };
        if (mode == LoopMode.Streamed)
        {
            await _stream.ReadAsync(api, request, hit);
            return;
        }

        using (request)
        {
            using var response = await api.Http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            // A run that waited when its host was lost has ended as lost, and is sent again.
            if (text.Contains("\"host_lost\"", StringComparison.Ordinal) && !isRetry)
            {
                await SendAsync(api, hit, isRetry: true);
                return;
            }

            Assert.True(response.StatusCode == (mode == LoopMode.Background ? HttpStatusCode.Accepted : HttpStatusCode.OK), $"{task.Id}: {(int)response.StatusCode} {text}");
            _id = (string)JsonNode.Parse(text)!["id"]!;
            _isAnswered = mode == LoopMode.Waiting;
            hit(KillPoint.RequestAnswered);
        }
    }

    /// <summary>Waits for the end of the run. One whose id was never seen is sent again.</summary>
    public async Task FinishAsync(ApiClient api, Action<KillPoint> hit)
    {
        if (IsEnded) return;
        if (Id is null) await SendAsync(api, hit);
        if (!IsEnded) await _stream.TakeUpAsync(api, session, Id!, hit);
        Assert.True(IsEnded, $"{task.Id}: the stream ended without the end of the run.");
    }

    public void Lose() => WasLost |= !IsEnded;

    /// <summary>The run as it is stored. Checks that it has ended as it must.</summary>
    public async Task<JsonNode> GetAsync(ApiClient api)
    {
        var run = await api.GetAsync($"/v1/sessions/{session}/runs/{Id}");
        var isLost = mode == LoopMode.Streamed && WasLost && (string?)run["status"] == "failed" && (string?)run["error"]!["type"] == "host_lost";
        Assert.True(isLost || (string?)run["status"] == "completed", $"{task.Id} {mode}: {run.ToJsonString()}");
        return run;
    }
}
