using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;
using PluginHost.OpenAI.Chat;
using PluginHost.OpenAI.Conversations;
using PluginHost.OpenAI.Responses;

namespace PluginHost.Tests.Api;

public sealed class BodyBinderTests
{
    [Fact]
    public void A_body_becomes_a_record()
    {
        var (order, errors) = Bind("""
            {"customer_name":"Ada","count":3,"price":1.5,"gift":true,"sent_at":"2026-01-31T12:00:00+01:00","lines":[{"type":"book","title":"A"},{"type":"pen"}],
             "tags":"new","labels":{"a":"b"},"anything":[1]}
            """);

        Assert.Empty(errors);
        Assert.Equal(("Ada", 3, 1.5, true), (order.CustomerName, order.Count, order.Price, order.Gift));
        Assert.Equal(new DateTime(2026, 1, 31, 11, 0, 0, DateTimeKind.Utc), order.SentAt);
        Assert.Equal([new Book("A"), new Pen()], order.Lines!);
        Assert.Equal(["new"], order.Tags);
        Assert.Equal("b", order.Labels!["a"]);
        Assert.Equal("[1]", order.Anything?.GetRawText());
    }

    [Fact]
    public void Null_counts_as_left_out()
    {
        var (order, errors) = Bind("""{"customer_name":"Ada","count":null,"price":null,"lines":null,"labels":null,"later":null}""");

        Assert.Empty(errors);
        Assert.Equal((1, null, null), (order.Count, order.Price, order.Lines));
    }

    [Theory]
    [InlineData("""{"customer_name":null}""", "customer_name: The field is required.", "string", "missing_required_parameter")]
    [InlineData("""{"customer_name":["x"]}""", "customer_name: Expected string, got list.", "string", "invalid_type")]
    [InlineData("""{"customer_name":"way too long"}""", "customer_name: Has 12 characters.", "1 to 8 characters", null)]
    [InlineData("""{"customer_name":""}""", "customer_name: Must not be empty.", "1 to 8 characters", null)]
    [InlineData("""{"count":0}""", "count: The number is out of range.", "a whole number from 1 to 9", null)]
    [InlineData("""{"count":1.5}""", "count: The number is out of range.", "a whole number from 1 to 9", null)]
    [InlineData("""{"count":"1"}""", "count: Expected a whole number from 1 to 9, got string.", "a whole number from 1 to 9", "invalid_type")]
    [InlineData("""{"gift":1}""", "gift: Expected true or false, got number.", "true or false", "invalid_type")]
    [InlineData("""{"sent_at":"soon"}""", "sent_at: This is not a time.", "RFC 3339, for example 2026-01-31T12:00:00Z", null)]
    [InlineData("""{"lines":[{"type":"book"}]}""", "lines[0].title: The field is required.", "string", "missing_required_parameter")]
    [InlineData("""{"lines":[{"type":"pen"},{}]}""", "lines[1].type: The field is required.", "book, pen", "missing_required_parameter")]
    [InlineData("""{"lines":[{"type":"cup"}]}""", "lines[0].type: Unknown value.", "book, pen", null)]
    [InlineData("""{"lines":[{"type":"ink","drops":1}]}""", "lines[0].type: The host does not support this.", "pen", "unsupported_parameter")]
    [InlineData("""{"lines":[{"type":"pen","title":"A"}]}""", "lines[0].title: Unknown field.", "type, colour", "unknown_parameter")]
    [InlineData("""{"lines":[null]}""", "lines[0]: Expected object, got null.", "object", "invalid_type")]
    [InlineData("""{"tags":["old"]}""", "tags[0]: Unknown value.", "new, used", null)]
    [InlineData("""{"tags":"old"}""", "tags: Unknown value.", "new, used", null)]
    [InlineData("""{"tags":1}""", "tags: Expected new, used or list of tags, got number.", "new, used or list of tags", "invalid_type")]
    [InlineData("""{"tags":["new","new","new"]}""", "tags: Has 3 items.", "at most 2 items", null)]
    [InlineData("""{"labels":{"a":1}}""", "labels.a: Expected string, got number.", "string", "invalid_type")]
    [InlineData("""{"labels":{"":"x"}}""", "labels.: Must not be empty.", "1 to 64 characters", null)]
    [InlineData("""{"labels":{"[0]":1}}""", "labels.[0]: Expected string, got number.", "string", "invalid_type")]
    [InlineData("""{"later":true}""", "later: The host does not support this.", "now", "unsupported_parameter")]
    [InlineData("""{"gift":true,"count":9}""", "count: A gift has no count.", null, null)]
    public void Errors_name_their_place_and_what_is_allowed(string body, string error, string? allowed, string? code)
    {
        if (!body.Contains("customer_name", StringComparison.Ordinal)) body = body.Insert(1, "\"customer_name\":\"Ada\",");

        var found = Assert.Single(Bind(body).Errors);

        Assert.Equal((error, allowed, code), ($"{found.Path}: {found.Message}", found.Allowed, found.Code));
    }

