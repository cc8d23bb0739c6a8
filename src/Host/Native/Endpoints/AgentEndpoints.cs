using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Hosting;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Native.Resources;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native.Endpoints;

/// <summary>List and read agents.</summary>
internal static class AgentEndpoints
{
    public static void MapAgents(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/v1/agents", ListAsync, "listAgents", "Lists the agents.")
            .Gives(200, typeof(ListResource<AgentResource>)).Refuses(400);
        routes.MapCall("GET", "/v1/agents/{name}", GetAsync, "getAgent", "Reads an agent: its model and its chain; for admins with options, where they come from, and calls.")
            .Gives(200, typeof(AgentResource)).Refuses(400, 404);
    }

    private static Task ListAsync(HttpContext context)
    {
        context.ReadNothing();
        var (view, isAdmin) = (new ConfigurationView(context.Service<HostRuntime>()), Tenancy.IsAdmin(context));
        var agents = context.Service<ChainHolder>().Current.Chains.Select(c => view.Read(c, isAdmin)).ToList();
        return context.WriteAsync(200, new ListResource<AgentResource>(agents, HasMore: false), ApiJson.Default.ListResourceAgentResource);
    }

    private static Task GetAsync(HttpContext context)
    {
        context.ReadNothing();
        var name = (string)context.GetRouteValue("name")!;
        var chains = context.Service<ChainHolder>().Current;
        var chain = chains.Find(name)
            ?? throw new ProblemException(
                ProblemTypes.AgentNotFound, $"There is no agent '{name}'. Agents: {string.Join(", ", chains.Chains.Select(c => c.Agent.Name))}.");
        var agent = new ConfigurationView(context.Service<HostRuntime>()).Read(chain, Tenancy.IsAdmin(context));
        return context.WriteAsync(200, agent, ApiJson.Default.AgentResource);
    }
}
