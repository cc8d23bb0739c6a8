using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Explain;

/// <summary>Says about how many tokens a model counts, and how many bytes contents have. Thread-safe.</summary>
internal interface ITokenEstimate
{
    long Estimate(ChatMessage message);

    long Estimate(string text);

    long Estimate(AITool tool);

    /// <summary>The bytes of contents.</summary>
    long Measure(IEnumerable<AIContent> contents);
}
