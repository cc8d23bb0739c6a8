using System.Net;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Access;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

/// <summary>Connections of responses over WebSocket: who may open one, what clients do wrong on one, and how one ends.</summary>
public sealed class SocketConnectionTests
{
    private static readonly ServerConfiguration Local = new() { Listen = ["http://127.0.0.1:0"] };

    [Fact]
    public async Task What_is_kept_counts_messages_and_not_only_their_texts()
    {
        await using var host = await ApiHost.StartAsync(Local with { MaxBodyBytesPerTenant = 100_000 }, model: ScriptedModel.Saying("ok"));
        using var client = await SocketClient.OpenAsync(host.Address);
        var items = string.Join(",", Enumerable.Repeat("""{"role":"user","content":"x"}""", 300));

        var one = await client.RespondAsync($$"""{"generate":false,"input":[{{items}}]}""");
        await client.CreateAsync($$"""{"store":false,"input":"two","previous_response_id":"{{one.Id()}}"}""");

        await client.RefusedAsync(400, "previous_response_not_found", "previous_response_id");
    }

    [Fact]
    public async Task What_is_no_request_is_refused_and_the_connection_continues()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("ok"));
        using var client = await SocketClient.OpenAsync(host.Address);

        await client.SendAsync("{\"type\":");
        await client.RefusedAsync(400, "malformed_json");
        await client.SendAsync([1, 2, 3], WebSocketMessageType.Binary);
        await client.RefusedAsync(400, "malformed_json");
        await client.SendAsync("");
        await client.RefusedAsync(400, "malformed_json");
        await client.SendAsync("[]");
        await client.RefusedAsync(400, "invalid_value");
        await client.SendAsync("""{"type":"session.update"}""");
        await client.RefusedAsync(400, "invalid_value", "type");
        await client.SendAsync("""{"type":"response.create","stream_id":7}""");
        await client.RefusedAsync(400, "invalid_type", "stream_id");
        await client.SendAsync("""{"type":"response.create","model":"assistant"}""");
        await client.RefusedAsync(400, "missing_required_parameter", "input");
        await client.CreateAsync("""{"input":"hi","surprise":1}""");
        await client.RefusedAsync(400, "unknown_parameter", "surprise");
        await client.CreateAsync("""{"input":"hi","background":true}""");
        await client.RefusedAsync(400, "unsupported_parameter", "background");
        await client.CreateAsync("""{"input":"hi","input":"ho"}""");
        Assert.Equal("error", (await client.NextAsync()).GetProperty("type").GetString());

        Assert.Equal("ok", (await client.RespondAsync("""{"input":"hi","stream":true}""")).OutputText());
    }

    [Fact]
    public async Task A_message_beyond_the_limit_of_bodies_is_refused_and_ends_the_connection()
    {
        await using var host = await ApiHost.StartAsync(Local with { MaxBodyBytes = 10_000 }, model: ScriptedModel.Saying("ok"));
        using var client = await SocketClient.OpenAsync(host.Address);

        await client.RespondAsync($$"""{"input":"{{new string('x', 9_000)}}"}""");
        await client.CreateAsync($$"""{"input":"{{new string('x', 100_000)}}"}""");
        await client.RefusedAsync(413, "body_too_large");

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await client.ClosedAsync());
    }

    [Fact]
    public async Task Messages_and_what_is_kept_count_against_the_share_of_the_tenant()
    {
        await using var host = await ApiHost.StartAsync(Local with { MaxBodyBytesPerTenant = 20_000 }, model: ScriptedModel.Saying("ok"));
        using var client = await SocketClient.OpenAsync(host.Address);
        var text = new string('x', 9_000);

        var one = await client.RespondAsync($$"""{"store":false,"input":"{{text}}"}""");
        await client.RespondAsync($$"""{"store":false,"input":"two","previous_response_id":"{{one.Id()}}"}""");
        await client.CreateAsync($$"""{"store":false,"input":"{{text}}{{text}}"}""");
        var refused = await client.RefusedAsync(429, "too_many_bytes");
        Assert.Equal("1", refused.GetProperty("headers").GetProperty("retry-after").GetString());
        client.Dispose();

        // What the connection held is free again.
        using var other = await SocketClient.OpenAsync(host.Address);
        var limit = DateTime.UtcNow + TimeSpan.FromSeconds(30);
        while ((await SendLargeAsync(other, text + text)).GetProperty("type").GetString() != "response.completed") Assert.True(DateTime.UtcNow < limit);
    }

    [Fact]
    public async Task A_connection_counts_as_a_stream_and_each_request_on_it_against_the_rate()
    {
        await using var host = await ApiHost.StartAsync(Local with { MaxStreamsPerTenant = 1, RequestsPerSecond = 1 }, model: ScriptedModel.Saying("ok"));
        using var client = await SocketClient.OpenAsync(host.Address);
        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.OpenAsync(host.Address));

        await client.CreateAsync("""{"input":"hi"}""");
        await client.RefusedAsync(429, "rate_limit_exceeded");
    }

    [Fact]
    public async Task A_key_is_needed_and_one_that_is_revoked_later_creates_nothing_more()
    {
        await using var host = await ApiHost.StartAsync(Local with { Keys = ["first-key"] }, model: ScriptedModel.Saying("ok"));
        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.OpenAsync(host.Address));
        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.OpenAsync(host.Address, "other-key"));
        using var client = await SocketClient.OpenAsync(host.Address, "first-key");
        await client.RespondAsync("""{"input":"hi"}""");

        host.Services.GetRequiredService<ApiKeys>().Replace(Local with { Keys = ["second-key"] });

        await client.CreateAsync("""{"input":"hi"}""");
        await client.RefusedAsync(401, "invalid_api_key");
    }

    [Fact]
    public async Task A_web_page_of_another_site_opens_no_connection_to_a_host_without_keys()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("ok"));
        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.OpenAsync(host.Address, origin: "https://evil.example"));
        using var own = await SocketClient.OpenAsync(host.Address, origin: host.Address);
        await own.RespondAsync("""{"input":"hi"}""");

        // Codex takes POST instead after this status alone.
        var plain = await host.Http.GetAsync("/v1/responses");
        Assert.Equal(HttpStatusCode.UpgradeRequired, plain.StatusCode);
        Assert.Equal("websocket", plain.Headers.Upgrade.Single().Name);
        Assert.Equal("upgrade_required", JsonElement.Parse(await plain.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_is_lost_ends_an_unstored_response_and_leaves_a_stored_one_to_complete(bool store)
    {
        var (begun, release) = (new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var model = new ScriptedModel(call => WordAsync(begun, release.Task, call.Cancellation));
        await using var host = await ApiHost.StartAsync(model);
        var client = await SocketClient.OpenAsync(host.Address);
        await client.CreateAsync($$"""{"input":"hi","store":{{(store ? "true" : "false")}}}""");
        var id = (await client.NextAsync()).GetProperty("response").Id();
        var cancelled = new TaskCompletionSource();
        await using var watch = (await begun.Task).Register(cancelled.SetResult);

        client.Socket.Abort();
        client.Dispose();

        if (!store)
        {
            await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
            return;
        }

        release.SetResult();
        Assert.Equal("first second", (await host.StreamAsync("GET", $"/v1/responses/{id}?stream=true"))[^1].GetProperty("response").OutputText());
    }

    [Fact]
    public async Task A_client_that_reads_nothing_holds_no_response_up()
    {
        var piece = new string('x', 64 * 1024);
        var model = new ScriptedModel(_ => ScriptedModel.Say([.. Enumerable.Repeat(piece, 200)]));
        await using var host = await ApiHost.StartAsync(model);
        using var client = await SocketClient.OpenAsync(host.Address);
        await client.CreateAsync("""{"input":"hi"}""");
        var id = (await client.NextAsync()).GetProperty("response").Id();

        Assert.Equal("response.completed", (await host.StreamAsync("GET", $"/v1/responses/{id}?stream=true"))[^1].GetProperty("type").GetString());

        // It gets all of it when it reads.
        Assert.Equal(200 * piece.Length, (await client.ReadAsync())[^1].GetProperty("response").OutputText()!.Length);
    }

    [Fact]
    public async Task After_60_minutes_the_response_in_progress_ends_and_then_the_connection()
    {
        var (time, release) = (new FakeTimeProvider(), new TaskCompletionSource());
        var begun = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        var model = new ScriptedModel(call => WordAsync(begun, release.Task, call.Cancellation));
        await using var host = await ApiHost.StartAsync(configure: s => s.AddSingleton<TimeProvider>(time), model: model);
        using var client = await SocketClient.OpenAsync(host.Address);
        await client.CreateAsync("""{"input":"hi"}""");
        await begun.Task;

        time.Advance(TimeSpan.FromMinutes(60));
        release.SetResult();

        Assert.Equal("response.completed", (await client.ReadAsync())[^1].GetProperty("type").GetString());
        await client.RefusedAsync(400, "websocket_connection_limit_reached");
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await client.ClosedAsync());
    }

    [Fact]
    public async Task A_host_that_stops_ends_its_connections()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("ok"));
        using var client = await SocketClient.OpenAsync(host.Address);
        await client.RespondAsync("""{"input":"hi"}""");

        var stopping = host.StopAsync();

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await client.ClosedAsync());
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task<JsonElement> SendLargeAsync(SocketClient client, string text)
    {
        await client.CreateAsync($$"""{"store":false,"input":"{{text}}"}""");
        return (await client.ReadAsync())[^1];
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> WordAsync(
        TaskCompletionSource<CancellationToken> begun, Task release, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "first ") { MessageId = "m" };
        begun.TrySetResult(cancellationToken);
        await release.WaitAsync(cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "second") { MessageId = "m" };
    }
}
