using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Mcp.Servers;
using PluginHost.Mcp.Tools;
using PluginHost.Sdk;

namespace PluginHost.Mcp;

/// <summary>
/// Gives the model the tools of MCP servers. A server is connected when the host starts, and stays connected across runs and reloads. A
/// server that cannot be reached fails no run: its tools are missing, and the instructions say so.
/// </summary>
public sealed class McpProvider : IContextProvider, IPluginLifecycle, IPluginHealth, ISessionCleanup
{
    private static readonly TimeSpan StartWait = TimeSpan.FromSeconds(5);

    private readonly McpOptions _options;
    private readonly PluginContext _context;
    private readonly McpServer[] _servers;
    private readonly ToolFilter _filter;
    private readonly ToolResults _results;
    private readonly AIFunction[] _own;
    private Offer _offer = new([], [], "");

    /// <summary>Creates an instance; called by the host. The servers are connected in the background from now on.</summary>
    /// <param name="options">The servers, and which of their tools to offer.</param>
    /// <param name="context">The host's services.</param>
    public McpProvider(McpOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        (_options, _context) = (options, context);
        _filter = new ToolFilter(options.Allow, options.Deny);
        _results = new ToolResults(options.MaxResultChars);
        var declared = options.Servers ?? new Dictionary<string, McpServerOptions>();
        _servers = [.. declared.Where(s => options.Use?.Contains(s.Key) != false).Select(s => Share(s.Key, s.Value, context))];
        _own =
        [
            .. options.Resources && _servers.Length > 0 ? ResourceFunctions.Create(_servers, _results) : [],
            .. options.Prompts && _servers.Length > 0 ? PromptFunctions.Create(_servers, _results) : [],
        ];
    }

    /// <summary>
    /// Waits until each server has been tried once, at most five seconds. A server that fails or hangs does not keep the host from starting;
    /// its tools come when it answers.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when the start is cancelled.</param>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_servers.Select(s => s.WaitForFirstTryAsync(cancellationToken))).WaitAsync(StartWait, _context.TimeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The connection is made in the background.
        }
    }

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var offer = GetOffer();
        return new(new ContextContribution { Tools = offer.Tools, Instructions = offer.Instructions.Length == 0 ? null : offer.Instructions });
    }

    /// <inheritdoc/>
    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var down = _servers.Select(s => (s.Name, s.State.Error)).Where(s => s.Error is not null).Select(s => $"'{s.Name}': {s.Error}").ToList();
        return new(down.Count == 0 ? PluginHealth.Healthy : PluginHealth.Degraded($"MCP servers are not available, and their tools are missing: {string.Join(" ", down)}"));
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken)
    {
        var ended = 0;
        foreach (var server in _servers) ended += await server.EndSessionAsync(session) ? 1 : 0;
        return ended;
    }

    /// <summary>Entries with the same server share its connection, also those of the next configuration.</summary>
    private static McpServer Share(string name, McpServerOptions options, PluginContext context)
    {
        var text = JsonSerializer.Serialize(new
        {
            name,
            options.Command,
            options.Arguments,
            options.WorkingDirectory,
            options.Endpoint,
            options.Prefix,
            options.PerSession,
            options.ConnectLimit,
            options.CallLimit,
            Environment = options.Environment?.ToDictionary(e => e.Key, e => e.Value.Reveal()),
            Headers = options.Headers?.ToDictionary(e => e.Key, e => e.Value.Reveal()),
            OAuth = options.OAuth is { } o ? new { o.TokenEndpoint, o.ClientId, Secret = o.ClientSecret.Reveal(), o.Scope } : null,
        });
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return context.Share(key, () => new McpServer(name, options, context));
    }

    /// <summary>What runs get. It is made again only when a server's state has changed.</summary>
    private Offer GetOffer()
    {
        var states = Array.ConvertAll(_servers, static s => s.State);
        var offer = Volatile.Read(ref _offer);
        if (offer.States.AsSpan().SequenceEqual(states)) return offer;
        offer = MakeOffer(states);
        Volatile.Write(ref _offer, offer);
        return offer;
    }

    private Offer MakeOffer(ServerState[] states)
    {
        var tools = new List<AIFunction>(_own);
        var owners = _own.ToDictionary(t => t.Name, _ => "the plugin", StringComparer.Ordinal);
        var instructions = new List<string>();
        for (var i = 0; i < _servers.Length; i++)
        {
            var (server, state) = (_servers[i], states[i]);
            foreach (var tool in state.Tools.Where(t => _filter.Allows(server.Name, t.ProtocolTool.Name)))
            {
                var offered = new McpTool(server, tool, _results, _context);
                if (owners.TryAdd(offered.Name, server.Name)) tools.Add(offered.NeedsApproval(_options.Approve) ? new ApprovalRequiredAIFunction(offered) : offered);
                else Log.NameTaken(_context.Logger, offered.Name, server.Name, owners[offered.Name]);
            }

            if (_options.Instructions && !string.IsNullOrWhiteSpace(state.Instructions)) instructions.Add(state.Instructions);
            if (state.Error is not null) instructions.Add($"The tools of '{server.Name}' are not available at present.");
        }

        return new Offer(states, tools, string.Join('\n', instructions));
    }

    private sealed record Offer(ServerState[] States, IReadOnlyList<AIFunction> Tools, string Instructions);
}
