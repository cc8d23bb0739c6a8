using System.Collections.ObjectModel;
using System.Text.Json;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>The parameters of a request that reach the model as they were sent.</summary>
internal static class RequestParameters
{
    /// <summary>Parameters that servers other than OpenAI's define, and that their clients send.</summary>
    private static readonly HashSet<string> OfOtherServers =
    [
        "top_k", "min_p", "top_a", "typical_p", "repetition_penalty", "min_tokens", "ignore_eos", "skip_special_tokens", "chat_template_kwargs",
        "guided_json", "guided_regex", "guided_choice", "guided_grammar", "structured_outputs", "grammar", "json_schema", "cache_prompt", "n_predict",
        "thinking", "enable_thinking", "think", "keep_alive", "options", "format", "safe_prompt", "random_seed", "prompt_mode", "extra_body",
        "provider", "models", "route", "transforms", "plugins", "usage", "reasoning", "reasoning_format", "include_reasoning", "google", "extra_content",
    ];

    /// <summary>What the host writes itself in one of the two interfaces: of two members of one name, a server reads the last one.</summary>
    private static readonly HashSet<string> OfTheHost =
        ["model", "messages", "input", "instructions", "stream", "stream_options", "tools", "tool_choice", "functions", "function_call", "conversation", "previous_response_id", "background", "store"];

    private static readonly IReadOnlyDictionary<string, JsonElement> None = ReadOnlyDictionary<string, JsonElement>.Empty;

    /// <param name="json">The body as sent.</param>
    /// <param name="ofTheHost">Parameters that do not reach the model, or have another place there.</param>
    /// <param name="body">The body, with the fields that the interface does not define.</param>
    /// <param name="unknown">What is done with those.</param>
    /// <param name="groups">Parameters whose members count as parameters.</param>
    public static IReadOnlyDictionary<string, JsonElement> From(
        JsonElement json, IReadOnlySet<string> ofTheHost, IOpenBody body, UnknownParameters unknown, params ReadOnlySpan<string> groups)
    {
        Dictionary<string, JsonElement>? values = null;
        foreach (var parameter in json.EnumerateObject())
        {
            var name = parameter.Name;
            if (parameter.Value.ValueKind == JsonValueKind.Null || ofTheHost.Contains(name)) continue;
            if (unknown == UnknownParameters.Drop && body.Others?.ContainsKey(name) == true && !OfOtherServers.Contains(name)) continue;
            values ??= new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            if (!groups.Contains(name) || parameter.Value.ValueKind != JsonValueKind.Object) values[name] = parameter.Value;
            else AddMembers(values, parameter);
        }

        return values ?? None;
    }

    /// <summary>Refuses the fields that the interface does not define, when the agent says so, and those that would replace what the host sends.</summary>
    public static void Check(IOpenBody body, UnknownParameters unknown, InputErrors errors)
    {
        if (unknown == UnknownParameters.Drop) return;
        if (body.Others is not { } others) return;
        foreach (var name in others.Keys.Where(n => unknown == UnknownParameters.Pass ? OfTheHost.Contains(n) : !OfOtherServers.Contains(n)))
            errors.Add(InputErrors.NameOf(name), BodyType.UnknownField, BodyType.For(body.GetType()).Names, InputErrors.Unknown);
    }

    private static void AddMembers(Dictionary<string, JsonElement> values, JsonProperty group)
    {
        foreach (var member in group.Value.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null) values[$"{group.Name}.{member.Name}"] = member.Value;
        }
    }
}
