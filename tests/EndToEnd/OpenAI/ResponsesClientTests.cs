using System.ClientModel;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenAI.Responses;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd.OpenAI;

/// <summary>The OpenAI package and Microsoft.Extensions.AI.OpenAI on responses and conversations.</summary>
public sealed class ResponsesClientTests(OpenAIFixture fixture) : IClassFixture<OpenAIFixture>
{
    [Fact]
    public async Task The_OpenAI_package_creates_reads_and_deletes_a_response()
    {
        var created = (await fixture.Responses().CreateResponseAsync("assistant", "hi")).Value;
        Assert.Equal("Hello there", created.GetOutputText());
        Assert.Equal(9, created.Usage.TotalTokenCount);

        await fixture.RestartAsync();
        var read = (await fixture.Responses().GetResponseAsync(created.Id)).Value;
        Assert.Equal("Hello there", read.GetOutputText());
        Assert.True((await fixture.Responses().DeleteResponseAsync(created.Id)).Value.Deleted);
        var gone = await Assert.ThrowsAsync<ClientResultException>(() => fixture.Responses().GetResponseAsync(created.Id));
        Assert.Equal(404, gone.Status);
    }

    [Fact]
    public async Task A_chain_of_responses_goes_on_over_a_restart()
    {
        var first = await Chat().GetResponseAsync("one");
        await fixture.RestartAsync();

        await Chat().GetResponseAsync("two", new ChatOptions { ConversationId = first.ConversationId });

        Assert.Equal(["user: one", "assistant: Hello there", "user: two"], fixture.LastSent());
    }

    [Fact]
    public async Task A_conversation_holds_what_is_said()
    {
        var conversations = fixture.Client().GetConversationClient();
        var created = await conversations.CreateConversationAsync(BinaryContent.Create(BinaryData.FromString("{}")));
        var id = (string)JsonNode.Parse(created.GetRawResponse().Content)!["id"]!;

        await Chat().GetResponseAsync("one", new ChatOptions { ConversationId = id });
        await Chat().GetResponseAsync("two", new ChatOptions { ConversationId = id });

        Assert.Equal(["user: one", "assistant: Hello there", "user: two"], fixture.LastSent());
        var items = new List<string?>();
        await foreach (var page in conversations.GetConversationItemsAsync(id).GetRawPagesAsync())
            items.AddRange(JsonNode.Parse(page.GetRawResponse().Content)!["data"]!.AsArray().Select(i => (string?)i!["role"]));
        Assert.Equal(4, items.Count);
        await conversations.DeleteConversationAsync(id);
    }

    [Fact]
    public async Task A_stream_comes_piece_by_piece()
    {
        var pieces = new List<string>();
        await foreach (var update in Chat().GetStreamingResponseAsync("hi"))
        {
            if (update.Text.Length > 0) pieces.Add(update.Text);
        }

        Assert.Equal(["Hello", " there"], pieces);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_loop_of_the_client_runs_to_its_end(bool streamed)
    {
        fixture.Model.Enqueue(new ModelReply { ToolCalls = [new("call_1", "weather", """{"city":"Rome"}""")] });
        fixture.Model.Enqueue(new ModelReply { Text = ["Sun", "."] });
        var chat = Chat().AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => $"fine in {city}", "weather")] };

        var text = streamed
            ? (await chat.GetStreamingResponseAsync("weather?", options).ToChatResponseAsync()).Text
            : (await chat.GetResponseAsync("weather?", options)).Text;

        Assert.Equal("Sun.", text);
        Assert.Equal(["user: weather?", "assistant: ", "tool: fine in Rome"], fixture.LastSent().Select(m => m.Replace("\"", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unknown_model_is_an_error()
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => fixture.Responses().AsIChatClient("nobody").GetResponseAsync("hi"));
        Assert.Equal(404, error.Status);
    }

    private IChatClient Chat() => fixture.Responses().AsIChatClient("assistant");
}
