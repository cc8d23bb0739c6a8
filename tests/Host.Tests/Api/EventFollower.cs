using System.Globalization;
using System.Text.Json;

namespace PluginHost.Tests.Api;

/// <summary>An event that a client received.</summary>
internal sealed record ReceivedEvent(string Name, long Id, JsonElement Data);

/// <summary>A client of the events of the host.</summary>
internal sealed class EventFollower : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventFollower(HttpResponseMessage response, Stream stream) => (_response, _reader) = (response, new StreamReader(stream));

    /// <summary>Returns when the host has begun the stream: every later event is on it.</summary>
    public static async Task<EventFollower> OpenAsync(ApiHost host, string path = "/v1/events", string? key = null, long lastEventId = 0)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null) request.Headers.Add("X-Api-Key", key);
        if (lastEventId > 0) request.Headers.Add("Last-Event-ID", lastEventId.ToString(CultureInfo.InvariantCulture));
        var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Limit);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var follower = new EventFollower(response, await response.Content.ReadAsStreamAsync());
        Assert.StartsWith(":", await follower.LineAsync());
        return follower;
    }

    public async Task<ReceivedEvent> NextAsync()
    {
        var (name, id, data) = ("", 0L, "");
        while (true)
        {
            var line = await LineAsync() ?? throw new EndOfStreamException("The stream has ended.");
            if (line.Length == 0 && data.Length > 0) return new ReceivedEvent(name, id, JsonElement.Parse(data));
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = long.Parse(line[4..], CultureInfo.InvariantCulture);
            if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
        }
    }

    /// <summary>The next events, as name and session.</summary>
    public async Task<IReadOnlyList<string>> TakeAsync(int count)
    {
        var taken = new List<string>();
        while (taken.Count < count)
        {
            var next = await NextAsync();
            taken.Add(next.Data.TryGetProperty("session_id", out var session) ? $"{next.Name} {session.GetString()}" : next.Name);
        }

        return taken;
    }

    /// <summary>Waits until the host ends the stream.</summary>
    public async Task EndAsync()
    {
        while (await LineAsync() is not null)
        {
        }
    }

    public ValueTask DisposeAsync()
    {
        _response.Dispose();
        return default;
    }

    private Task<string?> LineAsync() => _reader.ReadLineAsync().WaitAsync(Limit);
}
