using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Model;
using PluginHost.ModelClients.OpenAI;
using PluginHost.ModelServer;
using PluginHost.Sdk;

namespace PluginHost.Tests.Models;

public sealed class OpenAIChatClientTests
{
    private static readonly ChatMessage[] Hi = [new(ChatRole.User, "hi")];

    [Theory]
    [InlineData(nameof(OpenAIApi.Chat), true)]
    [InlineData(nameof(OpenAIApi.Chat), false)]
    [InlineData(nameof(OpenAIApi.Responses), true)]
    [InlineData(nameof(OpenAIApi.Responses), false)]
    public async Task It_sends_model_and_key_and_gets_text_and_usage(string apiName, bool streamed)
    {
        var api = Enum.Parse<OpenAIApi>(apiName);
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server, o => o with { Api = api }, ("OPENAI_API_KEY", "sk-secret"));

        var response = await model.AskAsync(Hi, streamed);

        Assert.Equal("Hello there", response.Text);
        Assert.Equal((7, 2), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
        var request = Assert.Single(server.Requests);
        Assert.Equal("Bearer sk-secret", request.Headers["Authorization"]);
        Assert.Equal("gpt-4.1-mini", (string?)request.Body["model"]);
        Assert.Equal(api == OpenAIApi.Chat ? "/v1/chat/completions" : "/v1/responses", request.Path);
        Assert.Equal(streamed, request.IsStreamed);
    }

    [Theory]
    [InlineData(nameof(OpenAIApi.Chat), true)]
    [InlineData(nameof(OpenAIApi.Chat), false)]
    [InlineData(nameof(OpenAIApi.Responses), true)]
    [InlineData(nameof(OpenAIApi.Responses), false)]
    public async Task Tool_calls_arrive_whole(string apiName, bool streamed)
    {
        var api = Enum.Parse<OpenAIApi>(apiName);
        var reply = new ModelReply { ToolCalls = [new("call_1", "add", """{"a":1}"""), new("call_2", "now", "{}")] };
        await using var server = await FakeModel.StartAsync(reply);
        using var model = new Connection(server, o => o with { Api = api });

        var response = await model.AskAsync(Hi, streamed);

        var calls = response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().ToArray();
        Assert.Equal([("call_1", "add"), ("call_2", "now")], calls.Select(c => (c.CallId, c.Name)));
        Assert.Equal("1", calls[0].Arguments!["a"]!.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_service_that_would_keep_the_conversation_is_asked_not_to(bool streamed)
    {
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server, o => o with { Api = OpenAIApi.Responses });
        var options = new ChatOptions { AdditionalProperties = new() { [ServiceStorage.Property] = false } };

        await model.AskAsync(Hi, streamed, options);
        await model.AskAsync(Hi, streamed);

        Assert.Equal([false, null], server.Requests.Select(r => (bool?)r.Body["store"]));
    }

    [Fact]
    public async Task Characters_split_over_writes_a_null_delta_and_missing_usage_are_borne()
    {
        var reply = new ModelReply { Text = ["Grüße ", "💡", " 日本"], SplitCharacters = true, NullFirstDelta = true, OmitUsage = true };
        await using var server = await FakeModel.StartAsync(reply);
        using var model = new Connection(server);

        var response = await model.AskAsync(Hi, streamed: true);

        Assert.Equal("Grüße 💡 日本", response.Text);
        Assert.Null(response.Usage);
    }

    [Fact]
    public async Task Pieces_arrive_while_the_model_is_still_writing_and_cancelling_reaches_the_server()
    {
        var hold = new Hold();
        await using var server = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = hold });
        using var model = new Connection(server);
        using var cancel = new CancellationTokenSource();

        await using var updates = model.Client.GetStreamingResponseAsync(Hi, cancellationToken: cancel.Token).GetAsyncEnumerator();
        var text = "";
        while (text.Length == 0 && await updates.MoveNextAsync()) text = updates.Current.Text;
        Assert.Equal("Hello", text);

        var next = updates.MoveNextAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        await updates.DisposeAsync();
        await hold.Abandoned;
    }

    [Fact]
    public async Task A_server_without_a_key_gets_a_placeholder()
    {
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server);

        await model.AskAsync(Hi);

        Assert.Equal("Bearer none", Assert.Single(server.Requests).Headers["Authorization"]);
    }

    [Fact]
    public async Task A_key_can_be_sent_in_a_configured_header()
    {
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server, o => o with { KeyHeader = "api-key", ApiKeyEnvironment = "AZURE_KEY" }, ("AZURE_KEY", "k1"));

        await model.AskAsync(Hi);

        var headers = Assert.Single(server.Requests).Headers;
        Assert.Equal("k1", headers["api-key"]);
        Assert.DoesNotContain("Authorization", headers.Keys);
    }

    [Fact]
    public async Task A_key_in_a_file_is_read_anew_for_every_request()
    {
        var folder = Directory.CreateTempSubdirectory("pluginhost-");
        var file = Path.Combine(folder.FullName, "key");
        try
        {
            await File.WriteAllTextAsync(file, "first\n");
            await using var server = await FakeModel.StartAsync();
            using var model = new Connection(server, o => o with { ApiKeyFile = file });
            await model.AskAsync(Hi);
            await File.WriteAllTextAsync(file, "second");
            await model.AskAsync(Hi);
            File.Delete(file);
            var error = await Assert.ThrowsAsync<ModelException>(() => model.AskAsync(Hi));

            Assert.Equal(["Bearer first", "Bearer second"], server.Requests.Select(r => r.Headers["Authorization"]));
            Assert.Equal(ModelFailure.Unauthorized, error.Failure);
            Assert.DoesNotContain(file, error.Message, StringComparison.Ordinal);
            Assert.Contains(file, error.Details, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Settings_and_instructions_reach_the_model()
    {
        await using var server = await FakeModel.StartAsync();
        using var model = new Connection(server, o => o with { Organization = "org-1" });

        await model.Client.GetResponseAsync(Hi, new() { Instructions = "Be brief.", Temperature = 0.5f, MaxOutputTokens = 10 });

        var request = Assert.Single(server.Requests);
        Assert.Equal("org-1", request.Headers["OpenAI-Organization"]);
        Assert.Equal(0.5, (double)request.Body["temperature"]!);
        Assert.Equal(["system", "user"], ((JsonArray)request.Body["messages"]!).Select(m => (string?)m!["role"]));
    }
}
