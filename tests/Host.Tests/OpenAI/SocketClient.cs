using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.OpenAI;

/// <summary>A client of responses over a real WebSocket.</summary>
internal sealed class SocketClient(ClientWebSocket socket) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public ClientWebSocket Socket => socket;

    public static async Task<SocketClient> OpenAsync(string address, string? key = null, string? origin = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (key is not null) socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        await socket.ConnectAsync(new Uri(address.Replace("http:", "ws:", StringComparison.Ordinal) + "/v1/responses"), default).WaitAsync(Patience);
        return new SocketClient(socket);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendAsync(byte[] bytes, WebSocketMessageType type) => socket.SendAsync(bytes.AsMemory(), type, endOfMessage: true, default).AsTask().WaitAsync(Patience);

    /// <summary>Sends a request with these members beside the model.</summary>
    public Task CreateAsync(string members) => SendAsync("""{"type":"response.create","model":"assistant",""" + members[1..]);

    /// <summary>The next event.</summary>
    public async Task<JsonElement> NextAsync()
    {
        using var text = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var piece = await socket.ReceiveAsync(buffer.AsMemory(), default).AsTask().WaitAsync(Patience);
            Assert.Equal(WebSocketMessageType.Text, piece.MessageType);
            text.Write(buffer, 0, piece.Count);
            if (piece.EndOfMessage) return JsonElement.Parse(text.ToArray());
        }
    }

    /// <summary>The events of one response, to its last one or to an error.</summary>
    public async Task<List<JsonElement>> ReadAsync()
    {
        var events = new List<JsonElement>();
        while (true)
        {
            events.Add(await NextAsync());
            if (events[^1].Text("type") is "error" or "response.completed" or "response.failed" or "response.incomplete") return events;
        }
    }

    /// <summary>Creates a response and returns it when it is complete.</summary>
    public async Task<JsonElement> RespondAsync(string members)
    {
        await CreateAsync(members);
        var last = (await ReadAsync())[^1];
        Assert.True(last.Text("type") == "response.completed", last.GetRawText());
        return last.GetProperty("response");
    }

    /// <summary>The next event, which is an error with these members.</summary>
    public async Task<JsonElement> RefusedAsync(int status, string code, string? param = null)
    {
        var refusal = await NextAsync();
        Assert.True(refusal.Text("type") == "error", refusal.GetRawText());
        var error = refusal.GetProperty("error");
        Assert.Equal((status, code, param), (refusal.GetProperty("status").GetInt32(), error.Text("code"), error.Text("param")));
        Assert.NotEqual("", error.Text("message"));
        return refusal;
    }

    /// <summary>Waits for the server's end of the connection, and answers it.</summary>
    public async Task<WebSocketCloseStatus?> ClosedAsync()
    {
        var piece = await socket.ReceiveAsync(new byte[1024].AsMemory(), default).AsTask().WaitAsync(Patience);
        Assert.Equal(WebSocketMessageType.Close, piece.MessageType);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", default);
        return socket.CloseStatus;
    }

    public void Dispose() => socket.Dispose();
}
