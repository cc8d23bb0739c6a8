using Microsoft.Extensions.Time.Testing;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Anthropic;
using static PluginHost.ModelServer.Anthropic.AnthropicReply;

namespace PluginHost.AnthropicModels.Tests;

/// <summary>What callers and operators learn of the service's failures.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData(400, "invalid_request_error", "max_tokens: 300000 > 64000", ModelFailure.Rejected, null)]
    [InlineData(400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum", ModelFailure.ContextLength, null)]
    [InlineData(400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000", ModelFailure.ContextLength, null)]
    [InlineData(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.", ModelFailure.RateLimited, false)]
    [InlineData(403, "permission_error", "Your API key does not have permission", ModelFailure.Unauthorized, null)]
    [InlineData(404, "not_found_error", "model: claude-test", ModelFailure.NotFound, null)]
    [InlineData(413, "request_too_large", "Request exceeds the maximum size", ModelFailure.Rejected, null)]
    [InlineData(429, "rate_limit_error", "This request would exceed your organization's rate limit", ModelFailure.RateLimited, null)]
    [InlineData(500, "api_error", "Internal server error", ModelFailure.Failed, null)]
    [InlineData(504, "timeout_error", "Request timed out", ModelFailure.Timeout, null)]
    [InlineData(529, "overloaded_error", "Overloaded", ModelFailure.Failed, true)]
    public async Task An_error_has_its_kind(int status, string type, string message, ModelFailure kind, bool? retry)
    {
        await using var model = await Model.StartAsync([new AnthropicReply { Status = status, Error = (type, message), Headers = new Dictionary<string, string> { ["retry-after"] = "7" } }]);

        var failure = await model.FailAsync();

        Assert.Equal((kind, status, type, TimeSpan.FromSeconds(7), retry), (failure.Failure, failure.Status, failure.Code, failure.RetryAfter, failure.ShouldRetry));
        Assert.Equal($"The model 'claude-test' returned status {status}: {message}", failure.Message);
        Assert.DoesNotContain(message, failure.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_named_to_the_operator_and_not_shown()
    {
        await using var model = await Model.StartAsync([], o => o with { ApiKey = new Secret("sk-ant-wrong-012345") });

        var failure = await model.FailAsync();

        Assert.Equal((ModelFailure.Unauthorized, "The model 'claude-test' returned status 401: invalid x-api-key"), (failure.Failure, failure.Message));
        Assert.EndsWith("(authentication_error). Check ApiKey.", failure.Details, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-ant-wrong", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("overloaded_error", ModelFailure.Failed, true)]
    [InlineData("rate_limit_error", ModelFailure.RateLimited, null)]
    public async Task An_error_in_the_middle_of_an_answer_is_not_its_end(string type, ModelFailure kind, bool? retry)
    {
        await using var model = await Model.StartAsync([new AnthropicReply(Text("one")) { Error = (type, "Later.") }]);
        var read = "";

        var failure = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var update in model.Client.GetStreamingResponseAsync("hi")) read += update.Text;
        });

        Assert.Equal("one", read);
        Assert.Equal((kind, type, retry), (failure.Failure, failure.Code, failure.ShouldRetry));
        Assert.Equal("The model 'claude-test' failed during its answer: Later.", failure.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_breaks_off_is_interrupted(bool breaks)
    {
        var hold = new Hold();
        await using var model = await Model.StartAsync([new AnthropicReply(Text("one")) { BreakOff = breaks, EndEarly = !breaks, AfterFirstBlock = hold }]);

        var failure = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var update in model.Client.GetStreamingResponseAsync("hi")) hold.Release();
        });

        Assert.Equal(ModelFailure.Interrupted, failure.Failure);
    }

    [Fact]
    public async Task A_service_that_falls_silent_is_given_up()
    {
        var (time, hold) = (new FakeTimeProvider(), new Hold());
        await using var model = await Model.StartAsync([new AnthropicReply(Text("one")) { AfterFirstBlock = hold }], o => o with { Timeout = TimeSpan.FromSeconds(30) }, time);
        await using var updates = model.Client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();
        await updates.MoveNextAsync();
        var next = updates.MoveNextAsync().AsTask();
        await hold.Reached;

        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        Assert.Equal(ModelFailure.Timeout, (await Assert.ThrowsAsync<ModelException>(() => next)).Failure);
    }

    [Fact]
    public async Task An_overloaded_service_is_tried_again_when_it_says()
    {
        await using var model = await Model.StartAsync(
            [new AnthropicReply { Status = 529, Error = ("overloaded_error", "Overloaded"), Headers = new Dictionary<string, string> { ["retry-after"] = "0" } }, new AnthropicReply(Text("now"))],
            o => o with { MaxRetries = 1 });

        Assert.Equal("now", (await model.Client.GetResponseAsync("hi")).Text);
        Assert.Contains(model.Logs, l => l.Message.Contains("returned status 529 (overloaded_error). The service is overloaded. Retry 1 of 1 in 0 s.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_wants_more_than_a_minute_is_not_tried_again()
    {
        await using var model = await Model.StartAsync(
            [new AnthropicReply { Status = 429, Error = ("rate_limit_error", "Later."), Headers = new Dictionary<string, string> { ["retry-after"] = "61" } }], o => o with { MaxRetries = 2 });

        Assert.Equal(TimeSpan.FromSeconds(61), (await model.FailAsync()).RetryAfter);
        Assert.Single(model.Server.Requests);
    }
}
