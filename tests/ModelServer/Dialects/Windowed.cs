using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>
/// A server whose model takes a number of tokens, which it counts its own way: it refuses longer requests in the words of OpenAI, and requests
/// whose calls and results are not balanced. It calls the first tool as often as the user's message begins with a number, or once.
/// </summary>
/// <param name="tokens">How many tokens a request may have.</param>
/// <param name="bytesPerToken">How it counts.</param>
public sealed class Windowed(int tokens, double bytesPerToken) : IDialect
{
    private readonly Lock _gate = new();
    private int _calls;

    /// <summary>How its refusals say what is wrong; <c>{0}</c> is what it takes, <c>{1}</c> what it got.</summary>
    public string Message { get; init; } = "This model's maximum context length is {0} tokens. However, your messages resulted in {1} tokens. Please reduce the length of the messages.";

    /// <summary>What each request has to begin with, after the instructions; null for anything.</summary>
    public string? Opener { get; set; }

    /// <summary>How many requests were too long.</summary>
    public int TooLong { get; private set; }

    /// <summary>How many requests it answered.</summary>
    public int Answered { get; private set; }

    /// <summary>How many tokens the longest of these had.</summary>
    public int Longest { get; private set; }

    /// <summary>What was wrong with requests that did not fail for their length.</summary>
    public List<string> Wrong { get; } = [];

    public WireReply Answer(WireRequest request)
    {
        lock (_gate)
        {
            var count = Count(request.Body);
            if (count > tokens)
            {
                TooLong++;
                return WireReply.Error(400, string.Format(CultureInfo.InvariantCulture, Message, tokens, count), "context_length_exceeded", "messages");
            }

            Longest = Math.Max(Longest, count);
            Answered++;
            Check(request.Messages);
            return WithUsage(ChatReplies.From(request, Reply(request)), count);
        }
    }

    private JsonObject Reply(WireRequest request)
    {
        var turn = request.Messages.Reverse().TakeWhile(m => (string?)m["role"] != "user").ToList();
        var wanted = (string?)request.Messages.Last(m => (string?)m["role"] == "user")["content"] is { } text && int.TryParse(text.Split(' ')[0], out var number) ? number : 1;
        var name = (string?)request.Body["tools"]?[0]?["function"]?["name"];
        if (name is null || turn.Count(m => (string?)m["role"] == "tool") >= wanted) return new() { ["role"] = "assistant", ["content"] = $"answer {Answered}" };
        return new()
        {
            ["role"] = "assistant",
            ["content"] = null,
            ["tool_calls"] = new JsonArray(ChatReplies.Call($"call_{_calls++}", name, "{}")),
        };
    }

    private void Check(IReadOnlyList<JsonObject> messages)
    {
        if (Pairing.CheckMessages(messages) is { } unbalanced) Wrong.Add(unbalanced);
        var first = messages.First(m => (string?)m["role"] != "system");
        if (Opener is { } opener && (string?)first["content"] != opener) Wrong.Add($"It begins with {first.ToJsonString()[..Math.Min(80, first.ToJsonString().Length)]}.");
    }

    private int Count(JsonObject body)
    {
        var bytes = body["tools"]?.ToJsonString().Length ?? 0;
        foreach (var message in body["messages"]!.AsArray()) bytes += 16 + BytesOf(message!["content"]) + (message["tool_calls"]?.ToJsonString().Length ?? 0);
        return (int)(bytes / bytesPerToken);
    }

    private static int BytesOf(JsonNode? content) => content is JsonValue text ? Encoding.UTF8.GetByteCount((string)text!) : content?.ToJsonString().Length ?? 0;

    private static WireReply WithUsage(WireReply reply, int count) =>
        reply with { Body = reply.Body.Replace("\"prompt_tokens\":3,", $"\"prompt_tokens\":{count},", StringComparison.Ordinal) };
}
