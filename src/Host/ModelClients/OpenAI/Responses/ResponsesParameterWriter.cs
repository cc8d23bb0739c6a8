using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Responses;

/// <summary>
/// Writes the parameters of a request: those of the caller as they were sent, what plugins changed, and the defaults of the agent for
/// what neither set. What this interface does not know is sent under its name, so that the server refuses it instead of losing it.
/// </summary>
internal sealed class ResponsesParameterWriter(OpenAIOptions options)
{
    private const string Encrypted = "reasoning.encrypted_content";

    public void Write(Utf8JsonWriter json, ChatOptions chat, bool asksForEncrypted)
    {
        var values = Collect(chat);
        values.Remove("logprobs");
        // The service has the conversation, so only the service can leave something out. Its default is to refuse.
        if (chat.ConversationId is not null) values.TryAdd("truncation", static json => json.WriteStringValue("auto"));
        foreach (var name in options.Omit ?? []) values.Remove(NameOf(name));
        if (!options.Omits("include")) WriteInclude(json, values, asksForEncrypted, isStored: !ResponsesClient.IsUnstored(chat), AskedExtras.From(chat).LogProbabilities);
        WriteGroup(json, "reasoning", values);
        WriteGroup(json, "text", values);
        foreach (var (name, write) in values)
        {
            json.WritePropertyName(name);
            write(json);
        }
    }

    private static string NameOf(string name) => name switch
    {
        "max_tokens" or "max_completion_tokens" => "max_output_tokens",
        "reasoning_effort" => "reasoning.effort",
        "response_format" => "text.format",
        "verbosity" => "text.verbosity",
        _ => name,
    };

    private Dictionary<string, Action<Utf8JsonWriter>> Collect(ChatOptions chat)
    {
        var values = new Dictionary<string, Action<Utf8JsonWriter>>(StringComparer.Ordinal);
        if (SentParameters.Find(chat) is { } sent)
        {
            foreach (var (name, value) in sent.Values)
            {
                // What a plugin changed, or took away, is not what the caller sent.
                if (!sent.IsUnchanged(name, chat)) continue;
                values.TryAdd(NameOf(name), name == "response_format" ? json => ResponseFormats.WriteResponses(json, value) : value.WriteTo);
            }
        }

        AddTyped(values, chat);
        foreach (var (name, value) in options.Defaults)
        {
            if (name is not ("reasoning" or "text") || value.ValueKind != JsonValueKind.Object) values.TryAdd(NameOf(name), value.WriteTo);
            else foreach (var member in value.EnumerateObject()) values.TryAdd($"{name}.{member.Name}", member.Value.WriteTo);
        }

        return values;
    }

    private static void AddTyped(Dictionary<string, Action<Utf8JsonWriter>> values, ChatOptions chat)
    {
        Add("temperature", chat.Temperature);
        Add("top_p", chat.TopP);
        Add("top_k", chat.TopK);
        Add("frequency_penalty", chat.FrequencyPenalty);
        Add("presence_penalty", chat.PresencePenalty);
        Add("seed", chat.Seed);
        Add("max_output_tokens", chat.MaxOutputTokens);
        Add("stop", chat.StopSequences is { Count: > 0 } stop ? stop : null);
        Add("parallel_tool_calls", chat.Tools is { Count: > 0 } ? chat.AllowMultipleToolCalls : null);
        Add("reasoning.effort", ReasoningNames.EffortOf(chat.Reasoning));
        Add("reasoning.summary", ReasoningNames.SummaryOf(chat.Reasoning));
        if (chat.ResponseFormat is { } format) values.TryAdd("text.format", json => ResponseFormats.WriteResponses(json, format, chat));

        void Add(string name, object? value)
        {
            if (value is not null) values.TryAdd(name, json => CompactJson.WriteValue(json, value));
        }
    }

    private static void WriteInclude(Utf8JsonWriter json, Dictionary<string, Action<Utf8JsonWriter>> values, bool asksForEncrypted, bool isStored, bool asksForTokens)
    {
        var names = values.Remove("include", out var given)
            ? JsonElement.Parse(CompactJson.Write(given, static (writer, write) => write(writer))).EnumerateArray().Select(n => n.GetString()!).ToList()
            : [];
        var isAskedFor = names.Remove(Encrypted);
        // Where the service keeps nothing, its answer decides whether it is asked for again.
        if (asksForEncrypted || (isAskedFor && isStored)) names.Add(Encrypted);
        if (asksForTokens && !names.Contains(WireAnswer.IncludedLogProbabilities)) names.Add(WireAnswer.IncludedLogProbabilities);
        if (names.Count == 0) return;
        json.WriteStartArray("include");
        foreach (var name in names) json.WriteStringValue(name);
        json.WriteEndArray();
    }

    /// <summary>Writes the values of one object, whose members have names such as <c>reasoning.effort</c>.</summary>
    private static void WriteGroup(Utf8JsonWriter json, string group, Dictionary<string, Action<Utf8JsonWriter>> values)
    {
        var members = values.Where(v => v.Key.StartsWith(group + ".", StringComparison.Ordinal)).ToList();
        if (members.Count == 0) return;
        json.WriteStartObject(group);
        foreach (var (name, write) in members)
        {
            json.WritePropertyName(name[(group.Length + 1)..]);
            write(json);
            values.Remove(name);
        }

        json.WriteEndObject();
    }
}
