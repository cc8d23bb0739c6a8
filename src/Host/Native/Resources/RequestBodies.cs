using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using PluginHost.Http.Description;

namespace PluginHost.Native.Resources;

/// <summary>The body of <c>POST /v1/sessions</c>.</summary>
internal sealed record CreateSessionBody
{
    [Description("1 to 128 of A-Z a-z 0-9 . _ ~ : - ; of the host's choosing when left out.")]
    public string? Id { get; init; }

    [MetadataSchema]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    [Description("State by plugin scope; each value an object.")]
    public IReadOnlyDictionary<string, JsonElement>? State { get; init; }

    [Description("The session's id at the model's service, when that holds the history already.")]
    public string? ServiceSessionId { get; init; }

    [Description("Messages to begin with.")]
    public IReadOnlyList<MessageBody>? Messages { get; init; }
}

/// <summary>The body of <c>PATCH /v1/sessions/{id}</c>: two merge patches (RFC 7396).</summary>
internal sealed record PatchSessionBody
{
    [Description("A merge patch: a string sets a key, null removes it.")]
    [MetadataSchema(isPatch: true)]
    public IReadOnlyDictionary<string, string?>? Metadata { get; init; }

    [Description("A merge patch by plugin scope: an object is merged, null removes the scope.")]
    public IReadOnlyDictionary<string, JsonElement>? State { get; init; }
}

/// <summary>The body of <c>POST /v1/sessions/{id}/fork</c>.</summary>
internal sealed record ForkBody
{
    [Description("The id of the new session; of the host's choosing when left out.")]
    public string? Id { get; init; }

    [Description("The last run whose messages the new session has; all runs when left out.")]
    public string? Run { get; init; }
}

/// <summary>The body of a run request.</summary>
internal sealed record RunBody(
    [property: OrText, Description("Text of the user, or messages.")] IReadOnlyList<MessageBody> Input)
{
    [Description("May be left out when only one agent is configured.")]
    public string? Agent { get; init; }

    [Description("Whether to answer with server-sent events, as does Accept: text/event-stream.")]
    public bool? Stream { get; init; }

    [Description("Whether to answer 202 at once, without waiting for the run. Not together with stream.")]
    public bool? Background { get; init; }

    [MetadataSchema]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public RunOptionsBody? Options { get; init; }

    [Description("Whether an unknown session is created; true when left out.")]
    public bool? Create { get; init; }
}

internal sealed record RunOptionsBody
{
    [Range(0, 2)]
    public double? Temperature { get; init; }

    [Range(1, int.MaxValue)]
    public int? MaxOutputTokens { get; init; }

    [Description("Tools that the caller answers itself: the run ends with requires_action when the model calls one.")]
    public IReadOnlyList<ToolBody>? Tools { get; init; }

    public ResponseFormatBody? ResponseFormat { get; init; }
}

internal sealed record ToolBody(
    [property: RegularExpression("^[A-Za-z0-9_-]{1,64}$")] string Name)
{
    public string? Description { get; init; }

    [Description("The JSON schema of the arguments; no arguments when left out.")]
    [JsonObjectSchema]
    public JsonElement? Parameters { get; init; }
}

internal sealed record ResponseFormatBody(
    [property: AllowedText("text", "json_object", "json_schema")] string Type)
{
    [Description("The JSON schema; needed by json_schema, and only there.")]
    [JsonObjectSchema]
    public JsonElement? Schema { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }
}
