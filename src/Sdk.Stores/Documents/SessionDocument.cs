using System.Collections.ObjectModel;
using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>The document of a session's record.</summary>
internal static class SessionDocument
{
    private static readonly MemberNames Names = new(
        "key", "version", "createdAt", "updatedAt", "metadata", "state", "serviceSessionId", "serviceClient", "history", "transcript", "lastRunId",
        "lastTraceParent", "extensions")
    {
        IsDocument = true,
    };

    private static readonly MemberNames KeyNames = new("tenant", "id");
    private static readonly MemberNames TranscriptNames = new("count", "first", "hash");

    public static void Write(Utf8JsonWriter json, SessionRecord record)
    {
        json.WriteStartObject();
        json.WritePropertyName("key"u8);
        WriteKey(json, record.Key);
        json.WriteNumber("version"u8, record.Version);
        json.WriteString("createdAt"u8, record.CreatedAt);
        json.WriteString("updatedAt"u8, record.UpdatedAt);
        json.WriteMap("metadata"u8, record.Metadata);
        json.WriteMap("state"u8, record.State);
        json.WriteOptional("serviceSessionId"u8, record.ServiceSessionId);
        json.WriteOptional("serviceClient"u8, record.ServiceClient);
        json.WriteOptional("history"u8, record.History);
        if (record.Transcript is { } transcript) WriteTranscript(json, transcript);
        json.WriteOptional("lastRunId"u8, record.LastRunId);
        json.WriteOptional("lastTraceParent"u8, record.LastTraceParent);
        json.WriteMap("extensions"u8, record.Extensions);
        record.Unknown?.WriteTo(json);
        json.WriteEndObject();
    }

    public static SessionRecord Read(ref Utf8JsonReader json)
    {
        MemberNames.Begin(ref json);
        SessionKey? key = null;
        long? version = null;
        DateTimeOffset? createdAt = null, updatedAt = null;
        IReadOnlyDictionary<string, string> metadata = ReadOnlyDictionary<string, string>.Empty;
        IReadOnlyDictionary<string, JsonElement> state = ReadOnlyDictionary<string, JsonElement>.Empty, extensions = state;
        string? serviceSessionId = null, serviceClient = null, history = null, lastRunId = null, lastTraceParent = null;
        TranscriptMark? transcript = null;
        UnknownMembers? unknown = null;
        while (Names.Next(ref json, ref unknown) is { } name)
        {
            switch (name)
            {
                case "key": key = ReadKey(ref json); break;
                case "version": version = json.GetInt64(); break;
                case "createdAt": createdAt = json.GetDateTimeOffset(); break;
                case "updatedAt": updatedAt = json.GetDateTimeOffset(); break;
                case "metadata": metadata = Document.ReadMap(ref json, Document.ReadText); break;
                case "state": state = Document.ReadMap(ref json, Document.ReadJson); break;
                case "serviceSessionId": serviceSessionId = json.GetString(); break;
                case "serviceClient": serviceClient = json.GetString(); break;
                case "history": history = json.GetString(); break;
                case "transcript": transcript = json.TokenType == JsonTokenType.Null ? null : ReadTranscript(ref json); break;
                case "lastRunId": lastRunId = json.GetString(); break;
                case "lastTraceParent": lastTraceParent = json.GetString(); break;
                case "extensions": extensions = Document.ReadMap(ref json, Document.ReadJson); break;
            }
        }

        return new SessionRecord
        {
            Key = Document.Require(key, "key"),
            Version = Document.Require(version, "version"),
            CreatedAt = Document.Require(createdAt, "createdAt"),
            UpdatedAt = Document.Require(updatedAt, "updatedAt"),
            Metadata = metadata,
            State = state,
            ServiceSessionId = serviceSessionId,
            ServiceClient = serviceClient,
            History = history,
            Transcript = transcript,
            LastRunId = lastRunId,
            LastTraceParent = lastTraceParent,
            Extensions = extensions,
            Unknown = unknown,
        };
    }

    public static void WriteKey(Utf8JsonWriter json, SessionKey key)
    {
        json.WriteStartObject();
        json.WriteString("tenant"u8, key.Tenant);
        json.WriteString("id"u8, key.Id);
        json.WriteEndObject();
    }

    public static SessionKey ReadKey(ref Utf8JsonReader json)
    {
        MemberNames.Begin(ref json);
        string? tenant = null, id = null;
        UnknownMembers? unknown = null;
        while (KeyNames.Next(ref json, ref unknown) is { } name)
        {
            if (name == "tenant") tenant = json.GetString();
            else id = json.GetString();
        }

        return new SessionKey(Document.Require(tenant, "tenant"), Document.Require(id, "id"));
    }

    private static void WriteTranscript(Utf8JsonWriter json, TranscriptMark transcript)
    {
        json.WriteStartObject("transcript"u8);
        json.WriteNumber("count"u8, transcript.Count);
        json.WriteString("first"u8, transcript.First);
        json.WriteString("hash"u8, transcript.Hash);
        transcript.Unknown?.WriteTo(json);
        json.WriteEndObject();
    }

    private static TranscriptMark ReadTranscript(ref Utf8JsonReader json)
    {
        MemberNames.Begin(ref json);
        int? count = null;
        string? first = null, hash = null;
        UnknownMembers? unknown = null;
        while (TranscriptNames.Next(ref json, ref unknown) is { } name)
        {
            switch (name)
            {
                case "count": count = json.GetInt32(); break;
                case "first": first = json.GetString(); break;
                case "hash": hash = json.GetString(); break;
            }
        }

        return new TranscriptMark
        {
            Count = Document.Require(count, "count"),
            First = Document.Require(first, "first"),
            Hash = Document.Require(hash, "hash"),
            Unknown = unknown,
        };
    }
}
