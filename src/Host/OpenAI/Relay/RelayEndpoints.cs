using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;

namespace PluginHost.OpenAI.Relay;

/// <summary>
/// <c>/v1/embeddings</c>, <c>/v1/moderations</c> and the older <c>/v1/completions</c>: passed through to the server of the agent's model.
/// They are no runs: there is no session, and no plugin of the chain takes part.
/// </summary>
internal static class RelayEndpoints
{
    public static void MapRelay(this IEndpointRouteBuilder routes)
    {
        Map("/embeddings", ModelOperation.Embeddings);
        Map("/moderations", ModelOperation.Moderation);
        Map("/completions", ModelOperation.TextCompletion);

        void Map(string path, ModelOperation operation) => routes.MapOpenAICall("POST", $"/v1{path}", context => RelayAsync(context, path, operation));
    }

    private static async Task RelayAsync(HttpContext context, string path, ModelOperation operation)
    {
        var errors = new InputErrors();
        IdempotencyHeader.Refuse(context.Request, errors);
        var body = await RelayBody.ReadAsync(context, errors);
        errors.ThrowIfAny();
        context.BecomeStreamIf(body.IsStreamed);
        using var lease = context.Service<RunEngine>().LeaseModel(body.Agent);
        var server = ServerOf(lease, path);
        var call = new ObservedModelCall(operation, lease.Chain.Agent.Name, server.Metadata) { IsStreamed = body.IsStreamed };
        await new AnswerRelay(context, server, path).SendAsync(body.WithModel(server.Metadata.DefaultModelId), call);
    }

    /// <exception cref="ProblemException">400: the agent cannot answer such a call, or must not.</exception>
    private static IModelServer ServerOf(ModelLease lease, string path)
    {
        var agent = lease.Chain.Agent;
        if (lease.Bypassed.Select(p => p.SourceId).ToList() is { Count: > 0 } middleware)
        {
            throw Unsupported(
                $"/v1{path} passes through to the model's server, past the middleware of the agent '{agent.Name}' ({string.Join(", ", middleware)}). Use an agent without middleware.");
        }

        return lease.Chain.Server
            ?? throw Unsupported($"The model of the agent '{agent.Name}' (Model:Client {agent.Model.Client}) has no {path}. Use an agent with the client openai.");
    }

    private static ProblemException Unsupported(string detail) => new(OpenAIProblemTypes.UnsupportedEndpoint, detail);
}
