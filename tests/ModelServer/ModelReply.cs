using System.Text.Json.Nodes;

namespace PluginHost.ModelServer;

/// <summary>A call of a tool that the model asks for.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">JSON, as the model wrote it: may be broken.</param>
public sealed record ModelToolCall(string Id, string Name, string Arguments);

/// <summary>How the server answers one request. The defaults are a well-behaved model that says "Hello there".</summary>
public sealed record ModelReply
{
    /// <summary>The text in the pieces in which it is streamed.</summary>
    public IReadOnlyList<string> Text { get; init; } = ["Hello", " there"];

    public IReadOnlyList<ModelToolCall> ToolCalls { get; init; } = [];

    /// <summary>Any but 200 is answered with an error body.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The message of the error; with status 200 an error that comes within the stream, after the text.</summary>
    public string? Error { get; init; }

    /// <summary>The error's code: a string or, as some servers have it, a number.</summary>
    public JsonNode? ErrorCode { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Sent instead of all else.</summary>
    public string? Body { get; init; }

    /// <summary>Where the server stops before it sends anything.</summary>
    public Hold? BeforeAnswer { get; init; }

    /// <summary>Where the server stops after the first piece of text of a stream.</summary>
    public Hold? AfterFirstPiece { get; init; }

    /// <summary>
    /// The connection breaks off after the first piece of text of a stream. What the client has not read by then is lost to it,
    /// so stop the server with <see cref="AfterFirstPiece"/> until it has.
    /// </summary>
    public bool BreakOff { get; init; }

    /// <summary>The connection is closed before anything is sent.</summary>
    public bool Refuse { get; init; }

    /// <summary>The stream ends as if it were complete, but without finish reason and end mark.</summary>
    public bool EndEarly { get; init; }

    /// <summary>Every character of more than one byte is split over two writes.</summary>
    public bool SplitCharacters { get; init; }

    public bool OmitUsage { get; init; }

    /// <summary>The first delta of a stream has null as content, as some servers send it.</summary>
    public bool NullFirstDelta { get; init; }

    /// <summary>Why the model stopped; null for what fits the reply.</summary>
    public string? Finish { get; init; }

    public string FinishReason => Finish ?? (ToolCalls.Count > 0 ? "tool_calls" : "stop");
}

/// <summary>A request that the server received.</summary>
/// <param name="Path">The path with the query.</param>
/// <param name="Headers">The headers, names in any case.</param>
/// <param name="Body">The body.</param>
public sealed record ModelRequest(string Path, IReadOnlyDictionary<string, string> Headers, JsonObject Body)
{
    public bool IsStreamed => Body["stream"]?.GetValue<bool>() ?? false;
}
