using System.Text.Json;
using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.History;

internal sealed partial class HistoryChecks
{
    [Case]
    public async Task Every_kind_of_content_is_returned_unchanged()
    {
        var message = new ChatMessage(ChatRole.Assistant, [.. AllContents()])
        {
            AuthorName = "Ünï \"quoted\" \u2028 name",
            MessageId = "msg_from_the_model",
            CreatedAt = new DateTimeOffset(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(2)).AddTicks(7),
            AdditionalProperties = new()
            {
                ["text"] = "ä\0\u001f",
                ["number"] = 1.5,
                ["flag"] = true,
                ["nothing"] = null,
                ["nested"] = JsonElement.Parse("""{"a":[1,{"b":"</script>"}]}"""),
            },
        };
        var append = Append(Session, "r1", 1, RunOutcome.Completed, new HistoryMessage { Id = "m1", Origin = MessageOrigin.Output, Message = message });

        await AppendAsync(append);
        JsonAssert.Equivalent(append.Messages, await ListAsync(Session));
        await ReopenAsync();

        var loaded = await ListAsync(Session);
        JsonAssert.Equivalent(append.Messages, loaded);
        Expect.Equal(message.Contents.Select(c => c.GetType()), loaded[0].Message.Contents.Select(c => c.GetType()));
    }

    [Case("")]
    [Case(" \r\n\t ")]
    [Case("line one\nline two\r\nline three\u2028four\u0085five")]
    [Case("\0 \u0001 \u001b[31m \u007f")]
    [Case("{\"run\":\"fake\"}\n{\"v\":1}\n")]
    [Case("'; DROP TABLE messages; --")]
    [Case("👩‍👩‍👧 ünïcode 日本語 \u202e a\u0308 \ufeff")]
    public async Task Any_text_is_returned_unchanged(string text)
    {
        await AppendAsync(Append(Session, "r1", 1, RunOutcome.Completed, Text("m1", ChatRole.User, text), Text("m2", new ChatRole("critic"), text)));
        await ReopenAsync();

        var loaded = await ListAsync(Session);
        Expect.Equal([text, text], loaded.Select(m => m.Message.Text));
        Expect.Equal(new ChatRole("critic"), loaded[1].Message.Role);
    }

    [Case]
    public async Task A_large_message_and_an_empty_message_are_returned()
    {
        var large = new string('x', 3_000_000) + "ä";
        await AppendAsync(Run("r1"));
        await AppendAsync(Append(
            Session, "r2", 1, RunOutcome.Completed, Text("large", ChatRole.User, large), new HistoryMessage { Id = "empty", Origin = MessageOrigin.Output, Message = new ChatMessage() }));
        await AppendAsync(Run("r3"));
        await ReopenAsync();

        Expect.Equal("r1.in r1.out large empty r3.in r3.out", await WindowAsync(Session));
        var loaded = await ListAsync(Session);
        Expect.Equal(large, loaded[2].Message.Text);
        Expect.Empty(loaded[3].Message.Contents);
    }

    [Case(64)]
    [Case(995)]
    public async Task Deeply_nested_json_is_returned_unchanged(int levels)
    {
        var json = JsonAssert.Nested(levels);
        await AppendAsync(Append(
            Session,
            "r1",
            1,
            RunOutcome.Completed,
            new HistoryMessage
            {
                Id = "m1",
                Origin = MessageOrigin.Output,
                Message = new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["a"] = json })]),
            },
            new HistoryMessage
            {
                Id = "m2",
                Origin = MessageOrigin.Output,
                Message = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c", json)]),
            }));
        await ReopenAsync();

        var loaded = await ListAsync(Session);
        Expect.Equal(json.GetRawText(), ((FunctionCallContent)loaded[0].Message.Contents[0]).Arguments!["a"]!.ToString());
        Expect.Equal(json.GetRawText(), ((FunctionResultContent)loaded[1].Message.Contents[0]).Result!.ToString());
    }

    [Case]
    public async Task Members_of_a_later_version_are_returned()
    {
        var append = Run("r1");
        append = append with { Messages = [.. append.Messages.Select(m => HistoryMessage.FromDocument(JsonAssert.AddMember(m.ToDocument())))] };
        await AppendAsync(append);
        // Deleting a message may rewrite others.
        await AppendAsync(Run("r2"));
        await Provider.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r1.out", "r2.in"] }, None);
        await ReopenAsync();

        JsonAssert.Equivalent(append.Messages[0].ToDocument(), (await ListAsync(Session))[0].ToDocument());
    }

    private static IEnumerable<AIContent> AllContents() =>
    [
        new TextContent("text 👩‍👩‍👧") { AdditionalProperties = new() { ["lang"] = "de" } },
        new TextReasoningContent("because") { ProtectedData = "c2VjcmV0" },
        new DataContent(new byte[] { 0, 1, 2, 255 }, "image/png") { Name = "dot.png" },
        new UriContent("https://example.com/a?b=c#d", "image/jpeg"),
        new FunctionCallContent("call_1", "tool", new Dictionary<string, object?> { ["city"] = "Köln", ["n"] = 3, ["none"] = null, ["list"] = new[] { 1, 2 } }),
        new FunctionResultContent("call_1", JsonElement.Parse("""{"ok":true,"items":[1,"zwei"]}""")),
        new FunctionResultContent("call_2", "plain text"),
        new ErrorContent("went wrong") { ErrorCode = "E1", Details = "at the end" },
        new UsageContent(new UsageDetails { InputTokenCount = 1, OutputTokenCount = 2, TotalTokenCount = 3, AdditionalCounts = new() { ["cached"] = 4 } }),
        new HostedFileContent("file_1"),
        new TextContent("cited") { Annotations = [new CitationAnnotation { Title = "Source", Url = new Uri("https://example.com/s"), Snippet = "cited" }] },
    ];
}
