using Microsoft.Extensions.AI;
using PluginHost.Engine.Explain;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>The estimate that reads no text, for explanations.</summary>
internal sealed class WeightEstimate : ITokenEstimate
{
    public static WeightEstimate Instance { get; } = new();

    public long Estimate(ChatMessage message) => TokenWeights.Estimate(message);

    public long Estimate(string text) => TokenWeights.Estimate(text);

    public long Estimate(AITool tool) => TokenWeights.Estimate(tool);
}
