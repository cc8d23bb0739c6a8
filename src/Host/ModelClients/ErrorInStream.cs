using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using OpenAI.Responses;

namespace PluginHost.ModelClients;

/// <summary>
/// Finds errors that a server sends with status 200, usually inside a stream. The client library treats them as parts of an answer,
/// so the answer would look complete.
/// </summary>
internal static class ErrorInStream
{
    /// <returns>The error as JSON, empty for an error without a message; null when the update is not an error.</returns>
    public static string? Find(ChatResponseUpdate update) => update.RawRepresentation switch
    {
        StreamingChatCompletionUpdate chat when chat.Patch.Contains("$.error"u8) => GetText(chat.Patch.GetJson("$.error"u8)),
        StreamingResponseErrorUpdate { Message: { Length: > 0 } message } => JsonSerializer.Serialize(message),
        StreamingResponseUpdate responses when responses.Patch.Contains("$.error"u8) => GetText(responses.Patch.GetJson("$.error"u8)),
        StreamingResponseErrorUpdate => "",
        StreamingResponseFailedUpdate failed => Find(failed.Response) ?? "",
        _ => null,
    };

    /// <returns>The error as JSON, empty for an error without a message; null when the answer has no error.</returns>
    public static string? Find(ChatResponse response) => response.RawRepresentation is ResponseResult result ? Find(result) : null;

    private static string? Find(ResponseResult response) => response.Error is { } error ? JsonSerializer.Serialize(error.Message) : null;

    private static string GetText(BinaryData json) => Encoding.UTF8.GetString(json);
}
