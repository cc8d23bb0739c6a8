using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.ModelClients.Echo;

namespace PluginHost.Tests.Models;

public sealed class EchoChatClientTests
{
    private static readonly ChatMessage[] Conversation =
    [
        new(ChatRole.System, "Be brief."), new(ChatRole.User, "hello"), new(ChatRole.Assistant, "Echo: hello (0 earlier messages)"),
    ];

    private static readonly EchoChatClient Echo = new(new(), new FakeTimeProvider());

    [Theory]
    [InlineData(0, "Echo: hi (0 earlier messages)")]
    [InlineData(2, "Echo: hi (1 earlier message)")]
    [InlineData(3, "Echo: hi (2 earlier messages)")]
    public async Task It_repeats_the_last_user_message_and_counts_the_earlier_ones_without_system_messages(int earlier, string expected)
    {
        var response = await Echo.GetResponseAsync([.. Conversation.Take(earlier), new(ChatRole.User, "hi")]);

        Assert.Equal(expected, response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("echo", response.ModelId);
        Assert.NotNull(response.ResponseId);
        Assert.NotNull(Assert.Single(response.Messages).MessageId);
    }

    [Fact]
    public async Task It_streams_word_by_word_and_ends_with_usage()
    {
        var updates = await Echo.GetStreamingResponseAsync([new(ChatRole.User, "two  words\n")]).ToListAsync();

        Assert.Equal(["Echo: ", "two  ", "words\n ", "(0 ", "earlier ", "messages)", ""], updates.Select(u => u.Text));
        Assert.Single(updates.Select(u => (u.ResponseId, u.MessageId)).Distinct());
        var usage = Assert.IsType<UsageContent>(Assert.Single(updates[^1].Contents)).Details;
        Assert.Equal((2, 6, 8), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount));
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
    }

    [Fact]
    public async Task A_command_calls_a_tool_and_the_answer_tells_its_result()
    {
        var add = AIFunctionFactory.Create((int a, int b) => a + b, "add");
        var client = Echo.AsBuilder().UseFunctionInvocation().Build();

        var response = await client.GetResponseAsync(
            [.. Conversation, new(ChatRole.User, "call add {\"a\": 2, \"b\": 3}")], new() { Tools = [add] });

        Assert.Equal("Echo: add returned 5 (2 earlier messages)", response.Messages[^1].Text);
    }

    [Fact]
    public async Task Several_lines_call_several_tools_at_once()
    {
        var response = await Echo.GetResponseAsync([new(ChatRole.User, "call now\ncall say {\"text\":\"a {b}\"}\n")], Tools("now", "say"));

        var calls = Assert.Single(response.Messages).Contents.OfType<FunctionCallContent>().ToArray();
        Assert.Equal(["now", "say"], calls.Select(c => c.Name));
        Assert.Equal("a {b}", Assert.IsType<JsonElement>(calls[1].Arguments!["text"]).GetString());
        Assert.Equal(2, calls.Select(c => c.CallId).Distinct().Count());
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Theory]
    [InlineData("call me later", "Echo: call me later (0 earlier messages)")]
    [InlineData("please\ncall now", "Echo: please\ncall now (0 earlier messages)")]
    [InlineData("call later", "Echo: there is no tool 'later'; tools: now, say (0 earlier messages)")]
    [InlineData("call say {text}", "Echo: the arguments of 'say' are not a JSON object; write: call say {\"name\": \"value\"} (0 earlier messages)")]
    [InlineData("show tools", "Echo: tools: now, say (0 earlier messages)")]
    [InlineData("show instructions", "Echo: Be kind. (0 earlier messages)")]
    public async Task What_is_no_call_is_answered_with_text(string text, string expected)
    {
        var options = Tools("now", "say");
        options.Instructions = "Be kind.";

        Assert.Equal(expected, (await Echo.GetResponseAsync([new(ChatRole.User, text)], options)).Text);
    }

    [Fact]
    public async Task Without_tools_or_with_tools_forbidden_a_command_is_echoed()
    {
        var forbidden = Tools("now");
        forbidden.ToolMode = ChatToolMode.None;

        Assert.Equal("Echo: call now (0 earlier messages)", (await Echo.GetResponseAsync([new(ChatRole.User, "call now")])).Text);
        Assert.Equal("Echo: call now (0 earlier messages)", (await Echo.GetResponseAsync([new(ChatRole.User, "call now")], forbidden)).Text);
    }

    [Fact]
    public async Task It_waits_before_each_word_when_told_to_and_can_be_cancelled_meanwhile()
    {
        using var cancel = new CancellationTokenSource();
        var time = new FakeTimeProvider();
        var slow = new EchoChatClient(new(DelayMilliseconds: 500), time);
        await using var updates = slow.GetStreamingResponseAsync([new(ChatRole.User, "hi")], cancellationToken: cancel.Token).GetAsyncEnumerator();

        var first = updates.MoveNextAsync();
        Assert.False(first.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(await first);
        Assert.Equal("Echo: ", updates.Current.Text);

        var second = updates.MoveNextAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await second);
    }

    [Fact]
    public void It_says_what_it_is() => Assert.Equal(("echo", "echo"), (
        Echo.GetService<ChatClientMetadata>()!.ProviderName, Echo.GetService<ChatClientMetadata>()!.DefaultModelId));

    private static ChatOptions Tools(params string[] names) => new()
    {
        Tools = [.. names.Select(n => AIFunctionFactory.CreateDeclaration(n, null, default))],
    };
}
