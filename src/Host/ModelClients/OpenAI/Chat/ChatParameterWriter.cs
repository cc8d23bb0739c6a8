using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Chat;

/// <summary>
/// Writes the parameters of a request: those of the caller as they were sent, what plugins changed, and the defaults of the agent for
/// what neither set.
/// </summary>
internal sealed class ChatParameterWriter(OpenAIOptions options)
{
    /// <summary>Parameters of the Responses interface that chat completions do not have.</summary>
    private static readonly HashSet<string> Elsewhere = ["truncation", "context_management", "include", "max_tool_calls", "client_metadata", "reasoning.summary", "reasoning.generate_summary"];

    private readonly string _maxTokens = options.UsesNewNames ? "max_completion_tokens" : "max_tokens";

    public void Write(Utf8JsonWriter json, ChatOptions chat)
    {
        var written = new HashSet<string>(options.Omit ?? [], StringComparer.Ordinal);
        var asksForTokens = AskedExtras.From(chat).LogProbabilities;
        if (SentParameters.Find(chat) is { } sent)
        {
            foreach (var (name, value) in sent.Values)
            {
                // What a plugin changed, or took away, is not what the caller sent.
                if (Elsewhere.Contains(name) || (name == "top_logprobs" && !asksForTokens) || !sent.IsUnchanged(name, chat) || !written.Add(NameOf(name))) continue;
                json.WritePropertyName(NameOf(name));
                if (name == "text.format") ResponseFormats.WriteChat(json, value);
                else value.WriteTo(json);
            }
        }

        if (asksForTokens && written.Add("logprobs")) json.WriteBoolean("logprobs", true);
        WriteTyped(json, chat, written);
        foreach (var (name, value) in options.Defaults)
        {
            if ((IsMaxTokens(name) && written.Any(IsMaxTokens)) || !written.Add(name)) continue;
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }

    private static bool IsMaxTokens(string name) => name is "max_tokens" or "max_completion_tokens";

    private string NameOf(string name) => name switch
    {
        "max_output_tokens" => _maxTokens,
        "max_completion_tokens" when options.Dialect == OpenAIDialect.Compatible => "max_tokens",
        "max_tokens" when options.Dialect == OpenAIDialect.OpenAI => "max_completion_tokens",
        "reasoning.effort" => "reasoning_effort",
        "text.format" => "response_format",
        "text.verbosity" => "verbosity",
        _ => name,
    };

    private void WriteTyped(Utf8JsonWriter json, ChatOptions chat, HashSet<string> written)
    {
        Number("temperature", chat.Temperature);
        Number("top_p", chat.TopP);
        Number("top_k", chat.TopK);
        Number("frequency_penalty", chat.FrequencyPenalty);
        Number("presence_penalty", chat.PresencePenalty);
        Number("seed", chat.Seed);
        if (!written.Any(IsMaxTokens)) Number(_maxTokens, chat.MaxOutputTokens);
        if (chat.StopSequences is { Count: > 0 } stop && written.Add("stop"))
        {
            json.WriteStartArray("stop");
            foreach (var text in stop) json.WriteStringValue(text);
            json.WriteEndArray();
        }

        if (chat.AllowMultipleToolCalls is { } parallel && chat.Tools is { Count: > 0 } && written.Add("parallel_tool_calls")) json.WriteBoolean("parallel_tool_calls", parallel);
        if (ReasoningNames.EffortOf(chat.Reasoning) is { } effort && written.Add("reasoning_effort")) json.WriteString("reasoning_effort", effort);
        if (chat.ResponseFormat is { } format && written.Add("response_format"))
        {
            json.WritePropertyName("response_format");
            ResponseFormats.WriteChat(json, format, chat);
        }

        void Number<T>(string name, T? value)
            where T : struct
        {
            if (value is not { } number || !written.Add(name)) return;
            json.WritePropertyName(name);
            CompactJson.WriteValue(json, number);
        }
    }
}
