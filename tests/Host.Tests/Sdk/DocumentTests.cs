using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Tests.Sdk;

/// <summary>The documents that stores keep: what a later version adds survives this one.</summary>
public sealed class DocumentTests
{
    private const string Session =
        """
        {"key":{"tenant":"t","id":"s"},"version":3,"createdAt":"2026-01-02T03:04:05.1234567+00:00","updatedAt":"2026-01-02T03:04:06+00:00",
         "metadata":{"a":"b"},"state":{"memory":{"n":1.50,"later":[1]}},"serviceSessionId":"conv","serviceClient":"openai","history":"h",
         "transcript":{"count":1,"first":"f","hash":"h","later":{"x":1}},"lastRunId":"r","lastTraceParent":"00-1","extensions":{"e":{"y":1}},
         "later":{"deep":[{"z":"ü\n"}]},"laterNull":null}
        """;

    private const string Run =
        """
        {"id":"r","session":{"tenant":"t","id":"s"},"agent":"a","status":"requires_action","createdAt":"2026-01-02T03:04:05+00:00",
         "completedAt":"2026-01-02T03:04:06+00:00","attempt":2,
         "output":[{"role":"assistant","later":1,"contents":[{"$type":"text","text":"hi","later":{"x":1}}]}],
         "usage":{"inputTokenCount":1,"later":7},"finishReason":"stop",
         "error":{"type":"t","message":"m","code":"c","param":"p","retryAfter":"00:00:01.5000000","shouldRetry":false,"later":1},
         "skipped":["m"],"failures":[{"plugin":"p","type":"t","message":"m","later":[true]}],"traceId":"x","idempotencyKey":"k","requestHash":"h",
         "metadata":{"a":"b"},"details":{"n":1.50},"later":"x"}
        """;

    private const string Message =
        """
        {"id":"m","origin":"context","source":"memory","run":"r","agent":"a","outcome":"failed","errorType":"e","createdAt":"2026-01-02T03:04:05+00:00",
         "message":{"role":"user","later":1,"contents":[{"$type":"functionCall","name":"f","arguments":{"q":1.50},"informationalOnly":false,"callId":"c","later":2}]},"later":3}
        """;

    [Fact]
    public void A_known_member_may_be_null_and_a_document_of_another_kind_is_refused()
    {
        Assert.Null(HistoryMessage.FromDocument(Bytes("""{"id":"m","source":null,"run":null,"message":{"role":"user"}}""")).Source);
        Assert.Null(RunRecord.FromDocument(Bytes(Run.Replace("\"traceId\":\"x\"", "\"traceId\":null", StringComparison.Ordinal))).TraceId);
        foreach (var wrong in (string[])["null", "[]", "1", """{"session":"x"}"""])
            Assert.Throws<JsonException>(() => RunRecord.FromDocument(Bytes(wrong)));
    }

    [Fact]
    public void A_session_of_a_later_version_keeps_its_members_at_every_level_through_a_change()
    {
        var changed = SessionRecord.FromDocument(Bytes(Session)) with { Version = 4 };

        AssertEqual(Session.Replace("\"version\":3", "\"version\":4", StringComparison.Ordinal), changed.ToDocument());
    }

    [Fact]
    public void A_run_of_a_later_version_keeps_its_members_at_every_level_through_a_change()
    {
        var changed = RunRecord.FromDocument(Bytes(Run)) with { Attempt = 3 };

        AssertEqual(Run.Replace("\"attempt\":2", "\"attempt\":3", StringComparison.Ordinal), changed.ToDocument());
    }

    [Fact]
    public void A_message_of_a_later_version_keeps_its_members_at_every_level_through_a_change()
    {
        var changed = HistoryMessage.FromDocument(Bytes(Message)) with { Source = "other" };

        AssertEqual(Message.Replace("\"memory\"", "\"other\"", StringComparison.Ordinal), changed.ToDocument());
    }

    [Fact]
    public void A_document_has_no_line_feed_whatever_it_was_read_from() =>
        Assert.Equal(-1, SessionRecord.FromDocument(Bytes(Session)).ToDocument().Span.IndexOf((byte)'\n'));

    [Fact]
    public void Members_without_a_value_are_not_written()
    {
        var run = new RunRecord { Id = "r", Session = new("t", "s"), Agent = "a", Status = RunStatus.Completed, CreatedAt = DateTimeOffset.UnixEpoch };

        AssertEqual(
            """{"id":"r","session":{"tenant":"t","id":"s"},"agent":"a","status":"completed","createdAt":"1970-01-01T00:00:00+00:00","attempt":1}""", run.ToDocument());
        Assert.Equal(run.ToDocument().ToArray(), RunRecord.FromDocument(run.ToDocument().Span).ToDocument().ToArray());
    }

    [Theory]
    [InlineData("""{"v":2,"id":"m"}""", "format 2")]
    [InlineData("""{"id":"m","origin":"input","outcome":"completed"}""", "'message' is missing")]
    [InlineData("""{"origin":"input"}""", "'id' is missing")]
    [InlineData("""{"id":"m","origin":"elsewhere"}""", "Unknown origin 'elsewhere'")]
    [InlineData("""{"id":1}""", "")]
    [InlineData("""{"id":"m","message":null}""", "Expected message, got null")]
    [InlineData("""{"id":"m","message":{"role":"user"}} {}""", "")]
    [InlineData("[]", "Expected object")]
    [InlineData("null", "Expected object, got null")]
    [InlineData("", "")]
    [InlineData("{\"id\":\"m\"", "")]
    public void What_is_no_document_of_this_format_is_refused(string document, string reason) =>
        Assert.Contains(reason, Assert.ThrowsAny<JsonException>(() => HistoryMessage.FromDocument(Bytes(document))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_document_that_cannot_be_written_does_not_spoil_the_next_one()
    {
        var good = HistoryMessage.FromDocument(Bytes(Message));
        var bad = good with { Message = new ChatMessage(ChatRole.User, "x") { AdditionalProperties = new() { ["type"] = typeof(string) } } };

        Assert.ThrowsAny<Exception>(() => bad.ToDocument());

        AssertEqual(Message, good.ToDocument());
    }

    [Fact]
    public void Writing_a_document_takes_no_memory_but_its_own()
    {
        var message = new HistoryMessage
        {
            Id = "m",
            Origin = MessageOrigin.Input,
            RunId = "r",
            Agent = "a",
            Message = new ChatMessage(ChatRole.User, "text"),
        };
        var length = message.ToDocument().Length;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) message.ToDocument();
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, length, length + 400);
    }

    [Fact]
    public void Records_print_ids_and_no_content()
    {
        Assert.Equal("SessionRecord s version 3", SessionRecord.FromDocument(Bytes(Session)).ToString());
        Assert.Equal("RunRecord r RequiresAction", RunRecord.FromDocument(Bytes(Run)).ToString());
        var message = HistoryMessage.FromDocument(Bytes(Message));
        Assert.Equal("HistoryMessage m", message.ToString());
        Assert.Equal("HistoryAppend s run r, 1 messages", new HistoryAppend { Session = new("t", "s"), Messages = [message], RunId = "r" }.ToString());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static void AssertEqual(string expected, ReadOnlyMemory<byte> document)
    {
        var (left, right) = (JsonNode.Parse(expected), JsonNode.Parse(document.Span));
        if (!JsonNode.DeepEquals(left, right)) Assert.Equal(left?.ToJsonString(), right?.ToJsonString());
    }
}
