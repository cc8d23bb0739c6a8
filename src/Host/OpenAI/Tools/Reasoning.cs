using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>How much a model reasons.</summary>
internal sealed class EffortAttribute() : AllowedTextAttribute("none", "minimal", "low", "medium", "high", "xhigh", "max", "default")
{
    /// <returns>Null for the model's default.</returns>
    public static ReasoningEffort? From(string? effort) => effort switch
    {
        "none" => ReasoningEffort.None,
        // What the model's types know of them. A client of the same interface is sent the word itself.
        "minimal" or "low" => ReasoningEffort.Low,
        "medium" => ReasoningEffort.Medium,
        "high" => ReasoningEffort.High,
        "xhigh" or "max" => ReasoningEffort.ExtraHigh,
        _ => null,
    };
}

/// <summary>How much of its reasoning a model returns.</summary>
internal sealed class SummaryAttribute() : AllowedTextAttribute("auto", "concise", "detailed")
{
    /// <returns>Null for the model's default.</returns>
    public static ReasoningOutput? From(string? summary) => summary switch
    {
        "auto" or "concise" => ReasoningOutput.Summary,
        "detailed" => ReasoningOutput.Full,
        _ => null,
    };
}

/// <summary>The reasoning options of a response.</summary>
[Refuses("mode"), Refuses("context")]
internal sealed record ReasoningBody([Effort] string? Effort = null, [Summary] string? Summary = null, [Summary] string? GenerateSummary = null)
{
    public ReasoningOptions? ToOptions()
    {
        var (effort, summary) = (EffortAttribute.From(Effort), SummaryAttribute.From(Summary ?? GenerateSummary));
        return effort is null && summary is null ? null : new ReasoningOptions { Effort = effort, Output = summary };
    }
}
