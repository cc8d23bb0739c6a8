using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>A server of chat completions that summarises when it is asked to: "summary 1", and "answer 1" for everything else.</summary>
public sealed class Summarising : IDialect
{
    private int _summaries;
    private int _answers;

    /// <summary>Whether a request asks for a summary.</summary>
    public static bool IsAsked(WireRequest request) => request.Messages is [{ } first, ..] && first["content"] is JsonValue text && ((string)text!).StartsWith("You compact a conversation", StringComparison.Ordinal);

    public WireReply Answer(WireRequest request)
    {
        var text = IsAsked(request) ? $"summary {Interlocked.Increment(ref _summaries)}" : $"answer {Interlocked.Increment(ref _answers)}";
        return ChatReplies.From(request, new JsonObject { ["role"] = "assistant", ["content"] = text });
    }
}
