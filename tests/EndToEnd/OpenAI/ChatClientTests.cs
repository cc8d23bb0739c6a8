using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using PluginHost.ModelServer;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using Clients = OpenAI.Chat;

namespace PluginHost.EndToEnd.OpenAI;

/// <summary>The OpenAI package and Microsoft.Extensions.AI.OpenAI on chat completions.</summary>
public sealed class ChatClientTests(OpenAIFixture fixture) : IClassFixture<OpenAIFixture>
{
    [Fact]
    public async Task The_OpenAI_package_gets_a_whole_answer()
    {
        var answer = (await fixture.Client().GetChatClient("assistant").CompleteChatAsync("hi")).Value;

        Assert.Equal(("Hello there", Clients.ChatFinishReason.Stop), (answer.Content[0].Text, answer.FinishReason));
        Assert.Equal((7, 2, 9), (answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount));
        Assert.Equal("assistant", answer.Model);
    }

    [Fact]
    public async Task The_OpenAI_package_streams()
    {
        var pieces = new List<string>();
        ChatTokenUsage? usage = null;
        await foreach (var update in fixture.Client().GetChatClient("assistant").CompleteChatStreamingAsync("hi"))
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
        var models = (await fixture.Client().GetOpenAIModelClient().GetModelsAsync()).Value;
        Assert.Equal(["assistant"], models.Select(m => m.Id));
    }

    [Fact]
    public async Task A_caller_who_holds_the_transcript_goes_on_with_it()
    {
        var chat = fixture.Chat();
        var messages = new List<ChatMessage> { new(ChatRole.User, "one") };
        messages.AddMessages(await chat.GetResponseAsync(messages));
        messages.Add(new(ChatRole.User, "two"));

        await chat.GetResponseAsync(messages);

        Assert.Equal(["user: one", "assistant: Hello there", "user: two"], fixture.LastSent());
    }

    [Fact]
    public async Task A_session_goes_on_over_a_restart()
    {
        await OnSession("over-a-restart").GetResponseAsync("one");
        await fixture.RestartAsync();
        await OnSession("over-a-restart").GetResponseAsync("two");

        Assert.Equal(["user: one", "assistant: Hello there", "user: two"], fixture.LastSent());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_loop_of_the_client_runs_to_its_end(bool streamed)
    {
        fixture.Model.Enqueue(new ModelReply { ToolCalls = [new("call_1", "weather", """{"city":"Rome"}"""), new("call_2", "weather", """{"city":"Oslo"}""")] });
        fixture.Model.Enqueue(new ModelReply { Text = ["Sun", " and rain."] });
        var asked = new List<string>();
        var chat = fixture.Chat().AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => Tell(city), "weather")] };

        var text = streamed
            ? (await chat.GetStreamingResponseAsync("weather?", options).ToChatResponseAsync()).Text
            : (await chat.GetResponseAsync("weather?", options)).Text;

        Assert.Equal("Sun and rain.", text);
        Assert.Equal(["Rome", "Oslo"], asked);
        Assert.Equal(["user: weather?", "assistant: ", "tool: \"fine in Rome\"", "tool: \"fine in Oslo\""], fixture.LastSent());

        string Tell(string city)
        {
            asked.Add(city);
            return $"fine in {city}";
        }
    }

    private sealed record City(string Name);

    [Fact]
    public async Task Structured_output_is_read()
    {
        fixture.Model.Enqueue(new ModelReply { Text = ["""{"name":""", "\"Rome\"}"] });
        var answer = await fixture.Chat().GetResponseAsync<City>("where?");
        Assert.Equal("Rome", answer.Result.Name);
    }

    [Fact]
    public async Task Errors_have_status_and_code()
    {
        var unknown = await Assert.ThrowsAsync<ClientResultException>(() => fixture.Chat("nobody").GetResponseAsync("hi"));
        Assert.Equal(404, unknown.Status);
        Assert.Contains("model_not_found", unknown.Message, StringComparison.Ordinal);

        fixture.Model.Enqueue(new ModelReply { Status = 400, Error = "too long" });
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => fixture.Chat().GetResponseAsync("hi"));
        Assert.Equal(400, refused.Status);
        Assert.Contains("too long", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_the_call_of_the_model()
    {
        var hold = new Hold();
        fixture.Model.Enqueue(new ModelReply { AfterFirstPiece = hold });
        using var leaving = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in fixture.Chat().GetStreamingResponseAsync("hi", cancellationToken: leaving.Token))
            {
                if (update.Text == "Hello") await leaving.CancelAsync();
            }
        });

        await hold.Abandoned;
    }

    [Fact]
    public async Task Many_at_once_do_not_mix() => await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
    {
        var chat = OnSession($"many-{i}");
        await chat.GetResponseAsync($"first {i}");
        await chat.GetResponseAsync($"second {i}");
        Assert.Equal([$"first {i}", "Hello there", $"second {i}", "Hello there"], (await fixture.Api.MessagesAsync($"many-{i}")).Select(m => m.Text));
    }));

    private IChatClient OnSession(string session)
    {
        var options = fixture.Options();
        options.AddPolicy(new SessionPolicy(session), PipelinePosition.PerCall);
        return new OpenAIClient(new ApiKeyCredential("none"), options).GetChatClient(OpenAIFixture.Agent).AsIChatClient();
    }

    private sealed class SessionPolicy(string session) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Session-Id", session);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Session-Id", session);
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
