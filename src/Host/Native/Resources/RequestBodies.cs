using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources;

/// <summary>The body of <c>POST /v1/sessions</c>.</summary>
internal sealed record CreateSessionBody(
    [property: Id, Description("Of the host's choosing when left out.")] string? Id = null,
    [property: Metadata] IReadOnlyDictionary<string, string>? Metadata = null,
    [property: Entries, Description("State by plugin scope; each value an object.")] IReadOnlyDictionary<string, JsonElement>? State = null,
    [property: Length(1, 512), Description("The session's id at the model's service, when that holds the history already. Refused unless Sessions:AcceptServiceSessionIds is set.")] string? ServiceSessionId = null,
    [property: Description("Messages to begin with.")] IReadOnlyList<MessageBody>? Messages = null);

/// <summary>The body of <c>PATCH /v1/sessions/{id}</c>: two merge patches (RFC 7396).</summary>
internal sealed record PatchSessionBody(
    [property: Metadata(isPatch: true), Description("A merge patch: a string sets a key, null removes it.")] IReadOnlyDictionary<string, string?>? Metadata = null,
    [property: Entries(OrNull = true), Description("A merge patch by plugin scope: an object is merged, null removes the scope.")]
    IReadOnlyDictionary<string, JsonElement>? State = null);

/// <summary>The body of <c>POST /v1/sessions/{id}/fork</c>.</summary>
internal sealed record ForkBody(
    [property: Id, Description("The id of the new session; of the host's choosing when left out.")] string? Id = null,
    [property: Id, Description("The last run whose messages the new session has; all runs when left out.")] string? Run = null);

/// <summary>The body of a run request.</summary>
internal sealed record RunBody(
    [property: OrText("messages"), NotBlank, MinLength(1), Description("Text of the user, or messages.")] IReadOnlyList<MessageBody> Input,
    [property: Description("May be left out when only one agent is configured.")] string? Agent = null,
    [property: Description("Whether to answer with server-sent events, as does Accept: text/event-stream.")] bool? Stream = null,
    [property: Description("Whether to answer 202 at once, without waiting for the run. Not together with stream.")] bool? Background = null,
    [property: Metadata] IReadOnlyDictionary<string, string>? Metadata = null,
    [property: Length(1, UserNames.MaxLength), Description("Who uses the agent: plugins see it and may keep data by it, and telemetry that captures content has it.")] string? User = null,
    RunOptionsBody? Options = null,
    [property: Description("Whether an unknown session is created; true when left out.")] bool? Create = null,
    [property: AllowedText("queue", "reject", "interrupt", "steer"), Description("What happens when another run is on the session: wait for it, refuse this run, cancel the other one, or give it the input. Sessions:Busy when left out.")]
    string? Busy = null) : ICheckedBody
{
    public void Check(InputErrors errors)
    {
        if (Stream == true && Background == true)
            errors.Add("background", "A run in the background is not streamed; attach to its events instead.", "one of stream and background");
    }
}

/// <summary>The body of <c>POST …/runs/{run}/input</c>.</summary>
internal sealed record RunInputBody(
    [property: OrText("messages"), NotBlank, MinLength(1), Description("Text of the user, or messages of the role user.")] IReadOnlyList<MessageBody> Input);

internal sealed record RunOptionsBody(
    [property: Range(0, 2)] double? Temperature = null,
    [property: Range(1, int.MaxValue)] int? MaxOutputTokens = null,
    [property: MaxLength(128), Description("Tools that the caller answers itself: the run ends with requires_action when the model calls one.")]
    IReadOnlyList<ToolBody>? Tools = null,
    ResponseFormatBody? ResponseFormat = null) : ICheckedBody
{
    public void Check(InputErrors errors) => errors.CheckUnique("tools", Tools?.Select(t => t?.Name));

    public ChatOptions? ToChatOptions() => this is { Temperature: null, MaxOutputTokens: null, ResponseFormat: null } ? null : new ChatOptions
    {
        Temperature = (float?)Temperature,
        MaxOutputTokens = MaxOutputTokens,
        ResponseFormat = ResponseFormat?.ToFormat(),
    };
}

internal sealed record ToolBody(
    [property: FunctionName] string Name,
    string? Description = null,
    [property: AnyObject, Description("The JSON schema of the arguments; no arguments when left out.")] JsonElement? Parameters = null)
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}"""u8);

    /// <summary>A declaration: the caller answers the calls.</summary>
    public AITool ToTool() => AIFunctionFactory.CreateDeclaration(Name, Description, Parameters ?? NoParameters);
}

internal sealed record ResponseFormatBody(
    [property: AllowedText("text", "json_object", "json_schema")] string Type,
    [property: AnyObject, Description("The JSON schema; needed by json_schema, and only there.")] JsonElement? Schema = null,
    string? Name = null,
    string? Description = null) : ICheckedBody
{
    public void Check(InputErrors errors)
    {
        if (Type == "json_schema" && Schema is null) errors.Add("schema", "The field is required by json_schema.", "object");
        else if (Type is "text" or "json_object" && Schema is not null) errors.Add("schema", $"The type {Type} has no schema.", "a schema with the type json_schema only");
    }

    public ChatResponseFormat ToFormat() => Type switch
    {
        "text" => ChatResponseFormat.Text,
        "json_object" => ChatResponseFormat.Json,
        _ => ChatResponseFormat.ForJsonSchema(Schema!.Value, Name, Description),
    };
}
