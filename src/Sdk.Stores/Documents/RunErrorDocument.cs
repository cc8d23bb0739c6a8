using System.Globalization;
using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>The error and the failures in the document of a run.</summary>
internal static class RunErrorDocument
{
    private static readonly MemberNames Names = new("type", "message", "code", "param", "retryAfter", "shouldRetry");
    private static readonly MemberNames FailureNames = new("plugin", "type", "message");

    public static void Write(Utf8JsonWriter json, RunError error)
    {
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, error.Type);
        json.WriteString("message"u8, error.Message);
        json.WriteOptional("code"u8, error.Code);
        json.WriteOptional("param"u8, error.Param);
        json.WriteOptional("retryAfter"u8, error.RetryAfter?.ToString("c", CultureInfo.InvariantCulture));
        if (error.ShouldRetry is { } shouldRetry) json.WriteBoolean("shouldRetry"u8, shouldRetry);
        error.Unknown?.WriteTo(json);
        json.WriteEndObject();
    }

    public static RunError Read(ref Utf8JsonReader json)
    {
        MemberNames.Begin(ref json);
        string? type = null, message = null, code = null, param = null;
        TimeSpan? retryAfter = null;
        bool? shouldRetry = null;
        UnknownMembers? unknown = null;
        while (Names.Next(ref json, ref unknown) is { } name)
        {
            switch (name)
            {
                case "type": type = json.GetString(); break;
                case "message": message = json.GetString(); break;
                case "code": code = json.GetString(); break;
                case "param": param = json.GetString(); break;
                case "retryAfter": retryAfter = json.GetString() is { } time ? TimeSpan.Parse(time, CultureInfo.InvariantCulture) : null; break;
                case "shouldRetry": shouldRetry = json.TokenType == JsonTokenType.Null ? null : json.GetBoolean(); break;
            }
        }

        return new RunError
        {
            Type = Document.Require(type, "type"),
            Message = Document.Require(message, "message"),
            Code = code,
            Param = param,
            RetryAfter = retryAfter,
            ShouldRetry = shouldRetry,
            Unknown = unknown,
        };
    }

    public static void WriteFailure(Utf8JsonWriter json, PluginFailure failure)
    {
        json.WriteStartObject();
        json.WriteString("plugin"u8, failure.Plugin);
        json.WriteString("type"u8, failure.Type);
        json.WriteString("message"u8, failure.Message);
        failure.Unknown?.WriteTo(json);
        json.WriteEndObject();
    }

    public static PluginFailure ReadFailure(ref Utf8JsonReader json)
    {
        MemberNames.Begin(ref json);
        string? plugin = null, type = null, message = null;
        UnknownMembers? unknown = null;
        while (FailureNames.Next(ref json, ref unknown) is { } name)
        {
            switch (name)
            {
                case "plugin": plugin = json.GetString(); break;
                case "type": type = json.GetString(); break;
                case "message": message = json.GetString(); break;
            }
        }

        return new PluginFailure
        {
            Plugin = Document.Require(plugin, "plugin"),
            Type = Document.Require(type, "type"),
            Message = Document.Require(message, "message"),
            Unknown = unknown,
        };
    }
}
