using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using PluginHost.Mcp.Servers;
using PluginHost.Sdk;

namespace PluginHost.Mcp.Tools;

/// <summary>A tool of a server. Thread-safe.</summary>
internal sealed class McpTool : AIFunction
{
    private readonly McpServer _server;
    private readonly McpClientTool _tool;
    private readonly ToolResults _results;
    private readonly PluginContext _context;

    public McpTool(McpServer server, McpClientTool tool, ToolResults results, PluginContext context)
    {
        (_server, _tool, _results, _context) = (server, tool, results, context);
        Name = NameForModel(server.Options.Prefix + tool.ProtocolTool.Name);
        AdditionalProperties = Hints(tool.ProtocolTool.Annotations);
    }

    public override string Name { get; }

    public override string Description => _tool.ProtocolTool.Description ?? "";

    public override JsonElement JsonSchema => _tool.ProtocolTool.InputSchema;

    /// <summary>
    /// What the server says of the tool, under the names of the protocol: <c>readOnlyHint</c>, <c>destructiveHint</c>, <c>idempotentHint</c>,
    /// <c>openWorldHint</c>. A tool that only reads, or is idempotent, may be called again after a crash.
    /// </summary>
    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; }

    /// <summary>Whether calls need a person's approval. Without hints, the protocol takes a tool for one that changes and destroys.</summary>
    public bool NeedsApproval(McpApproval approval) => approval switch
    {
        McpApproval.Changing => !Says("readOnlyHint", true),
        McpApproval.Destructive => !Says("readOnlyHint", true) && !Says("destructiveHint", false),
        _ => false,
    };

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            var result = await ServerCall.AskAsync(
                _server, $"The tool '{_tool.ProtocolTool.Name}'", arguments, (connection, limit) => CallAsync(connection, arguments, limit), cancellationToken);
            return result.IsError == true ? ServerCall.Failed(_results.Convert(result)) : _results.Convert(result);
        }
        catch (McpProtocolException refused)
        {
            return ServerCall.Refused("The tool", refused, _results);
        }
    }

    private Task<CallToolResult> CallAsync(ServerConnection connection, AIFunctionArguments arguments, CallLimit limit) =>
        connection.Client.CallToolAsync(_tool.ProtocolTool.Name, arguments, new Progress(this, limit, Activity.Current), cancellationToken: limit.Token).AsTask();

    private bool Says(string hint, bool value) => AdditionalProperties.GetValueOrDefault(hint) is bool said && said == value;

    /// <summary>Models take only letters, digits, hyphens and underscores, and up to 64 of them.</summary>
    private static string NameForModel(string name) =>
        string.Concat(name.Take(64).Select(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));

    private static Dictionary<string, object?> Hints(ToolAnnotations? annotations)
    {
        // A server that adds a tool must not fail the runs of agents that have one of this name.
        var hints = new Dictionary<string, object?>(StringComparer.Ordinal) { [ContextContribution.OptionalTool] = true };
        Add("readOnlyHint", annotations?.ReadOnlyHint);
        Add("destructiveHint", annotations?.DestructiveHint);
        Add("idempotentHint", annotations?.IdempotentHint);
        Add("openWorldHint", annotations?.OpenWorldHint);
        if (annotations is { ReadOnlyHint: true } or { IdempotentHint: true }) hints[RepeatableToolAttribute.Property] = true;
        return hints;

        void Add(string name, bool? value)
        {
            if (value is { } given) hints[name] = given;
        }
    }

    private void Report(ProgressNotificationValue progress, Activity? span)
    {
        var text = progress.Message ?? string.Create(CultureInfo.InvariantCulture, $"{progress.Progress}/{progress.Total}");
        span?.AddEvent(new ActivityEvent("progress", tags: new ActivityTagsCollection { ["progress"] = progress.Progress, ["total"] = progress.Total }));
        Log.Progress(_context.Logger, _tool.ProtocolTool.Name, _server.Name, text);
    }

    /// <summary>Called on a thread of the connection, where the span of the call is not the current one.</summary>
    private sealed class Progress(McpTool tool, CallLimit limit, Activity? span) : IProgress<ProgressNotificationValue>
    {
        private const int MaxEvents = 100;

        private int _reports;

        public void Report(ProgressNotificationValue value)
        {
            limit.Renew();
            tool.Report(value, Interlocked.Increment(ref _reports) <= MaxEvents ? span : null);
        }
    }
}
