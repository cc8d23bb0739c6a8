using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using OpenAI.Responses;

namespace PluginHost.ModelClients;

/// <summary>
/// Finds errors that a server sends with status 200, most of all within a stream: the client library passes them on as if they
/// were part of an answer, and the answer would seem complete.
/// </summary>
internal static class HiddenError
{
    /// <returns>The error as JSON, empty when it says nothing; null when the update is none.</returns>
    public static string? In(ChatResponseUpdate update) => update.RawRepresentation switch
    {
        StreamingChatCompletionUpdate chat when chat.Patch.Contains("$.error"u8) => Text(chat.Patch.GetJson("$.error"u8)),
        StreamingResponseErrorUpdate { Message: { Length: > 0 } message } => JsonSerializer.Serialize(message),
        StreamingResponseUpdate responses when responses.Patch.Contains("$.error"u8) => Text(responses.Patch.GetJson("$.error"u8)),
        StreamingResponseErrorUpdate => "",
        StreamingResponseFailedUpdate failed => In(failed.Response) ?? "",
        _ => null,
    };

    /// <returns>The error as JSON, empty when it says nothing; null when the answer holds none.</returns>
    public static string? In(ChatResponse response) => response.RawRepresentation is ResponseResult result ? In(result) : null;

    private static string? In(ResponseResult response) => response.Error is { } error ? JsonSerializer.Serialize(error.Message) : null;

    private static string Text(BinaryData json) => Encoding.UTF8.GetString(json);
}