    [Theory]
    [InlineData("""{"customer_name":"Ada","later":false,"old":{"x":1}}""")]
    [InlineData("""{"customer_name":"Ada","lines":[{"type":"pen","colour":5}]}""")]
    public void What_changes_nothing_is_taken(string body) => Assert.Empty(Bind(body).Errors);

    [Fact]
    public void A_body_with_very_many_errors_is_answered_with_a_hundred()
    {
        var (_, errors) = Bind($$"""{"customer_name":"Ada","lines":[{{string.Join(',', Enumerable.Repeat("7", 100_000))}}]}""");
        Assert.Equal(100, errors.Count);
        Assert.Equal("lines[99]", errors[^1].Path);
    }

    /// <summary>Types are built with their first body: an attribute that does not fit its field must not wait for that.</summary>
    [Theory]
    [InlineData(typeof(RunBody))]
    [InlineData(typeof(CreateSessionBody))]
    [InlineData(typeof(PatchSessionBody))]
    [InlineData(typeof(ForkBody))]
    [InlineData(typeof(ListParameters))]
    [InlineData(typeof(MessageListParameters))]
    [InlineData(typeof(ExportParameters))]
    [InlineData(typeof(ChatBody))]
    [InlineData(typeof(ResponseRequestBody))]
    [InlineData(typeof(InputTokensBody))]
    [InlineData(typeof(NewConversationBody))]
    [InlineData(typeof(ConversationUpdateBody))]
    [InlineData(typeof(NewItemsBody))]
    public void Every_body_can_be_built(Type body) => Assert.NotEmpty(BodyType.For(body).Fields);

    private static (Order Order, IReadOnlyList<PluginHost.Engine.Errors.ProblemError> Errors) Bind(string json)
    {
        var errors = new InputErrors();
        return (BodyBinder.Bind<Order>(JsonElement.Parse(json), errors), errors.All);
    }

    [Ignores("old"), Refuses("later", "now", Unless = ["false"])]
    private sealed record Order(
        [Length(1, 8)] string CustomerName,
        [Range(1, 9)] int Count = 1,
        [Range(0.5, 99)] double? Price = null,
        bool Gift = false,
        DateTime? SentAt = null,
        IReadOnlyList<Line>? Lines = null,
        [OrText("tags"), AllowedText("new", "used"), MaxLength(2)] IReadOnlyList<string>? Tags = null,
        [Metadata] IReadOnlyDictionary<string, string>? Labels = null,
        JsonElement? Anything = null) : ICheckedBody
    {
        public void Check(InputErrors errors)
        {
            if (Gift && Count == 9) errors.Add("count", "A gift has no count.");
        }
    }

    [JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
    [JsonDerivedType(typeof(Book), "book")]
    [JsonDerivedType(typeof(Pen), "pen")]
    [Refuses("ink", "pen")]
    private abstract record Line;

    private sealed record Book(string Title) : Line;

    [Ignores("colour")]
    private sealed record Pen : Line;
}
