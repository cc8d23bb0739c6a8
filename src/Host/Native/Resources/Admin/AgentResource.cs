using System.ComponentModel;
using PluginHost.Engine.Plugins;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources.Admin;

internal sealed record AgentResource(
    string Name,
    [property: AllowedText("agent")] string Object,
    AgentModelResource Model,
    [property: Description("The chain as nested stages: each entry surrounds those after it, and the last one the model.")] IReadOnlyList<ChainEntryResource> Chain);

internal sealed record AgentModelResource(string Client, string? Model)
{
    [Description("For admins: the options of the client in force, secrets hidden.")]
    public IReadOnlyList<SettingResource>? Options { get; init; }
}

internal sealed record ChainEntryResource(
    string Plugin,
    [property: Description("The name of the entry, which is the plugin's unless a chain has it twice.")] string Name,
    [property: Description("Its kinds. One that has several loads first, then provides, and then wraps.")] string Kind,
    string Version)
{
    [Description("Whether the host added the entry, because the chain has no history.")]
    public bool? Added { get; init; }

    [Description("For admins: how the host treats the plugin.")]
    public IReadOnlyList<SettingResource>? Host { get; init; }

    [Description("For admins: the options of the plugin in force, secrets hidden.")]
    public IReadOnlyList<SettingResource>? Options { get; init; }

    [Description("For admins: its calls since its generation began to serve.")]
    public CallsResource? Calls { get; init; }
}

/// <summary>How calls went.</summary>
internal sealed record CallsResource(
    [property: Description("How many have ended. Not among them: appends that the session store commits with its own save.")] long Count,
    [property: Description("How many of them failed.")] long Errors,
    [property: Description("What 95 % of them took at most, in milliseconds, up to a quarter above. Of middleware its own time. Absent without calls.")] double? P95Ms,
    [property: Description("The same by operation.")] IReadOnlyList<OperationCallsResource> Operations)
{
    public static CallsResource From(CallStatistics calls)
    {
        var all = calls.All();
        return new(all.Count, all.Failures, Milliseconds(all), [.. calls.ByOperation().Select(o => new OperationCallsResource(o.Operation!.Name, o.Count, o.Failures, Milliseconds(o)))]);
    }

    private static double? Milliseconds(CallCounts counts) => counts.P95 is { } p95 ? Math.Round(p95.TotalMilliseconds, 3) : null;
}

internal sealed record OperationCallsResource([property: Description("For example `history.load`.")] string Operation, long Count, long Errors, double? P95Ms);
