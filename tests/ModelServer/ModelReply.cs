using System.Text.Json.Nodes;

namespace PluginHost.ModelServer;

/// <summary>A tool call of the model.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">The arguments as JSON, which may be invalid.</param>
public sealed record ModelToolCall(string Id, string Name, string Arguments);

/// <summary>The reply to one request. Default: a correct answer with the text "Hello there".</summary>
public sealed record ModelReply
{
    /// <summary>The parts of the text, as they are streamed.</summary>
    public IReadOnlyList<string> Text { get; init; } = ["Hello", " there"];

    public IReadOnlyList<ModelToolCall> ToolCalls { get; init; } = [];

    /// <summary>The HTTP status. A status other than 200 has an error body.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The message of the error. With status 200 the error is sent in the stream after the text.</summary>
    public string? Error { get; init; }

    /// <summary>The error's code: a string, or a number as some servers send it.</summary>
    public JsonNode? ErrorCode { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>A body to send instead of the reply.</summary>
    public string? Body { get; init; }

    /// <summary>A point before the server sends anything.</summary>
    public Hold? BeforeAnswer { get; init; }

    /// <summary>A point after the first part of the text in a stream.</summary>
    public Hold? AfterFirstPiece { get; init; }

    /// <summary>
    /// Whether the server aborts the connection after the first part of the text. The client may lose unread text, so hold the server at
    /// <see cref="AfterFirstPiece"/> until it has read the text.
    /// </summary>
    public bool BreakOff { get; init; }

    /// <summary>Whether the server closes the connection without an answer.</summary>
    public bool Refuse { get; init; }

    /// <summary>Whether the stream ends without finish reason and end mark.</summary>
    public bool EndEarly { get; init; }

    /// <summary>Whether characters of several bytes are split over two writes.</summary>
    public bool SplitCharacters { get; init; }

    public bool OmitUsage { get; init; }

    /// <summary>Whether the content of the first delta is null, as some servers send it.</summary>
    public bool NullFirstDelta { get; init; }

    /// <summary>The finish reason; null to derive it from the reply.</summary>
    public string? Finish { get; init; }

    public string FinishReason => Finish ?? (ToolCalls.Count > 0 ? "tool_calls" : "stop");
}

/// <summary>A request that the server received.</summary>
/// <param name="Path">The path with the query.</param>
/// <param name="Headers">The headers; names are not case-sensitive.</param>
/// <param name="Body">The body.</param>
public sealed record ModelRequest(string Path, IReadOnlyDictionary<string, string> Headers, JsonObject Body)
{
    /// <summary>The body as it came.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    public bool IsStreamed => Body["stream"]?.GetValue<bool>() ?? false;
}
