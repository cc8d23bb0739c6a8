using PluginHost.Engine.Chains;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Makes what the chain gets of a run.</summary>
internal static class RequestFactory
{
    public static RunRequest Create(RunContext run) => new()
    {
        Session = run.Session,
        RunId = run.Record.Id,
        Agent = run.Record.Agent,
        Attempt = run.Record.Attempt,
        Input = InputMessages.Protect(run.Input),
        Instructions = Join(run.Chain.Agent.Instructions, run.Command.Instructions),
        Tools = run.Command.CallerTools.Count == 0 ? [] : [.. run.Command.CallerTools.Select(t => new RunTool { Tool = t })],
        Options = run.Command.Options,
        MaxInputTokens = run.Chain.Budget.InputFor(run.Command.Options),
        Metadata = run.Record.Metadata,
        User = run.Command.NamedUser,
        IsDryRun = run.IsDryRun,
        Output = run.Handle.Delivery.Output,
    };

    private static string? Join(string? first, string? second) =>
        string.IsNullOrEmpty(first) ? second : string.IsNullOrEmpty(second) ? first : $"{first}\n{second}";
}
