using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>What a caller asks for beside the message. What the caller did not ask for is discarded, because middleware does not see it.</summary>
/// <param name="LogProbabilities">How likely the tokens of the answer are.</param>
/// <param name="Choices">More than one choice.</param>
internal readonly record struct AskedExtras(bool LogProbabilities, bool Choices)
{
    public static AskedExtras From(ChatOptions? options)
    {
        if (SentParameters.Find(options)?.Values is not { } sent) return default;
        return new AskedExtras(
            (sent.TryGetValue("logprobs", out var asked) && asked.ValueKind == JsonValueKind.True)
            || (sent.TryGetValue("include", out var include) && include.ValueKind == JsonValueKind.Array && include.EnumerateArray().Any(static i => i.ValueKind == JsonValueKind.String && i.ValueEquals(WireAnswer.IncludedLogProbabilities))),
            sent.TryGetValue("n", out var n) && n.ValueKind == JsonValueKind.Number && n.TryGetInt32(out var count) && count > 1);
    }
}
