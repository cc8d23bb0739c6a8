using PluginHost.ModelClients.OpenAI;
using PluginHost.ModelClients.OpenAI.Entra;
using PluginHost.ModelServer.Identity;

namespace PluginHost.Tests.Models;

/// <summary>
/// A managed identity of one test. Azure.Identity reads the address of the identity's service from the process, and shares tokens in it: all
/// tests have one server, and each test its identity.
/// </summary>
internal sealed class ManagedIdentity
{
    private static readonly Lazy<Task<IdentityServer>> Shared = new(StartAsync);

    private readonly IdentityServer _server;

    private ManagedIdentity(IdentityServer server) => _server = server;

    public Guid ClientId { get; } = Guid.NewGuid();

    /// <summary>The tokens that it was asked for.</summary>
    public IReadOnlyList<string> Tokens => [.. _server.GetRequests(ClientId).Select(r => r.Token)];

    /// <summary>What the tokens were for.</summary>
    public IEnumerable<string> Resources => _server.GetRequests(ClientId).Select(r => r.Resource);

    public static async Task<ManagedIdentity> CreateAsync(params IdentityReply[] replies)
    {
        var identity = new ManagedIdentity(await Shared.Value);
        foreach (var reply in replies) identity._server.Enqueue(identity.ClientId, reply);
        return identity;
    }

    /// <summary>Changes options so that this identity is used.</summary>
    public OpenAIOptions Use(OpenAIOptions options) => options with { Entra = new EntraOptions(ClientId: ClientId) };

    private static async Task<IdentityServer> StartAsync()
    {
        var server = await IdentityServer.StartAsync();
        Environment.SetEnvironmentVariable("IDENTITY_ENDPOINT", server.Endpoint);
        Environment.SetEnvironmentVariable("IDENTITY_HEADER", IdentityServer.Header);
        return server;
    }
}
