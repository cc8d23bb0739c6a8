using System.Text.Json.Serialization.Metadata;
using PluginHost.Engine.Errors;

namespace PluginHost.Http.Streaming;

/// <summary>A server-sent event.</summary>
/// <param name="Number">Its number in the stream, from which a caller resumes; 0 in streams that cannot be resumed.</param>
/// <param name="Name">The type; null for none.</param>
/// <param name="Data">The data: an object, text without line breaks, or a <see cref="TextEvent"/>.</param>
/// <param name="Type">How the object is serialized; null for text and a <see cref="TextEvent"/>.</param>
/// <param name="HasId">Whether the number is sent as the event's id.</param>
internal readonly record struct SseEvent(long Number, string? Name, object Data, JsonTypeInfo? Type, bool HasId = false)
{
    /// <summary>Why there is no answer, in an event that says so. It is the whole answer when nothing was sent before.</summary>
    public Problem? Failure { get; init; }
}
