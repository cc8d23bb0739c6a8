using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>How much a model is to reason.</summary>
internal sealed class EffortAttribute() : AllowedTextAttribute("none", "minimal", "low", "medium", "high", "xhigh")
{
    /// <returns>Null when nothing was asked for.</returns>
    public static ReasoningEffort? From(string? effort) => effort switch
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

/// <summary>What of its reasoning a model is to tell.</summary>
internal sealed class SummaryAttribute() : AllowedTextAttribute("auto", "concise", "detailed")
{
    /// <returns>Null when nothing was asked for.</returns>
    public static ReasoningOutput? From(string? summary) => summary switch
    {
        "auto" or "concise" => ReasoningOutput.Summary,
        "detailed" => ReasoningOutput.Full,
        _ => null,
    };
}

/// <summary>What a request for a response says of reasoning.</summary>
[Refuses("mode"), Refuses("context")]
internal sealed record ReasoningBody([Effort] string? Effort = null, [Summary] string? Summary = null, [Summary] string? GenerateSummary = null)
{
    public ReasoningOptions? ToOptions()
    {
        var (effort, summary) = (EffortAttribute.From(Effort), SummaryAttribute.From(Summary ?? GenerateSummary));
        return effort is null && summary is null ? null : new ReasoningOptions { Effort = effort, Output = summary };
    }
}
