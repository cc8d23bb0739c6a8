using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Engine.Errors;
using PluginHost.OpenAI.Errors;

namespace PluginHost.OpenAI.Wire;

/// <summary>An error over a WebSocket.</summary>
/// <param name="Type">Always <c>error</c>.</param>
/// <param name="Status">The status that the answer to a request would have.</param>
/// <param name="Error">The same as in the body of such an answer.</param>
internal sealed record SocketError(string Type, int Status, Error Error)
{
    /// <summary>Headers of such an answer that tell clients whether and when to try again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    public static SocketError From(Problem problem)
    {
        var mapped = MappedError.From(problem);
        var wait = problem.RetryAfterSeconds?.ToString(CultureInfo.InvariantCulture);
        return new SocketError("error", mapped.Status, mapped.Error) { Headers = wait is null ? null : new Dictionary<string, string> { ["retry-after"] = wait } };
    }
}

/// <summary>The answer to input for a response in progress, which the host does not take.</summary>
internal sealed record SteerFailed(string Type, long SequenceNumber, Error Error, SteerInput Steer);

internal sealed record SteerInput(string? PreviousResponseId, JsonElement? Input);
