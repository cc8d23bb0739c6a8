using System.Text;
using System.Text.Json;
using PluginHost.Http;
using PluginHost.OpenAI.Wire;

namespace PluginHost.Tests.OpenAI;

/// <summary>What is written directly is what the serializer writes.</summary>
public sealed class ItemOutputTests
{
    private static readonly JsonElement Citation = JsonElement.Parse("""{"type":"url_citation","url":"https://example.org/é"}"""u8);

    [Fact]
    public void Each_kind_of_item_is_written_as_by_the_serializer()
    {
        IReadOnlyList<Item> items =
        [
            new MessageItem("msg_1", "completed", "assistant", [new OutputTextPart("Grüße, \"Ada\" <3\n")]),
            new MessageItem("msg_2", "incomplete", "assistant", [new OutputTextPart("a") { Annotations = [Citation], LogProbabilities = [Citation, Citation] }, new RefusalPart("no")]),
            new MessageItem("msg_3", "completed", "assistant", []),
            new MessageItem("msg_5", "completed", "assistant", [new OutputTextPart("\ud83d\ude00 \ud83d \ude00 \0\u001b\u2028\u007f&'+\\/"), new OutputTextPart("")]),
            new MessageItem("msg_4", "completed", "assistant", [new OutputTextPart("")]) { Members = new() { ["phase"] = Citation } },
            new FunctionCallItem("fc_1", "call_1", "find", "{}", "completed"),
            new ReasoningItem("rs_1", [new SummaryPart("because")], "completed"),
            new HostedItem("ws_1") { Members = new() { ["type"] = JsonElement.Parse("\"web_search_call\""u8) } },
        ];
        var expected = Write(writer => JsonSerializer.Serialize(writer, items, ResponsesJson.Default.IReadOnlyListItem));
        Assert.Equal(expected, Write(writer => JsonSerializer.Serialize(writer, new ItemOutput(items), ResponsesJson.Default.ItemOutput)));
        Assert.Equal("[]", Write(writer => JsonSerializer.Serialize(writer, ItemOutput.Empty, ResponsesJson.Default.ItemOutput)));
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, JsonResponse.WriterOptions)) write(writer);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
