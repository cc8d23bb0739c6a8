using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>The document of a history's message.</summary>
internal static class HistoryMessageDocument
{
    private static readonly MemberNames Names =
        new("id", "origin", "source", "run", "agent", "outcome", "errorType", "createdAt", "message") { IsDocument = true };

    public static void Write(Utf8JsonWriter json, HistoryMessage message)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, message.Id);
        json.WriteString("origin"u8, DocumentEnums.ToName(message.Origin));
        json.WriteOptional("source"u8, message.Source);
        json.WriteOptional("run"u8, message.RunId);
        json.WriteOptional("agent"u8, message.Agent);
        json.WriteString("outcome"u8, DocumentEnums.ToName(message.Outcome));
        json.WriteOptional("errorType"u8, message.ErrorType);
        json.WriteString("createdAt"u8, message.CreatedAt);
        json.WritePropertyName("message"u8);
        JsonSerializer.Serialize(json, message.Message, ChatJson.Message);
        message.Unknown?.WriteTo(json);
        json.WriteEndObject();
    }

    public static HistoryMessage Read(ref Utf8JsonReader json)
    {
        MemberNames.Begin(ref json);
        string? id = null, source = null, run = null, agent = null, errorType = null;
        var (origin, outcome, createdAt) = (MessageOrigin.Input, RunOutcome.Completed, default(DateTimeOffset));
        ChatMessage? message = null;
        UnknownMembers? unknown = null;
        while (Names.Next(ref json, ref unknown) is { } name)
        {
            switch (name)
            {
                case "id": id = json.GetString(); break;
                case "origin": origin = DocumentEnums.ToOrigin(json.GetString()); break;
                case "source": source = json.GetString(); break;
                case "run": run = json.GetString(); break;
                case "agent": agent = json.GetString(); break;
                case "outcome": outcome = DocumentEnums.ToOutcome(json.GetString()); break;
                case "errorType": errorType = json.GetString(); break;
                case "createdAt": createdAt = json.GetDateTimeOffset(); break;
                case "message": message = ChatJson.ReadMessage(ref json); break;
            }
        }

        return new HistoryMessage
        {
            Id = Document.Require(id, "id"),
            Origin = origin,
            Source = source,
            RunId = run,
            Agent = agent,
            Outcome = outcome,
            ErrorType = errorType,
            CreatedAt = createdAt,
            Message = Document.Require(message, "message"),
            Unknown = unknown,
        };
    }
}
