using Microsoft.Extensions.AI;
using PluginHost.ModelServer;
using PluginHost.Sdk;

namespace PluginHost.Tests.Models;

public sealed class ModelRetryTests
{
    private static readonly ChatMessage[] Hi = [new(ChatRole.User, "hi")];
    private static readonly Dictionary<string, string> AtOnce = new() { ["Retry-After"] = "0" };

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_passing_failure_is_tried_again_with_the_same_request(int status)
    {
        var failure = new ModelReply { Status = status, Headers = AtOnce };
        await using var server = await FakeModel.StartAsync(failure, failure);
        using var model = new Connection(server, o => o with { MaxRetries = 2 });

        Assert.Equal("Hello there", (await model.AskAsync(Hi, streamed: true)).Text);
        Assert.Equal(3, server.Requests.Count);
        Assert.Single(server.Requests.Select(r => r.Body.ToJsonString()).Distinct());
    }

    [Fact]
    public async Task Retries_end_and_are_not_done_twice()
    {
        await using var server = await FakeModel.StartAsync();
        server.Default = new() { Status = 500, Headers = AtOnce };
        using var model = new Connection(server, o => o with { MaxRetries = 3 });

        await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi));
        Assert.Equal(4, server.Requests.Count);
    }

    [Theory]
    [InlineData(400, "Retry-After", "0")]
    [InlineData(401, "Retry-After", "0")]
    [InlineData(503, "x-should-retry", "false")]
    [InlineData(429, "Retry-After", "3600")]
    public async Task What_will_not_pass_is_not_tried_again(int status, string header, string value)
    {
        await using var server = await FakeModel.StartAsync(
            new ModelReply { Status = status, Headers = new Dictionary<string, string> { [header] = value } });
        using var model = new Connection(server, o => o with { MaxRetries = 3 });

        await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task It_waits_as_long_as_the_server_asks()
    {
        var time = new RecordingTime();
        await using var server = await FakeModel.StartAsync(
            new ModelReply { Status = 429, Headers = new Dictionary<string, string> { ["Retry-After"] = "7" } });
        using var model = new Connection(server.Endpoint, o => o with { MaxRetries = 1 }, time);

        var asking = model.AskAsync(Hi);
        await time.WaitOf(TimeSpan.FromSeconds(7));
        Assert.Single(server.Requests);
        time.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal("Hello there", (await asking).Text);
    }

    [Fact]
    public async Task A_closed_connection_is_tried_again()
    {
        var time = new RecordingTime();
        await using var server = await FakeModel.StartAsync(new ModelReply { Refuse = true });
        using var model = new Connection(server.Endpoint, o => o with { MaxRetries = 1 }, time);

        var asking = model.AskAsync(Hi, streamed: true);
        await time.AnyRetryWait();
        time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("Hello there", (await asking).Text);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_given_up_and_tried_again()
    {
        var slow = new Hold();
        var time = new RecordingTime();
        await using var server = await FakeModel.StartAsync(new ModelReply { BeforeAnswer = slow });
        using var model = new Connection(server.Endpoint, o => o with { MaxRetries = 1, TimeoutSeconds = 40 }, time);

        var asking = model.AskAsync(Hi);
        await slow.Reached;
        time.Advance(TimeSpan.FromSeconds(40));
        await slow.Abandoned;
        await time.AnyRetryWait();
        time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("Hello there", (await asking).Text);
    }

    [Fact]
    public async Task All_attempts_together_have_a_limit()
    {
        var slow = new Hold();
        var time = new RecordingTime();
        await using var server = await FakeModel.StartAsync(new ModelReply { BeforeAnswer = slow });
        using var model = new Connection(server.Endpoint, o => o with { MaxRetries = 5, TimeoutSeconds = 50, TotalTimeoutSeconds = 50 }, time);

        var asking = model.AskAsync(Hi);
        await slow.Reached;
        time.Advance(TimeSpan.FromSeconds(50));

        Assert.Equal(ModelFailure.Timeout, (await Assert.ThrowsAsync<ModelException>(() => asking)).Failure);
        Assert.Single(server.Requests);
    }
}
