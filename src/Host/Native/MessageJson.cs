using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native;

/// <summary>
/// Turns messages of the model's types into messages of the API and back. Content without a part type in the API (hosted files,
/// approvals, usage) is left out.
/// </summary>
internal static class MessageJson
{
    public static MessageResource FromOutput(ChatMessage message, string runId, int index) =>
        new(IdOf(message.MessageId, runId, index), message.Role.Value, FromContents(message.Contents))
        {
            Author = message.AuthorName,
            CreatedAt = message.CreatedAt?.UtcDateTime,
            RunId = runId,
            Incomplete = Has(message, IncompleteMark.Is) ? true : null,
        };

    /// <summary>Whether a message has such a content.</summary>
    public static bool Has(ChatMessage message, Func<AIContent, bool> isSuch)
    {
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (isSuch(message.Contents[i])) return true;
        }

        return false;
    }

    public static MessageResource FromHistory(HistoryMessage stored) =>
        new(stored.Id, stored.Message.Role.Value, FromContents(stored.Message.Contents))
        {
            Author = stored.Message.AuthorName,
            CreatedAt = stored.CreatedAt.UtcDateTime,
            Source = stored.Source,
            Pinned = PinMark.Is(stored.Message) ? true : null,
            RunId = stored.RunId,
            Outcome = stored.Outcome switch
            {
                RunOutcome.Failed => "failed",
                RunOutcome.Cancelled => "cancelled",
                _ => null,
            },
        };

    /// <summary>The parts of a message that is kept in the form of Microsoft.Extensions.AI.</summary>
    public static IReadOnlyList<ContentPart> FromStored(JsonElement message) => FromContents(message.Deserialize(ChatJson.Message)!.Contents);

    /// <summary>The id of an output message: its own, or one made of its index in the run.</summary>
    public static string IdOf(string? messageId, string runId, int index) =>
        string.IsNullOrEmpty(messageId) ? $"{runId}.{index}" : messageId;

    public static ChatMessage ToMessage(MessageBody body) =>
        new(new ChatRole(body.Role), [.. body.Content.Select(ToContent)])
        {
            MessageId = body.Id,
            AuthorName = body.Author,
            CreatedAt = body.CreatedAt is { } time ? new DateTimeOffset(time) : null,
            AdditionalProperties = body.Pinned == true ? new() { [PinMark.Property] = true } : null,
        };

    /// <summary>Whether the API has a part type for this content.</summary>
    public static bool HasPart(AIContent content) =>
        content is TextContent or TextReasoningContent or DataContent or UriContent or FunctionCallContent or FunctionResultContent or ErrorContent;

    public static IReadOnlyList<ContentPart> FromContents(IList<AIContent> contents)
    {
        var parts = new List<ContentPart>(contents.Count);
        for (var i = 0; i < contents.Count; i++)
        {
            if (HasPart(contents[i])) parts.Add(FromContent(contents[i]));
        }

        return parts;
    }

    private static ContentPart FromContent(AIContent content) => content switch
    {
        TextContent text => new TextPart(text.Text),
        TextReasoningContent reasoning => new ReasoningPart(reasoning.Text) { ProtectedData = reasoning.ProtectedData },
        DataContent data => new DataPart(data.MediaType, data.Base64Data.ToString()) { Name = data.Name },
        UriContent uri => new UriPart(uri.Uri.ToString(), uri.MediaType),
        FunctionCallContent call => new FunctionCallPart(call.CallId, call.Name) { Arguments = ToJson(call.Arguments), ArgumentsText = CallArguments.FindInvalid(call) },
        FunctionResultContent result => new FunctionResultPart(result.CallId) { Result = ToJson(result.Result) },
        ErrorContent error => new ErrorPart(error.Message) { Code = error.ErrorCode },
        _ => throw new ArgumentOutOfRangeException(nameof(content), content.GetType().Name, "There is no part type for this content."),
    };

    public static AIContent ToContent(ContentPart part) => part switch
    {
        TextPart text => new TextContent(text.Text),
        ReasoningPart reasoning => new TextReasoningContent(reasoning.Text) { ProtectedData = reasoning.ProtectedData },
        DataPart data => new DataContent(Convert.FromBase64String(data.Data), data.MediaType) { Name = data.Name },
        UriPart uri => new UriContent(new Uri(uri.Uri, UriKind.Absolute), uri.MediaType),
        FunctionCallPart { Arguments: null, ArgumentsText: { } text } cut => CallArguments.Create(cut.CallId, cut.Name, text),
        FunctionCallPart call => new FunctionCallContent(call.CallId, call.Name, ToArguments(call.Arguments)),
        FunctionResultPart result => new FunctionResultContent(result.CallId, ToResult(result.Result)),
        ErrorPart error => new ErrorContent(error.Message) { ErrorCode = error.Code },
        _ => throw new ArgumentOutOfRangeException(nameof(part), part.GetType().Name, "There is no content for this part type."),
    };

    private static Dictionary<string, object?>? ToArguments(JsonElement? arguments) =>
        arguments?.EnumerateObject().ToDictionary(p => p.Name, object? (p) => p.Value, StringComparer.Ordinal);

    private static object? ToResult(JsonElement? result) => result switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } json => json,
    };

    private static JsonElement? ToJson(object? value)
    {
        if (value is null) return null;
        if (value is JsonElement json) return json;
        try
        {
            return JsonSerializer.SerializeToElement(value, JsonDepth.Stored.GetTypeInfo(value.GetType()));
        }
        catch (Exception e) when (e is NotSupportedException or JsonException)
        {
            // A tool may return anything. A value without a JSON form is shown as text, which is what the model got.
            return JsonSerializer.SerializeToElement(value.ToString() ?? "", ApiJson.Default.String);
        }
    }
}
