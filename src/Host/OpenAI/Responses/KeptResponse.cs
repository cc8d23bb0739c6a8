using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>An unstored response that its connection keeps, so that the next one can follow it. Immutable.</summary>
/// <param name="Id">The response's id.</param>
/// <param name="Messages">The conversation up to its end.</param>
internal sealed record KeptResponse(string Id, IReadOnlyList<HistoryMessage> Messages);
