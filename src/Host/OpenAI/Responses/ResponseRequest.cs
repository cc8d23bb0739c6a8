using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Sessions.Store;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Tools;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Responses;

/// <summary>A request to create a response, in the types of models.</summary>
/// <param name="Body">The body, without errors.</param>
/// <param name="Json">The body as sent: a response returns parts of it.</param>
/// <param name="Unknown">What is done with parameters that the interface does not define.</param>
/// <param name="Hosted">What is done with what only the model's service understands.</param>
internal sealed record ResponseRequest(ResponseRequestBody Body, JsonElement Json, UnknownParameters Unknown, HostedParts Hosted)
{
    /// <summary>Parameters that are about the host, or have a place elsewhere in what a model is sent.</summary>
    private static readonly HashSet<string> OfTheHost =
    [
        "model", "input", "instructions", "stream", "stream_options", "tools", "tool_choice", "metadata", "store", "background", "conversation",
        "previous_response_id", "prompt", "moderation",
        // The other interface checks them; here they would reach the model unchecked.
        "logprobs", "n",
    ];

    private static readonly string[] EchoedMembers = ["description", "parameters", "strict"];

    public ChatOptions Options { get; } = SentParameters.Add(OptionsOf(Body, Hosted), RequestParameters.From(Json, OfTheHost, Body, Unknown, "reasoning", "text"));

    public IReadOnlyList<AITool> Tools { get; } = Body.Tools is null ? [] : [.. Body.Tools.Select((t, i) => t.ToTool(Json.GetProperty("tools")[i], i)).Where(t => t is not HostedTool || !Hosted.AreDropped)];

    public IReadOnlyList<ItemBody> Input { get; } = Hosted.Keep(Body.Input);

    public ResponseDetails Details { get; } = DetailsOf(Body, Json);

    /// <summary>The tools of a body as a response returns them. Clients expect every member, also those they left out.</summary>
    public static IReadOnlyList<JsonElement> ToolsIn(JsonElement json) => [.. json.GetProperty("tools").EnumerateArray().Select(static tool =>
    {
        var whole = JsonObject.Create(tool) ?? [];
        var isFunction = tool.TryGetProperty("type", out var type) && type.ValueEquals("function");
        foreach (var name in EchoedMembers.Where(_ => isFunction)) whole.TryAdd(name, null);
        return StateJson.Element(whole);
    })];

    private static ChatOptions OptionsOf(ResponseRequestBody body, HostedParts hosted)
    {
        var options = new ChatOptions
        {
            Temperature = (float?)body.Temperature,
            TopP = (float?)body.TopP,
            MaxOutputTokens = body.MaxOutputTokens,
            AllowMultipleToolCalls = body.ParallelToolCalls,
            ToolMode = body.ToolChoice?.ToMode(),
            Reasoning = body.Reasoning?.ToOptions(),
        };
        if (body.ToolChoice is HostedToolChoice choice && !hosted.AreDropped) (options.AdditionalProperties ??= [])[WireTool.Choice] = choice.Sent;
        body.Text?.Format?.ApplyTo(options);
        return options;
    }

    private static ResponseDetails DetailsOf(ResponseRequestBody body, JsonElement json) => new()
    {
        Instructions = body.Instructions,
        Tools = body.Tools is null ? [] : ToolsIn(json),
        ToolChoice = Echo(json, body.ToolChoice, "tool_choice"),
        ParallelToolCalls = body.ParallelToolCalls,
        Temperature = body.Temperature,
        TopP = body.TopP,
        MaxOutputTokens = body.MaxOutputTokens,
        Truncation = body.Truncation,
        TopLogprobs = body.TopLogprobs,
        PreviousResponseId = body.PreviousResponseId,
        Conversation = body.Conversation?.Id,
        Store = body.Store,
        Background = body.Background,
        Text = Echo(json, body.Text?.Format, "text"),
        Reasoning = Echo(json, body.Reasoning, "reasoning"),
        User = body.User,
        SafetyIdentifier = body.SafetyIdentifier,
        PromptCacheKey = body.PromptCacheKey,
    };

    private static JsonElement? Echo(JsonElement json, object? read, string name) => read is null ? null : json.GetProperty(name);
}
