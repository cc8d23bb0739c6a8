using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Chains;
using PluginHost.ModelClients.OpenAI;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Identity;
using PluginHost.Sdk;

namespace PluginHost.Tests.Models;

/// <summary>The <c>openai</c> client with a managed identity, on a server that speaks the protocol of Azure App Service.</summary>
public sealed class EntraTests
{
    private static readonly ChatMessage[] Hi = [new(ChatRole.User, "hi")];

    [Theory]
    [InlineData(nameof(OpenAIApi.Chat), true)]
    [InlineData(nameof(OpenAIApi.Chat), false)]
    [InlineData(nameof(OpenAIApi.Responses), true)]
    [InlineData(nameof(OpenAIApi.Responses), false)]
    public async Task The_token_is_sent_and_the_key_in_the_environment_is_not(string apiName, bool streamed)
    {
        var identity = await ManagedIdentity.CreateAsync();
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server, o => identity.Use(o) with { Api = Enum.Parse<OpenAIApi>(apiName) }, ("OPENAI_API_KEY", "sk-secret"));

        Assert.Equal("Hello there", (await model.AskAsync(Hi, streamed)).Text);

        var sent = Assert.Single(server.Requests).Headers;
        Assert.Equal($"Bearer {Assert.Single(identity.Tokens)}", sent["Authorization"]);
        Assert.Equal("https://cognitiveservices.azure.com", Assert.Single(identity.Resources));
        Assert.DoesNotContain("api-key", sent.Keys, StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(sent.Values, v => v.Contains("sk-secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Embeddings_and_requests_that_pass_through_have_the_same_token()
    {
        var identity = await ManagedIdentity.CreateAsync();
        var vectors = new ModelReply { Body = """{"data":[{"index":0,"embedding":[1]}]}""" };
        await using var server = await FakeModel.StartAsync(new ModelReply(), vectors, vectors);
        using var model = new Connection(server, identity.Use);

        await model.AskAsync(Hi);
        await model.Client.GetService<IEmbeddingGenerator<string, Embedding<float>>>()!.GenerateAsync(["a"]);
        using (await model.Client.GetService<IModelServer>()!.SendAsync("/embeddings", "{}"u8.ToArray(), isStreamed: false, default))
        {
        }

        Assert.Equal(3, server.Requests.Count);
        var token = Assert.Single(identity.Tokens);
        Assert.All(server.Requests, r => Assert.Equal($"Bearer {token}", r.Headers["Authorization"]));
    }

    [Fact]
    public async Task Parallel_calls_of_several_agents_share_one_request_for_a_token()
    {
        var hold = new Hold();
        var identity = await ManagedIdentity.CreateAsync(new IdentityReply { BeforeAnswer = hold });
        await using var server = await FakeModel.StartAsync();
        using var clients = new OpenAIChatClients(NullLogger<OpenAIChatClients>.Instance, TimeProvider.System, _ => null);
        using var one = clients.Create("a", identity.Use(new(server.Endpoint)));
        using var two = clients.Create("b", identity.Use(new(server.Endpoint, MaxRetries: 0)));

        var calls = Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? one : two).GetResponseAsync(Hi)).ToList();
        await hold.Reached;
        Assert.Empty(server.Requests);
        hold.Release();
        await Task.WhenAll(calls);
        await one.GetResponseAsync(Hi);

        Assert.Equal(11, server.Requests.Count);
        Assert.Single(identity.Tokens);
    }

    [Fact]
    public async Task A_token_is_renewed_before_its_end()
    {
        var identity = await ManagedIdentity.CreateAsync(new IdentityReply { Lifetime = 200 });
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server.Endpoint, identity.Use, time);

        await model.AskAsync(Hi);
        time.Advance(TimeSpan.FromSeconds(80));
        await model.AskAsync(Hi);
        Assert.Single(identity.Tokens);
        time.Advance(TimeSpan.FromSeconds(115));
        await model.AskAsync(Hi);

        Assert.Equal(2, identity.Tokens.Distinct().Count());
        Assert.Equal(
            [identity.Tokens[0], identity.Tokens[0], identity.Tokens[1]],
            server.Requests.Select(r => r.Headers["Authorization"].Replace("Bearer ", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(400, null, ModelFailure.Unauthorized, "Entra:ClientId")]
    [InlineData(403, null, ModelFailure.Unauthorized, "Entra:ClientId")]
    [InlineData(429, null, ModelFailure.Unreachable, "ManagedIdentity")]
    [InlineData(500, null, ModelFailure.Unreachable, "ManagedIdentity")]
    [InlineData(500, "<html>", ModelFailure.Unreachable, "ManagedIdentity")]
    [InlineData(200, "<html>", ModelFailure.Unreachable, "NO_PROXY")]
    [InlineData(200, "{}", ModelFailure.Unreachable, "NO_PROXY")]
    [InlineData(0, null, ModelFailure.Unreachable, "NO_PROXY")]
    public async Task Without_a_token_the_call_fails_and_the_next_one_asks_again(int status, string? body, ModelFailure failure, string cure)
    {
        var identity = await ManagedIdentity.CreateAsync(new IdentityReply { Status = status, Body = body, Refuse = status == 0 });
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server, identity.Use, ("OPENAI_API_KEY", "sk-secret"), ("IDENTITY_HEADER", IdentityServer.Header));

        var error = await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi, streamed: true));

        Assert.Equal((failure, "The host has no token for the model."), (error.Failure, error.Message));
        Assert.StartsWith($"There is no token of Entra ID for the model at {server.Endpoint}.", error.Details, StringComparison.Ordinal);
        Assert.Contains(cure, error.Details, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Details!);
        Assert.DoesNotContain(IdentityServer.Header, error.ToString() + error.Details, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
        Assert.Equal("Hello there", (await model.AskAsync(Hi, streamed: true)).Text);
    }

    [Fact]
    public async Task A_service_of_tokens_that_is_down_is_tried_again_within_the_call()
    {
        var identity = await ManagedIdentity.CreateAsync(new IdentityReply { Status = 503 }, new IdentityReply { Refuse = true });
        var time = new RecordingTime();
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server.Endpoint, o => identity.Use(o) with { MaxRetries = 2 }, time);

        var asking = model.AskAsync(Hi);
        while (!asking.IsCompleted)
        {
            await Task.WhenAny(asking, time.NextRetryWait());
            time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal("Hello there", (await asking).Text);
        Assert.Equal(3, identity.Tokens.Count);
    }

    [Fact]
    public async Task A_refusal_of_the_identity_is_not_tried_again()
    {
        var identity = await ManagedIdentity.CreateAsync(new IdentityReply { Status = 400 });
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server, o => identity.Use(o) with { MaxRetries = 3 });

        await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi));

        Assert.Single(identity.Tokens);
    }

    [Fact]
    public async Task A_service_of_tokens_that_is_silent_is_given_up_and_the_next_call_works()
    {
        var silent = new Hold();
        var identity = await ManagedIdentity.CreateAsync(new IdentityReply { BeforeAnswer = silent });
        var time = new RecordingTime();
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server.Endpoint, o => identity.Use(o) with { TimeoutSeconds = 42 }, time);

        var asking = model.AskAsync(Hi);
        await silent.Reached;
        await time.WaitOf(TimeSpan.FromSeconds(21));
        time.Advance(TimeSpan.FromSeconds(21));
        var error = await Assert.ThrowsAsync<ModelException>(() => asking);
        Assert.Equal(ModelFailure.Unreachable, error.Failure);
        Assert.Contains("ManagedIdentity gave no token within 21 s.", error.Details, StringComparison.Ordinal);

        time.Advance(TimeSpan.FromSeconds(9));
        await silent.Abandoned;
        Assert.Equal("Hello there", (await model.AskAsync(Hi)).Text);
    }

    [Fact]
    public async Task A_cancelled_call_stops_waiting_and_the_token_serves_the_others()
    {
        var hold = new Hold();
        var identity = await ManagedIdentity.CreateAsync(new IdentityReply { BeforeAnswer = hold });
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server, identity.Use);
        using var cancelled = new CancellationTokenSource();

        var first = model.Client.GetResponseAsync(Hi, null, cancelled.Token);
        var second = model.AskAsync(Hi);
        await hold.Reached;
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(second.IsCompleted);
        hold.Release();

        Assert.Equal("Hello there", (await second).Text);
        Assert.Single(identity.Tokens);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_server_that_refuses_the_token_names_the_role_and_the_token_is_in_no_text(int status)
    {
        var identity = await ManagedIdentity.CreateAsync(new IdentityReply { Lifetime = 200 });
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server, identity.Use);
        await model.AskAsync(Hi);
        server.Enqueue(new ModelReply { Status = status, Error = $"Access denied for {identity.Tokens[0]}." });

        var error = await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi));

        Assert.Equal((ModelFailure.Unauthorized, status), (error.Failure, error.Status));
        Assert.Contains("Access denied", error.Message, StringComparison.Ordinal);
        Assert.Contains("Entra ID", error.Details, StringComparison.Ordinal);
        Assert.Contains("'Cognitive Services OpenAI User'", error.Details, StringComparison.Ordinal);
        Assert.DoesNotContain(identity.Tokens[0], error.ToString() + error.Details, StringComparison.Ordinal);
        await model.AskAsync(Hi);
        Assert.Equal(status == 401 ? 2 : 1, identity.Tokens.Count);
    }
}
