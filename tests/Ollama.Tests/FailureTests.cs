using Microsoft.Extensions.Time.Testing;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Ollama;

namespace PluginHost.Ollama.Tests;

/// <summary>What callers and operators learn of Ollama's failures.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData(400, "registry.ollama.ai/library/llama3.2:latest does not support tools", ModelFailure.Rejected, null)]
    [InlineData(401, "unauthorized", ModelFailure.Unauthorized, null)]
    [InlineData(404, "model 'x' not found", ModelFailure.NotFound, null)]
    [InlineData(429, "you have reached your hourly usage limit", ModelFailure.RateLimited, null)]
    [InlineData(500, "llama runner process has terminated: signal: killed", ModelFailure.Failed, null)]
    [InlineData(503, "server busy, please try again.  maximum pending requests exceeded", ModelFailure.Failed, true)]
    [InlineData(400, "the input length exceeds the context length", ModelFailure.ContextLength, null)]
    public async Task An_error_has_the_kind_that_its_status_says(int status, string error, ModelFailure kind, bool? retry)
    {
        await using var model = await Model.StartAsync([new OllamaReply { Status = status, Error = error }]);

        var failure = await model.FailAsync();

        Assert.Equal((kind, status, retry), (failure.Failure, failure.Status, failure.ShouldRetry));
        Assert.Equal($"The model 'llama3.2' returned status {status}: {error}", failure.Message);
        Assert.Contains(model.Server.Endpoint, failure.Details, StringComparison.Ordinal);
        Assert.DoesNotContain(error, failure.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_too_long_is_refused_with_its_sizes_and_not_cut_silently()
    {
        await using var model = await Model.StartAsync([]);
        model.Server.MaxChars = 400;

        var failure = await model.FailAsync(new ChatMessage(ChatRole.User, new string('x', 800)));

        Assert.Equal(ModelFailure.ContextLength, failure.Failure);
        Assert.Matches(@"request \(\d+ tokens\) exceeds the available context size \(100 tokens\)", failure.Message);
    }

    [Fact]
    public async Task An_error_in_the_middle_of_an_answer_is_not_its_end()
    {
        await using var model = await Model.StartAsync([new OllamaReply(OllamaReply.Text("one")) { Error = "an error was encountered while running the model: CUDA error" }]);
        var read = new List<string>();

        var failure = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var update in model.Client.GetStreamingResponseAsync("hi")) read.Add(update.Text);
        });

        Assert.Equal(["one"], read);
        Assert.Equal(ModelFailure.Failed, failure.Failure);
        Assert.Contains("failed during its answer: an error was encountered while running the model: CUDA error", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_breaks_off_is_interrupted(bool breaks)
    {
        var hold = new Hold();
        await using var model = await Model.StartAsync([new OllamaReply(OllamaReply.Text("one")) { BreakOff = breaks, EndEarly = !breaks, AfterFirstLine = hold }]);

        var failure = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var update in model.Client.GetStreamingResponseAsync("hi")) hold.Release();
        });

        Assert.Equal(ModelFailure.Interrupted, failure.Failure);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up()
    {
        var (time, hold) = (new FakeTimeProvider(), new Hold());
        await using var model = await Model.StartAsync([new OllamaReply(OllamaReply.Text("one")) { AfterFirstLine = hold }], o => o with { Timeout = TimeSpan.FromSeconds(30) }, clock: time);
        await using var updates = model.Client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();
        await updates.MoveNextAsync();
        var next = updates.MoveNextAsync().AsTask();

        time.Advance(TimeSpan.FromSeconds(30));

        var failure = await Assert.ThrowsAsync<ModelException>(() => next);
        Assert.Equal(ModelFailure.Timeout, failure.Failure);
        Assert.Contains("sent no data for 30 s during its answer", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_server_is_tried_again()
    {
        await using var model = await Model.StartAsync([new OllamaReply { Status = 503, Error = "server busy" }, new OllamaReply(OllamaReply.Text("now"))], o => o with { MaxRetries = 1 });

        Assert.Equal("now", (await model.Client.GetResponseAsync("hi")).Text);
        Assert.Contains(model.Logs, l => l.Message.Contains("returned status 503", StringComparison.Ordinal) && l.Message.Contains("Retry 1 of 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unreachable()
    {
        await using var model = await Model.StartAsync([], o => o with { Endpoint = new Uri("http://127.0.0.1:9") });

        Assert.Equal(ModelFailure.Unreachable, (await model.FailAsync()).Failure);
    }

    [Theory]
    [InlineData("wrong: Bearer secret-0123456789")]
    [InlineData("wrong: secret-0123456789")]
    public async Task A_secret_header_is_never_shown(string error)
    {
        await using var model = await Model.StartAsync(
            [new OllamaReply { Status = 401, Error = error }],
            o => o with { Headers = new Dictionary<string, Secret> { ["Authorization"] = new("Bearer secret-0123456789") } });

        Assert.Equal("The model 'llama3.2' returned status 401: wrong: ***", (await model.FailAsync()).Message);
    }
}
