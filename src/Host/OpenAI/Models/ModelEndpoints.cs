using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Models;

/// <summary>The agents, as models.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenAICall("GET", "/v1/models", ListAsync);
        routes.MapOpenAICall("GET", "/v1/models/{**model}", GetAsync);
    }

    private static Task ListAsync(HttpContext context) =>
        context.WriteAsync(200, new ModelList("list", [.. context.Service<ChainHolder>().Current.Chains.Select(ToModel)]), WireJson.Default.ModelList);

    private static Task GetAsync(HttpContext context)
    {
        var name = (string)context.GetRouteValue("model")!;
        var chains = context.Service<ChainHolder>().Current;
        var chain = chains.Find(name)
            ?? throw new ProblemException(
                ProblemTypes.AgentNotFound, $"There is no model '{name}'. Models are agents: {string.Join(", ", chains.Chains.Select(c => c.Agent.Name))}.");
        return context.WriteAsync(200, ToModel(chain), WireJson.Default.Model);
    }

    // An agent has no time of creation, and a constant does not suggest one.
    private static Model ToModel(Chain chain) => new(chain.Agent.Name, "model", Created: 0, "pluginhost");
}
