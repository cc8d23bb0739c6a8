using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Kills;

/// <summary>The events of a run that one caller has received, over any number of connections.</summary>
internal sealed class RunStream
{
    private readonly List<StreamEvent> _events = [];

    public IReadOnlyList<StreamEvent> Events => _events;

    /// <summary>How many events were received before the last time that the stream was taken up.</summary>
    public int TakenUpAt { get; private set; }

    public string? RunId => _events.Count == 0 ? null : (string?)_events[0].Data["id"];

    public bool IsEnded => _events is [.., { IsEnd: true }];

    public string Text => string.Concat(_events.Where(e => e.Type == "message.delta").Select(e => (string?)e.Data["text"]));

    /// <summary>Reads the answer to a request, to the last event or until the connection is lost.</summary>
    public async Task ReadAsync(ApiClient api, HttpRequestMessage request, Action<KillPoint> hit)
    {
        using (request)
        {
            using var response = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (!response.IsSuccessStatusCode) Assert.Fail($"{request.RequestUri}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            await using var body = await response.Content.ReadAsStreamAsync();
            using var limit = new CancellationTokenSource(2 * ChildProcess.TimeLimit);
            await foreach (var item in SseParser.Create(body).EnumerateAsync(limit.Token))
            {
                _events.Add(new StreamEvent(long.Parse(item.EventId!, System.Globalization.CultureInfo.InvariantCulture), item.EventType, JsonNode.Parse(item.Data)!));
                hit(KillPoint.EventReceived);
            }
        }
    }

    /// <summary>Attaches behind the last event that was received.</summary>
    public async Task TakeUpAsync(ApiClient api, string session, string run, Action<KillPoint> hit)
    {
        TakenUpAt = _events.Count;
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sessions/{session}/runs/{run}/events");
        if (_events.Count > 0) request.Headers.Add("Last-Event-ID", $"{_events[^1].Id}");
        await ReadAsync(api, request, hit);
    }
}

/// <summary>An event as it was received.</summary>
internal sealed record StreamEvent(long Id, string Type, JsonNode Data)
{
    public bool IsEnd => Type is "run.completed" or "run.failed" or "run.cancelled" or "run.requires_action";

    /// <summary>What is the same each time that the event is sent: the state of the run is another one after a restart.</summary>
    public string Line => Type.StartsWith("run.", StringComparison.Ordinal) ? $"{Id} {Type}" : $"{Id} {Type} {Data.ToJsonString()}";
}
