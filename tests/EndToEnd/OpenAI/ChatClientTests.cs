using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using PluginHost.ModelServer;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using Clients = OpenAI.Chat;

namespace PluginHost.EndToEnd.OpenAI;

/// <summary>The packages OpenAI and Microsoft.Extensions.AI.OpenAI as clients of chat completions.</summary>
public sealed class ChatClientTests(OpenAIFixture fixture) : IClassFixture<OpenAIFixture>
{
    [Fact]
    public async Task The_OpenAI_package_gets_an_answer()
    {
        var answer = (await fixture.CreateClient().GetChatClient("assistant").CompleteChatAsync("hi")).Value;

        Assert.Equal(("Hello there", Clients.ChatFinishReason.Stop), (answer.Content[0].Text, answer.FinishReason));
        Assert.Equal((7, 2, 9), (answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount));
        Assert.Equal("assistant", answer.Model);
    }

    [Fact]
    public async Task The_OpenAI_package_gets_a_streamed_answer()
    {
        var pieces = new List<string>();
        ChatTokenUsage? usage = null;
        await foreach (var update in fixture.CreateClient().GetChatClient("assistant").CompleteChatStreamingAsync("hi"))
        {
            pieces.AddRange(update.ContentUpdate.Select(c => c.Text));
            usage = update.Usage ?? usage;
        }

        Assert.Equal(["", "Hello", " there"], pieces);
        Assert.Equal(9, usage!.TotalTokenCount);
    }

    [Fact]
    public async Task The_agents_are_listed_as_models()
    {
        var models = (await fixture.CreateClient().GetOpenAIModelClient().GetModelsAsync()).Value;
        Assert.Equal(["assistant"], models.Select(m => m.Id));
    }

    [Fact]
    public async Task A_caller_can_send_the_whole_conversation_with_each_request()
    {
        var chat = fixture.CreateChatClient();
        var messages = new List<ChatMessage> { new(ChatRole.User, "one") };
        messages.AddMessages(await chat.GetResponseAsync(messages));
        messages.Add(new(ChatRole.User, "two"));

        await chat.GetResponseAsync(messages);

        Assert.Equal(["user: one", "assistant: Hello there", "user: two"], fixture.GetLastMessages());
    }

    [Fact]
    public async Task A_session_continues_after_a_restart()
    {
        await CreateSessionClient("restarted").GetResponseAsync("one");
        await fixture.RestartAsync();
        await CreateSessionClient("restarted").GetResponseAsync("two");

        Assert.Equal(["user: one", "assistant: Hello there", "user: two"], fixture.GetLastMessages());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_can_run_a_tool_loop(bool streamed)
    {
        fixture.Model.Enqueue(new ModelReply { ToolCalls = [new("call_1", "weather", """{"city":"Rome"}"""), new("call_2", "weather", """{"city":"Oslo"}""")] });
        fixture.Model.Enqueue(new ModelReply { Text = ["Sun", " and rain."] });
        var cities = new List<string>();
        var chat = fixture.CreateChatClient().AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => GetWeather(city), "weather")] };

        var text = streamed
            ? (await chat.GetStreamingResponseAsync("weather?", options).ToChatResponseAsync()).Text
            : (await chat.GetResponseAsync("weather?", options)).Text;

        Assert.Equal("Sun and rain.", text);
        Assert.Equal(["Rome", "Oslo"], cities);
        Assert.Equal(["user: weather?", "assistant: ", "tool: \"fine in Rome\"", "tool: \"fine in Oslo\""], fixture.GetLastMessages());

        string GetWeather(string city)
        {
            cities.Add(city);
            return $"fine in {city}";
        }
    }

    private sealed record City(string Name);

    [Fact]
    public async Task A_client_can_request_structured_output()
    {
        fixture.Model.Enqueue(new ModelReply { Text = ["""{"name":""", "\"Rome\"}"] });
        var answer = await fixture.CreateChatClient().GetResponseAsync<City>("where?");
        Assert.Equal("Rome", answer.Result.Name);
    }

    [Fact]
    public async Task Errors_have_the_status_and_code_of_the_OpenAI_API()
    {
        var unknown = await Assert.ThrowsAsync<ClientResultException>(() => fixture.CreateChatClient("unknown").GetResponseAsync("hi"));
        Assert.Equal(404, unknown.Status);
        Assert.Contains("model_not_found", unknown.Message, StringComparison.Ordinal);

        fixture.Model.Enqueue(new ModelReply { Status = 400, Error = "too long" });
        var rejected = await Assert.ThrowsAsync<ClientResultException>(() => fixture.CreateChatClient().GetResponseAsync("hi"));
        Assert.Equal(400, rejected.Status);
        Assert.Contains("too long", rejected.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_disconnects_cancels_the_model_call()
    {
        var hold = new Hold();
        fixture.Model.Enqueue(new ModelReply { AfterFirstPiece = hold });
        using var disconnect = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in fixture.CreateChatClient().GetStreamingResponseAsync("hi", cancellationToken: disconnect.Token))
            {
                if (update.Text == "Hello") await disconnect.CancelAsync();
            }
        });

        await hold.Abandoned;
    }

    [Fact]
    public async Task Parallel_requests_of_different_sessions_do_not_mix() => await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
    {
        var chat = CreateSessionClient($"many-{i}");
        await chat.GetResponseAsync($"first {i}");
        await chat.GetResponseAsync($"second {i}");
        Assert.Equal([$"first {i}", "Hello there", $"second {i}", "Hello there"], (await fixture.Api.ListMessagesAsync($"many-{i}")).Select(m => m.Text));
    }));

    private IChatClient CreateSessionClient(string session)
    {
        var options = fixture.CreateOptions();
        options.AddPolicy(new SessionPolicy(session), PipelinePosition.PerCall);
        return new OpenAIClient(new ApiKeyCredential("none"), options).GetChatClient(OpenAIFixture.Agent).AsIChatClient();
    }

    private sealed class SessionPolicy(string session) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("PluginHost-Session", session);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("PluginHost-Session", session);
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
