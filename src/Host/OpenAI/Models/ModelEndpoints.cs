using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Models;

/// <summary>The agents, as models, with their aliases.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenAICall("GET", "/v1/models", ListAsync);
        routes.MapOpenAICall("GET", "/v1/models/{**model}", GetAsync);
    }

    private static Task ListAsync(HttpContext context) =>
        context.WriteAsync(200, new ModelList("list", [.. context.Service<ChainHolder>().Current.Chains.SelectMany(NamesOf).Select(ToModel)]), WireJson.Default.ModelList);

    private static Task GetAsync(HttpContext context)
    {
        var name = (string)context.GetRouteValue("model")!;
        var chains = context.Service<ChainHolder>().Current;
        var chain = chains.Find(name)
            ?? throw new ProblemException(
                ProblemTypes.AgentNotFound, $"There is no model '{name}'. Models are agents: {string.Join(", ", chains.Chains.Select(c => c.Agent.Name))}.");
        return context.WriteAsync(200, ToModel(NamesOf(chain).Contains(name) ? name : chain.Agent.Name), WireJson.Default.Model);
    }

    /// <summary>The agent's name and its aliases, without those that cover many names.</summary>
    private static IEnumerable<string> NamesOf(Chain chain) => chain.Agent.Aliases.Where(a => a[^1] != '*').Prepend(chain.Agent.Name);

    // An agent has no time of creation, and a constant does not suggest one.
    private static Model ToModel(string name) => new(name, "model", Created: 0, "pluginhost");
}
