using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

public sealed class IdempotencyTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Responses = "/v1/responses";
    private const string Hi = """{"messages":[{"role":"user","content":"hi"}]}""";

    [Theory]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"hi"}]}""")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"hi"}],"stream":true}""")]
    [InlineData(Responses, """{"input":"hi"}""")]
    public async Task A_repeated_request_gets_the_answer_that_was_stored(string path, string body)
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);

        var first = await SendAsync(host, path, body, "k", path == Chat ? "trip" : null);
        var again = await SendAsync(host, path, body, "k", path == Chat ? "trip" : null);

        Assert.Equal((200, false), (first.Status, first.Replayed));
        Assert.Equal((first.Text, true), (again.Text, again.Replayed));
        Assert.Single(model.Calls);
    }

    [Fact]
    public async Task A_streamed_response_is_replayed_event_by_event()
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);
        const string Body = """{"input":"hi","stream":true}""";

        var first = ResponsesClient.EventsIn((await SendAsync(host, Responses, Body, "k")).Text);
        var again = ResponsesClient.EventsIn((await SendAsync(host, Responses, Body, "k")).Text);

        Assert.Equal(first.Types(), again.Types());
        Assert.Equal(first[^1].GetRawText(), again[^1].GetRawText());
        Assert.Single(model.Calls);
    }

    [Fact]
    public async Task A_response_that_follows_another_is_replayed_and_leaves_no_branch()
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);
        var root = await host.RespondAsync("""{"input":"hi"}""");
        var body = $$"""{"input":"more","previous_response_id":"{{root.Id()}}"}""";
        await host.RespondAsync(body);

        var branch = await SendAsync(host, Responses, body, "k");
        var again = await SendAsync(host, Responses, body, "k");

        Assert.Equal((branch.Text, true), (again.Text, again.Replayed));
        Assert.Equal(3, model.Calls.Count);
        Assert.Equal(2, (await host.CallAsync("GET", "/v1/sessions")).GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"hi"}],"stream":true}""")]
    [InlineData(Responses, """{"input":"hi","store":false,"stream":true}""")]
    public async Task A_request_that_stores_nothing_is_joined_while_it_runs_and_runs_anew_afterwards(string path, string body)
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var resume = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var model = new ScriptedModel(_ => WaitAsync(began, resume.Task), _ => ScriptedModel.Say("hello"));
        await using var host = await ApiHost.StartAsync(model);

        var first = SendAsync(host, path, body, "k");
        await began.Task;
        var other = await SendAsync(host, path, body.Replace("hi", "ho", StringComparison.Ordinal), "k");
        var joined = SendAsync(host, path, body, "k", onHead: resume.SetResult);
        var answers = await Task.WhenAll(first, joined);
        var later = await SendAsync(host, path, body, "k");

        IsRefused(other);
        Assert.Equal(answers[0].Text, answers[1].Text);
        Assert.Equal((false, true, false), (answers[0].Replayed, answers[1].Replayed, later.Replayed));
        Assert.NotEqual(answers[0].Text, later.Text);
        Assert.Equal(2, model.Calls.Count);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"ho"}]}""", "trip")]
    [InlineData(Hi, "other")]
    [InlineData(Hi, null)]
    public async Task A_key_that_was_used_for_another_request_is_refused_without_retry(string body, string? session)
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("hello"));
        await SendAsync(host, Chat, Hi, "k", "trip");

        IsRefused(await SendAsync(host, Chat, body, "k", session));
        Assert.Single((await host.CallAsync("GET", "/v1/sessions")).GetProperty("data").EnumerateArray());
    }

    [Theory]
    [InlineData(Chat, Hi)]
    [InlineData(Responses, """{"input":"hi"}""")]
    public async Task A_failed_request_is_run_anew_with_its_key(string path, string body)
    {
        var model = new ScriptedModel(_ => ScriptedModel.Break("hel"), _ => ScriptedModel.Say("hello"));
        await using var host = await ApiHost.StartAsync(model);

        var failed = await SendAsync(host, path, body, "k", path == Chat ? "trip" : null);
        var retried = await SendAsync(host, path, body, "k", path == Chat ? "trip" : null);

        Assert.Equal((502, 200, false), (failed.Status, retried.Status, retried.Replayed));
        Assert.Contains("hello", retried.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_key_is_refused_by_name()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("hello"));
        foreach (var (path, body) in new[] { (Chat, Hi), (Responses, """{"input":"hi"}""") })
        {
            var answer = await SendAsync(host, path, body, "two words");
            var error = JsonElement.Parse(answer.Text).GetProperty("error");
            Assert.Equal((400, "invalid_value", "Idempotency-Key"), (answer.Status, error.Text("code"), error.Text("param")));
        }
    }

    [Fact]
    public async Task Sessions_beyond_a_tenants_limit_are_refused_without_retry()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("hello"), new SessionsConfiguration { MaxSessions = 1 });
        await SendAsync(host, Chat, Hi, "1", "one");

        var refused = await SendAsync(host, Chat, Hi, "2", "two");

        Assert.Equal((429, "false"), (refused.Status, refused.ShouldRetry));
    }

    private static void IsRefused(Answer answer)
    {
        Assert.Equal((422, "false", false), (answer.Status, answer.ShouldRetry, answer.Replayed));
        var error = JsonElement.Parse(answer.Text).GetProperty("error");
        Assert.Equal(("idempotency_key_reused", "invalid_request_error"), (error.Text("code"), error.Text("type")));
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> WaitAsync(TaskCompletionSource began, Task resume)
    {
        began.SetResult();
        yield return new ChatResponseUpdate(ChatRole.Assistant, "hel");
        await resume;
        yield return new ChatResponseUpdate(ChatRole.Assistant, "lo");
    }

    /// <param name="host">The host.</param>
    /// <param name="path">The path.</param>
    /// <param name="body">The body.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="session">The session of a chat; null for none.</param>
    /// <param name="onHead">Called when the answer has begun.</param>
    private static async Task<Answer> SendAsync(ApiHost host, string path, string body, string key, string? session = null, Action? onHead = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (session is not null) request.Headers.Add("PluginHost-Session", session);
        using var answer = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        onHead?.Invoke();
        return new Answer(
            (int)answer.StatusCode,
            await answer.Content.ReadAsStringAsync(),
            answer.Headers.Contains("Idempotency-Replayed"),
            answer.Headers.TryGetValues("x-should-retry", out var values) ? values.Single() : null);
    }

    private sealed record Answer(int Status, string Text, bool Replayed, string? ShouldRetry);
}
