using Microsoft.Extensions.AI;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>The estimate that explanations use: it counts bytes, and encodes no text.</summary>
internal sealed class WeightEstimate : ITokenEstimate
{
    public static WeightEstimate Instance { get; } = new();

    public long Estimate(ChatMessage message) => TokenWeights.Estimate(message);

    public long Estimate(string text) => TokenWeights.Estimate(text);

    public long Estimate(AITool tool) => TokenWeights.Estimate(tool);

    public long Measure(IEnumerable<AIContent> contents) => contents.Sum(MessageSize.Measure);
}
