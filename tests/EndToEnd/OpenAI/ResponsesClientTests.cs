using System.ClientModel;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenAI.Responses;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd.OpenAI;

/// <summary>The packages OpenAI and Microsoft.Extensions.AI.OpenAI as clients of responses and conversations.</summary>
public sealed class ResponsesClientTests(OpenAIFixture fixture) : IClassFixture<OpenAIFixture>
{
    [Fact]
    public async Task The_OpenAI_package_can_create_read_and_delete_a_response()
    {
        var created = (await fixture.CreateResponsesClient().CreateResponseAsync("assistant", "hi")).Value;
        Assert.Equal("Hello there", created.GetOutputText());
        Assert.Equal(9, created.Usage.TotalTokenCount);

        await fixture.RestartAsync();
        var read = (await fixture.CreateResponsesClient().GetResponseAsync(created.Id)).Value;
        Assert.Equal("Hello there", read.GetOutputText());
        Assert.True((await fixture.CreateResponsesClient().DeleteResponseAsync(created.Id)).Value.Deleted);
        var deleted = await Assert.ThrowsAsync<ClientResultException>(() => fixture.CreateResponsesClient().GetResponseAsync(created.Id));
        Assert.Equal(404, deleted.Status);
    }

    [Fact]
    public async Task A_chain_of_responses_continues_after_a_restart()
    {
        var first = await CreateChatClient().GetResponseAsync("one");
        await fixture.RestartAsync();

        await CreateChatClient().GetResponseAsync("two", new ChatOptions { ConversationId = first.ConversationId });

        Assert.Equal(["user: one", "assistant: Hello there", "user: two"], fixture.GetLastMessages());
    }

    [Fact]
    public async Task A_conversation_stores_the_messages_of_its_responses()
    {
        var conversations = fixture.CreateClient().GetConversationClient();
        var created = await conversations.CreateConversationAsync(BinaryContent.Create(BinaryData.FromString("{}")));
        var id = (string)JsonNode.Parse(created.GetRawResponse().Content)!["id"]!;

        await CreateChatClient().GetResponseAsync("one", new ChatOptions { ConversationId = id });
        await CreateChatClient().GetResponseAsync("two", new ChatOptions { ConversationId = id });

        Assert.Equal(["user: one", "assistant: Hello there", "user: two"], fixture.GetLastMessages());
        var items = new List<string?>();
        await foreach (var page in conversations.GetConversationItemsAsync(id).GetRawPagesAsync())
            items.AddRange(JsonNode.Parse(page.GetRawResponse().Content)!["data"]!.AsArray().Select(i => (string?)i!["role"]));
        Assert.Equal(4, items.Count);
        await conversations.DeleteConversationAsync(id);
    }

    [Fact]
    public async Task A_streamed_response_arrives_in_parts()
    {
        var pieces = new List<string>();
        await foreach (var update in CreateChatClient().GetStreamingResponseAsync("hi"))
        {
            if (update.Text.Length > 0) pieces.Add(update.Text);
        }

        Assert.Equal(["Hello", " there"], pieces);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_can_run_a_tool_loop(bool streamed)
    {
        fixture.Model.Enqueue(new ModelReply { ToolCalls = [new("call_1", "weather", """{"city":"Rome"}""")] });
        fixture.Model.Enqueue(new ModelReply { Text = ["Sun", "."] });
        var chat = CreateChatClient().AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => $"fine in {city}", "weather")] };

        var text = streamed
            ? (await chat.GetStreamingResponseAsync("weather?", options).ToChatResponseAsync()).Text
            : (await chat.GetResponseAsync("weather?", options)).Text;

        Assert.Equal("Sun.", text);
        Assert.Equal(["user: weather?", "assistant: ", "tool: fine in Rome"], fixture.GetLastMessages().Select(m => m.Replace("\"", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unknown_model_returns_404()
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => fixture.CreateResponsesClient().AsIChatClient("unknown").GetResponseAsync("hi"));
        Assert.Equal(404, error.Status);
    }

    private IChatClient CreateChatClient() => fixture.CreateResponsesClient().AsIChatClient("assistant");
}
