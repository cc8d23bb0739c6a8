using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;

namespace PluginHost.OpenAI.Responses;

/// <summary>Reads how much a model is to reason, and what of it it is to tell.</summary>
internal static class ReasoningReader
{
    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh"];

    /// <returns>What to give back; null when nothing was asked for.</returns>
    public static JsonElement? Read(BodyReader body, ChatOptions options)
    {
        if (body.Nested("reasoning") is not { } reasoning || !body.TryGet("reasoning", out var echo)) return null;
        var effort = ReadEffort(reasoning, "effort");
        var summary = reasoning.TryGet("summary", out _) ? reasoning.RequiredOneOf("summary", ["auto", "concise", "detailed"]) : null;
        summary ??= reasoning.TryGet("generate_summary", out _) ? reasoning.RequiredOneOf("generate_summary", ["auto", "concise", "detailed"]) : null;
        reasoning.Refuse("mode");
        reasoning.Refuse("context");
        reasoning.End();
        if (effort is not null || summary is not null) options.Reasoning = new ReasoningOptions { Effort = effort, Output = OutputOf(summary) };
        return echo;
    }

    /// <returns>Null when nothing was asked for.</returns>
    public static ReasoningEffort? ReadEffort(BodyReader body, string name)
    {
        if (!body.TryGet(name, out _)) return null;
        return body.RequiredOneOf(name, Efforts) switch
        {
            "none" => ReasoningEffort.None,
            // The least that the model's types know beside none.
            "minimal" or "low" => ReasoningEffort.Low,
            "medium" => ReasoningEffort.Medium,
            "high" => ReasoningEffort.High,
            "xhigh" => ReasoningEffort.ExtraHigh,
            _ => null,
        };
    }

    private static ReasoningOutput? OutputOf(string? summary) => summary switch
    {
        "auto" or "concise" => ReasoningOutput.Summary,
        "detailed" => ReasoningOutput.Full,
        _ => null,
    };
}
