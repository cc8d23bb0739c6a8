using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Chat;

/// <summary>A request of a chat completion, in the types of models.</summary>
/// <param name="Body">The body, without errors.</param>
/// <param name="Json">The body as sent.</param>
/// <param name="Unknown">What is done with parameters that the interface does not define.</param>
/// <param name="Hosted">What is done with tools that only the model's server knows.</param>
internal sealed record ChatRequest(ChatBody Body, JsonElement Json, UnknownParameters Unknown, HostedParts Hosted)
{
    /// <summary>Parameters that are about the host, or have a place elsewhere in what a model is sent.</summary>
    private static readonly HashSet<string> OfTheHost = ["model", "messages", "stream", "stream_options", "tools", "tool_choice", "metadata", "store", "audio", "moderation", "web_search_options", "functions", "function_call", "client_metadata",
        // The other interface checks them; here they would reach the model unchecked.
        "include", "context_management"];

    public ChatInput Input { get; } = ChatInput.From(Body.Messages);

    public ChatOptions Options { get; } = SentParameters.Add(Body.ToOptions(), RequestParameters.From(Json, OfTheHost, Body, Unknown));

    public IReadOnlyList<AITool> Tools { get; } = Body.Tools is null ? [] : [.. Body.Tools.Select((t, i) => t.ToTool(Json.GetProperty("tools")[i], i)).Where(t => t is not HostedTool || !Hosted.AreDropped)];

    /// <summary>The user that the caller named; null for none.</summary>
    public string? User { get; } = TextOf(Json, "safety_identifier") ?? TextOf(Json, "user");

    /// <summary>Whether a stream ends with a chunk for the tokens used.</summary>
    public bool IncludeUsage => Body.StreamOptions?.IncludeUsage ?? false;

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>The messages of a request.</summary>
/// <param name="Instructions">The system or developer messages at the beginning; null when there are none.</param>
/// <param name="Messages">The others, without empty ones.</param>
/// <param name="Positions">The index of each of those in the request, for errors.</param>
internal sealed record ChatInput(SentInstructions? Instructions, IReadOnlyList<ChatMessage> Messages, IReadOnlyList<int> Positions)
{
    public static ChatInput From(IReadOnlyList<ChatRequestMessage> all)
    {
        var (instructions, messages, positions) = (new List<ChatMessage>(), new List<ChatMessage>(all.Count), new List<int>(all.Count));
        for (var i = 0; i < all.Count; i++)
        {
            var message = all[i].ToMessage();
            if (messages.Count == 0 && all[i] is InstructionMessage)
            {
                instructions.Add(message);
            }
            else if (message.Contents.Count > 0)
            {
                messages.Add(message);
                positions.Add(i);
            }
        }

        return new ChatInput(instructions.Count == 0 ? null : new SentInstructions(instructions), messages, positions);
    }
}
