using PluginHost.Engine.Runs.Admission;
using PluginHost.Http;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI;

/// <summary>Refuses what a request asks for beside the message, where the chain of the agent would not see it, or could not act on it.</summary>
internal static class AnswerExtras
{
    /// <summary>The tokens of an answer show its text as the model wrote it, past middleware that changes it.</summary>
    public static void CheckLogProbabilities(HttpContext context, string? agent, InputErrors errors, string path)
    {
        if (errors.Count > 0) return;
        using var lease = context.Service<RunEngine>().LeaseModel(agent);
        if (lease.Bypassed.FirstOrDefault() is { } middleware)
            errors.Add(path, $"The tokens would show what the middleware '{middleware.SourceId}' of the agent changes.", "an agent without middleware", InputErrors.Unsupported);
        else CheckServer(lease, errors, path);
    }

    /// <summary>A chain acts on one answer: its tools would run for the first choice alone, and a session holds one.</summary>
    public static void CheckChoices(HttpContext context, string? agent, InputErrors errors, string? session)
    {
        const string Path = "n";
        if (errors.Count > 0) return;
        using var lease = context.Service<RunEngine>().LeaseModel(agent);
        if (session is not null)
            errors.Add(Path, "A session holds one answer to each request.", "1, or a request without a session", InputErrors.Unsupported);
        else if (lease.Chain.Plugins.FirstOrDefault(static p => p.History is null || p.Kinds.Count > 1) is { } plugin)
            errors.Add(Path, $"The plugin '{plugin.SourceId}' of the agent acts on one answer.", "1, or an agent that has histories alone", InputErrors.Unsupported);
        else CheckServer(lease, errors, Path);
    }

    private static void CheckServer(ModelLease lease, InputErrors errors, string path)
    {
        if (lease.Chain.Server is null)
            errors.Add(path, $"The agent's client '{lease.Chain.Agent.Model.Client}' does not have this.", "an agent with the client openai", InputErrors.Unsupported);
    }
}
