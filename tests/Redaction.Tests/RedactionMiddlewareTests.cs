using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;
using PluginHost.Sdk.Testing;

namespace PluginHost.Redaction.Tests;

public sealed class RedactionMiddlewareTests : IAsyncDisposable
{
    private readonly TestPluginContext _context = new("redaction");

    [Fact]
    public async Task The_rest_of_the_chain_receives_masked_input_context_and_instructions_and_the_originals_do_not_change()
    {
        var input = new ChatMessage(ChatRole.User, "I am a@b.de") { MessageId = "m1", AuthorName = "ann", RawRepresentation = "a@b.de" };
        var context = new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("call 030 1234567"), new TextContent("4111 1111 1111 1111")]);
        var request = Request([input], output: RunOutput.Create()) with
        {
            Context = [new() { Message = context, Source = "history", Origin = MessageOrigin.Output }],
            Instructions = "Mail boss@b.de.",
        };
        RunRequest? seen = null;

        await new RedactionMiddleware(new(), _context).InvokeAsync(request, (r, _) => Answer(seen = r, "ok"), default);

        Assert.Equal("I am [email]", seen!.Input[0].Text);
        Assert.Equal(("m1", "ann", null), (seen.Input[0].MessageId, seen.Input[0].AuthorName, seen.Input[0].RawRepresentation));
        Assert.Equal("call [phone]", Assert.IsType<TextReasoningContent>(seen.Context[0].Message.Contents[0]).Text);
        Assert.Equal("[card]", Assert.IsType<TextContent>(seen.Context[0].Message.Contents[1]).Text);
        Assert.Equal(("history", MessageOrigin.Output), (seen.Context[0].Source, seen.Context[0].Origin));
        Assert.Equal("Mail [email].", seen.Instructions);
        Assert.Equal("I am a@b.de", input.Text);
        Assert.Equal("a@b.de", input.RawRepresentation);
        Assert.Equal("4111 1111 1111 1111", context.Text);
    }

    [Theory]
    [InlineData("wire.members", """{"reasoning_details":[{"text":"to a@b.de"}]}""")]
    [InlineData("wire.whole", """{"type":"local_shell_call_output","output":"to a@b.de"}""")]
    [InlineData("wire.part", """{"type":"document","text":"to a@b.de"}""")]
    [InlineData("wire.part", """{"type":"document","text":"https://example.com says a@b.de","more":"data: a@b.de"}""")]
    [InlineData("wire.annotations", """[{"type":"url_citation","title":"to a@b.de"}]""")]
    public async Task The_text_of_arguments_and_what_came_beside_a_message_are_masked(string name, string json)
    {
        var call = new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["to"] = "a@b.de" })
        {
            AdditionalProperties = new() { ["wire.arguments"] = """{ "to": "a@b.de" }""" },
        };
        var cut = new FunctionCallContent("d", "f") { AdditionalProperties = new() { ["wire.arguments"] = """{"to": "a@b.de""" } };
        var beside = new AIContent { AdditionalProperties = new() { [name] = JsonElement.Parse(json) } };
        RunRequest? seen = null;

        await new RedactionMiddleware(new(ToolArguments: true), _context).InvokeAsync(
            Request([new ChatMessage(ChatRole.Assistant, [call, cut, beside])], output: RunOutput.Create()), (r, _) => Answer(seen = r, "ok"), default);

        Assert.DoesNotContain("a@b.de", JsonSerializer.Serialize(seen!.Input[0], AIJsonUtilities.DefaultOptions), StringComparison.Ordinal);
        Assert.Equal("""{ "to": "[email]" }""", seen.Input[0].Contents[0].AdditionalProperties!["wire.arguments"]);
    }

    [Theory]
    [InlineData("wire.whole", """{"type":"compaction","encrypted_content":"a@b.de","note":"NOTE"}""")]
    [InlineData("wire.part", """{"type":"video_url","video_url":{"url":"https://a@b.de/a.mp4"},"note":"NOTE"}""")]
    public async Task What_only_its_maker_can_read_and_links_stay(string name, string json)
    {
        var item = new AIContent { AdditionalProperties = new() { [name] = JsonElement.Parse(json.Replace("NOTE", "a@b.de", StringComparison.Ordinal)) } };
        RunRequest? seen = null;

        await new RedactionMiddleware(new(), _context).InvokeAsync(
            Request([new ChatMessage(ChatRole.Assistant, [item])], output: RunOutput.Create()), (r, _) => Answer(seen = r, "ok"), default);

        Assert.Equal(json.Replace("NOTE", "[email]", StringComparison.Ordinal), seen!.Input[0].Contents[0].AdditionalProperties![name]!.ToString());
    }

    [Fact]
    public async Task A_long_text_without_blanks_is_masked_and_the_bytes_of_a_file_stay()
    {
        var (table, bytes) = (string.Concat(Enumerable.Repeat("a@b.de;1\n", 200)), new string('A', 2000));
        var part = JsonSerializer.SerializeToElement(new { type = "document", text = table, data = bytes });
        var item = new AIContent { AdditionalProperties = new() { ["wire.part"] = part } };
        RunRequest? seen = null;

        await new RedactionMiddleware(new(), _context).InvokeAsync(
            Request([new ChatMessage(ChatRole.User, [item])], output: RunOutput.Create()), (r, _) => Answer(seen = r, "ok"), default);

        var sent = seen!.Input[0].Contents[0].AdditionalProperties!["wire.part"]!.ToString()!;
        Assert.DoesNotContain("a@b.de", sent, StringComparison.Ordinal);
        Assert.Contains(bytes, sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_is_masked_when_it_is_streamed_in_parts()
    {
        var output = RunOutput.Create();

        await new RedactionMiddleware(new(), _context).InvokeAsync(
            Request([], output), (r, _) => Answer(r, "Write to jo", "hn@exam", "ple.com", " or call +49 30", " 1234567."), default);

        Assert.Equal("Write to [email] or call [phone].", string.Concat(output.Updates.Select(u => u.Text)));
    }

    [Fact]
    public async Task A_returned_answer_that_was_not_written_is_masked()
    {
        var response = await new RedactionMiddleware(new(), _context).InvokeAsync(
            Request([], RunOutput.Create()), (_, _) => new(RunResponse.FromText("a@b.de")), default);

        Assert.Equal("[email]", response.Text);
    }

    [Fact]
    public async Task Text_split_among_the_contents_of_a_message_is_one_text()
    {
        var message = new ChatMessage(ChatRole.User, [new TextContent("I am a@"), new TextContent("b.de, "), new TextContent("030 "), new TextContent("1234567")]);

        Assert.Equal("I am [email], [phone]", (await SentAsync(new(), message)).Text);
    }

    [Fact]
    public async Task A_message_without_matches_is_sent_unchanged()
    {
        var message = new ChatMessage(ChatRole.User, [new TextContent("see bob"), new TextContent(" at 5"), new DataContent("data:text/plain;base64,YUBiLmRl")]);

        Assert.Same(message, await SentAsync(new(), message));
    }

    [Fact]
    public async Task Tool_results_are_masked_as_text_and_as_json()
    {
        var json = JsonSerializer.SerializeToElement(new { mail = "ä a@b.de", list = new object[] { 1, "030 1234567", true }, n = 4111111111111111 });

        Assert.Equal("see [email]", await SentResultAsync("see a@b.de"));
        Assert.Equal("""{"mail":"ä [email]","list":[1,"[phone]",true],"n":4111111111111111}""", (await SentResultAsync(json))!.ToString());
        Assert.Equal("""{"[email]":"x"}""", (await SentResultAsync(new Dictionary<string, string> { ["a@b.de"] = "x" }))!.ToString());
        Assert.Equal("[email]", Assert.IsType<TextContent>(await SentResultAsync(new TextContent("a@b.de"))).Text);
        Assert.Equal(42, await SentResultAsync(42));
        Assert.Null(await SentResultAsync(null));
    }

    [Fact]
    public async Task Arguments_of_tool_calls_are_masked_only_when_configured()
    {
        var call = new FunctionCallContent("c1", "send", new Dictionary<string, object?> { ["to"] = "a@b.de", ["n"] = 1 }) { AdditionalProperties = new() { ["x"] = 1 } };
        var message = new ChatMessage(ChatRole.Assistant, [call]);

        Assert.Same(message, await SentAsync(new(), message));

        var masked = Assert.IsType<FunctionCallContent>((await SentAsync(new(ToolArguments: true), message)).Contents[0]);
        Assert.Equal(("c1", "send", "[email]", 1), (masked.CallId, masked.Name, masked.Arguments!["to"], masked.Arguments["n"]));
        Assert.Equal(1, masked.AdditionalProperties!["x"]);
        Assert.Equal("a@b.de", call.Arguments!["to"]);
    }

    [Fact]
    public async Task The_chat_client_masks_instructions_that_were_added_later_but_not_the_answer()
    {
        var model = new RecordingChatClient { Answer = "you are a@b.de" };
        var options = new ChatOptions { Instructions = "Ask a@b.de", Temperature = 0.5f };
        var client = await WrapAsync(new(), model);

        var response = await client.GetResponseAsync([new(ChatRole.User, "hi")], options);

        Assert.Equal("you are a@b.de", response.Text);
        Assert.Equal(("Ask [email]", 0.5f), (model.Options!.Instructions, model.Options.Temperature));
        Assert.Equal("Ask a@b.de", options.Instructions);
    }

    [Fact]
    public async Task A_message_that_is_sent_repeatedly_is_masked_once()
    {
        var model = new RecordingChatClient();
        var client = await WrapAsync(new(), model);
        var message = new ChatMessage(ChatRole.User, "a@b.de");

        await foreach (var _ in client.GetStreamingResponseAsync([message])) { }
        var first = model.Messages[0];
        await foreach (var _ in client.GetStreamingResponseAsync([message, new(ChatRole.User, "more")])) { }

        Assert.Same(first, model.Messages[0]);
        await foreach (var _ in client.GetStreamingResponseAsync([first])) { }
        Assert.Same(first, model.Messages[0]);
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private async Task<object?> SentResultAsync(object? result)
    {
        var sent = await SentAsync(new(), new(ChatRole.Tool, [new FunctionResultContent("c1", result)]));
        var content = Assert.IsType<FunctionResultContent>(Assert.Single(sent.Contents));
        Assert.Equal("c1", content.CallId);
        return content.Result;
    }

    private async Task<ChatMessage> SentAsync(RedactionOptions options, ChatMessage message)
    {
        var model = new RecordingChatClient();
        var client = await WrapAsync(options, model);
        await foreach (var _ in client.GetStreamingResponseAsync([message])) { }
        return Assert.Single(model.Messages);
    }

    private ValueTask<IChatClient> WrapAsync(RedactionOptions options, IChatClient model) =>
        new RedactionMiddleware(options, _context).WrapAsync(model, Request([], RunOutput.Create()), CancellationToken.None);

    private static RunRequest Request(IReadOnlyList<ChatMessage> input, RunOutput output) =>
        new() { Session = new(new SessionKey("t", "s")), RunId = "r", Agent = "a", Input = input, Output = output };

    private static async ValueTask<RunResponse> Answer(RunRequest request, params string[] pieces)
    {
        foreach (var piece in pieces) await request.Output.WriteAsync(new(ChatRole.Assistant, piece), default);
        await request.Output.CompleteAsync(default);
        return RunResponse.FromText(string.Concat(pieces));
    }
}
