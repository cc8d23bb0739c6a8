using Microsoft.Extensions.AI;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>The names of reasoning options on the wire.</summary>
internal static class ReasoningNames
{
    /// <returns>Null for the model's default.</returns>
    public static string? EffortOf(ReasoningOptions? reasoning) => reasoning?.Effort switch
    {
        ReasoningEffort.None => "none",
        ReasoningEffort.Low => "low",
        ReasoningEffort.Medium => "medium",
        ReasoningEffort.High => "high",
        ReasoningEffort.ExtraHigh => "xhigh",
        _ => null,
    };

    /// <returns>Null for the model's default.</returns>
    public static string? SummaryOf(ReasoningOptions? reasoning) => reasoning?.Output switch
    {
        ReasoningOutput.Summary => "auto",
        ReasoningOutput.Full => "detailed",
        _ => null,
    };
}
