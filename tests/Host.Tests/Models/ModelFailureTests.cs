using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.ModelClients.OpenAI;
using PluginHost.ModelServer;
using PluginHost.Sdk;

namespace PluginHost.Tests.Models;

public sealed class ModelFailureTests
{
    private static readonly ChatMessage[] Hi = [new(ChatRole.User, "hi")];

    [Theory]
    [InlineData(401, ModelFailure.Unauthorized, "Check the key in the environment variable OPENAI_API_KEY")]
    [InlineData(404, ModelFailure.NotFound, "it ends in /v1")]
    [InlineData(402, ModelFailure.RateLimited, "no credit left")]
    [InlineData(429, ModelFailure.RateLimited, "quota")]
    [InlineData(400, ModelFailure.Rejected, "")]
    [InlineData(500, ModelFailure.Failed, "")]
    [InlineData(504, ModelFailure.Timeout, "")]
    public async Task A_status_becomes_a_type_the_servers_words_and_a_cure(int status, ModelFailure failure, string cure)
    {
        var reply = new ModelReply { Status = status, Error = "It went wrong.", ErrorCode = 17, Headers = new Dictionary<string, string> { ["Retry-After"] = "9" } };
        await using var server = await FakeModel.StartAsync();
        server.Default = reply;
        using var model = new Connection(server);

        foreach (var streamed in (bool[])[true, false])
        {
            var error = await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi, streamed));

            Assert.Equal((failure, status, TimeSpan.FromSeconds(9)), (error.Failure, error.Status, error.RetryAfter));
            Assert.Equal($"The model 'gpt-4.1-mini' returned status {status}: It went wrong.", error.Message);
            Assert.Contains($"The model 'gpt-4.1-mini' at {server.Endpoint} returned status {status}", error.Details, StringComparison.Ordinal);
            Assert.DoesNotContain("It went wrong", error.Details, StringComparison.Ordinal);
            Assert.Contains(cure, error.Details, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("context_length_exceeded", ModelFailure.ContextLength)]
    [InlineData("something_else", ModelFailure.Rejected)]
    public async Task A_conversation_that_is_too_long_for_the_model_has_a_separate_type(string code, ModelFailure failure)
    {
        await using var server = await FakeModel.StartAsync(new ModelReply { Status = 400, Error = "Too long.", ErrorCode = code });
        using var model = new Connection(server);

        var error = await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi, streamed: true));

        Assert.Equal(failure, error.Failure);
    }

    [Fact]
    public async Task The_servers_words_are_bounded_and_the_key_is_never_among_them()
    {
        var reply = new ModelReply { Status = 401, Error = $"Wrong key sk-secret. {new string('x', 2000)}" };
        await using var server = await FakeModel.StartAsync(reply);
        using var model = new Connection(server, null, ("OPENAI_API_KEY", "sk-secret"));

        var error = await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi));

        Assert.DoesNotContain("sk-secret", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Wrong key ***.", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 500, 1000);
    }

    [Fact]
    public async Task A_placeholder_for_a_key_is_not_cut_out_of_words()
    {
        await using var server = await FakeModel.StartAsync(new ModelReply { Status = 400, Error = "An example of text." });
        using var model = new Connection(server, null, ("OPENAI_API_KEY", "x"));

        var error = await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi));

        Assert.Contains("An example of text.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unreachable()
    {
        var server = await FakeModel.StartAsync();
        var endpoint = server.Endpoint;
        await server.DisposeAsync();
        using var model = new Connection(endpoint, null, null);

        var error = await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi, streamed: true));

        Assert.Equal(ModelFailure.Unreachable, error.Failure);
        Assert.DoesNotContain("127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.Contains(endpoint, error.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_a_letter_is_a_placeholder_and_not_cut_out_of_words()
    {
        await using var server = await FakeModel.StartAsync(new ModelReply { Status = 400, Error = "An axe." });
        using var model = new Connection(server, null, ("OPENAI_API_KEY", "x"));

        Assert.Contains("An axe.", (await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(OpenAIApi.Chat))]
    [InlineData(nameof(OpenAIApi.Responses))]
    public async Task An_answer_that_breaks_off_or_ends_early_or_turns_into_an_error_fails_after_its_text(string apiName)
    {
        var api = Enum.Parse<OpenAIApi>(apiName);
        var hold = new Hold();
        await using var server = await FakeModel.StartAsync(
            new() { BreakOff = true, AfterFirstPiece = hold }, new() { EndEarly = true }, new() { Error = "Out of memory." });
        using var model = new Connection(server, o => o with { Api = api, MaxRetries = 2 });

        Assert.Equal(("Hello", ModelFailure.Interrupted), await FailAsync(model, afterText: hold));
        Assert.Equal(("Hello there", ModelFailure.Interrupted), await FailAsync(model));
        Assert.Equal(("Hello there", ModelFailure.Failed), await FailAsync(model, "failed during its answer: Out of memory."));
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("<html>Bad gateway</html>")]
    [InlineData("{}")]
    [InlineData("")]
    public async Task What_is_not_the_protocol_is_a_failure_of_the_model(string body)
    {
        await using var server = await FakeModel.StartAsync();
        server.Default = new() { Body = body };
        using var model = new Connection(server);

        Assert.Equal(ModelFailure.Failed, (await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi))).Failure);
        await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi, streamed: true));
    }

    [Fact]
    public async Task A_model_that_is_silent_in_the_middle_of_its_answer_times_out()
    {
        var hold = new Hold();
        var time = new FakeTimeProvider();
        await using var server = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = hold });
        using var model = new Connection(server.Endpoint, o => o with { TimeoutSeconds = 33 }, time);

        await using var updates = model.Client.GetStreamingResponseAsync(Hi).GetAsyncEnumerator();
        var text = "";
        while (text.Length == 0 && await updates.MoveNextAsync()) text = updates.Current.Text;
        var next = updates.MoveNextAsync();
        time.Advance(TimeSpan.FromSeconds(32));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ModelFailure.Timeout, (await Assert.ThrowsAsync<ModelException>(async () => await next)).Failure);
        await hold.Abandoned;
    }

    private static async Task<(string Text, ModelFailure Failure)> FailAsync(Connection model, string message = "", Hold? afterText = null)
    {
        var text = "";
        var error = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var update in model.Client.GetStreamingResponseAsync(Hi))
            {
                text += update.Text;
                if (text.Length > 0) afterText?.Release();
            }
        });
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        return (text, error.Failure);
    }
}
